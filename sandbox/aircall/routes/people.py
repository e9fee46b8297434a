"""Users in both versions of the API, and their availabilities."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    list_records,
    message,
    refused,
    single,
    site,
    unknown_id,
    world,
)
from sandbox.aircall.pages import ListStyle, PageRequest
from sandbox.aircall.records import API, NUMBER, USER_V1, USER_V2, Record, iso, project, seconds_of

people = Blueprint("people", __name__)
V2 = ListStyle("users", "/v2/users")
V1 = ListStyle("users", "/v1/users")
AVAILABILITIES = ListStyle("users", "/v1/users/availabilities")
_OWN_FIELDS = (
    "name", "email", "language", "time_zone", "wrap_up_time", "availability_status", "extension",
    "default_number_id", "substatus", "state",
)  # fmt: skip


@people.get("/v2/users")
def list_users() -> Response:
    """Answer the users in their second version."""
    asked = asked_for(V2)
    return list_records(V2, asked, [as_v2(user) for user in users_inside(asked)])


@people.get("/v2/users/<user_id>")
def get_user(user_id: str) -> Response:
    """Answer one user, by id or by e-mail address."""
    user = _find(user_id)
    return single("user", as_v2(user)) if user else unknown_id("user", user_id)


@people.get("/v2/users/<user_id>/numbers")
def list_numbers_of_user(user_id: str) -> Response:
    """Answer the lines a user works on."""
    user, here = _find(user_id), world()
    if user is None:
        return unknown_id("user", user_id)
    style = ListStyle("numbers", f"/v2/users/{user_id}/numbers")
    mine = [n for n in here.directory.numbers.values() if n["id"] == user["default_number_id"]]
    return list_records(style, asked_for(style), [project(number, NUMBER) for number in mine])


@people.post("/v2/users")
def create_user() -> Response:
    """Create a user."""
    user = new_user(body_of_request())
    return single("user", as_v2(user)) if user else bad_request("email is missing or taken")


@people.put("/v2/users/<user_id>")
def update_user(user_id: str) -> Response:
    """Change a user."""
    user = _find(user_id)
    if user is None:
        return unknown_id("user", user_id)
    change_user(user, body_of_request())
    return single("user", as_v2(user))


@people.delete("/v1/users/<int:user_id>")
def delete_user(user_id: int) -> Response:
    """Delete a user, who vanishes from all past calls as well."""
    return answer("", 204) if remove_user(user_id) else unknown_id("user", user_id)


@people.get("/v1/users")
def list_users_v1() -> Response:
    """Answer the users in their first version, if it has not been switched off."""
    gone = _v1_is_gone()
    if gone is not None:
        return gone
    asked = asked_for(V1)
    return list_records(V1, asked, [project(user, USER_V1) for user in users_inside(asked)])


@people.get("/v1/users/<int:user_id>")
def get_user_v1(user_id: int) -> Response:
    """Answer one user in the first version, if it has not been switched off."""
    gone = _v1_is_gone()
    if gone is not None:
        return gone
    user = _find(str(user_id))
    return single("user", project(user, USER_V1)) if user else unknown_id("user", user_id)


@people.get("/v1/users/availabilities")
def list_availabilities() -> Response:
    """Answer what everybody is doing; it has changed by the next read."""
    asked = asked_for(AVAILABILITIES)
    world().directory.presence.reads += 1
    return list_records(AVAILABILITIES, asked, availability_records(asked))


@people.get("/v1/users/<int:user_id>/availability")
def get_availability(user_id: int) -> Response:
    """Answer what one person is doing, without its id."""
    here = world()
    if user_id not in here.directory.users:
        return unknown_id("user", user_id)
    here.directory.presence.reads += 1
    state = here.directory.availability(user_id, here.now())
    return answer(f'{{"availability":"{state}"}}')


def as_v2(user: Record) -> Record:
    """Return a user as the second version shows it."""
    return project({**user, "direct_link": f"{API}/v2/users/{user['id']}"}, USER_V2)


def availability_records(asked: PageRequest) -> list[Record]:
    """Return the list of availabilities as the last read has left them."""
    here = world()
    now = here.now()
    return [
        {"availability": here.directory.availability(user["id"], now), "id": user["id"]}
        for user in users_inside(asked)
    ]


def new_user(sent: Record) -> Record | None:
    """Add a user made of what was sent, None if the address cannot be used."""
    here = world()
    users = here.directory.users
    if not sent.get("email") or any(u["email"] == sent["email"] for u in users.values()):
        return None
    user_id = max(users, default=2_104_500) + 7
    user: Record = {
        "id": user_id,
        "name": sent.get("name") or f"{sent.get('first_name', '')} {sent.get('last_name', '')}",
        "email": sent["email"],
        "direct_link": f"{API}/v1/users/{user_id}",
        "language": "en-US",
        "created_at": iso(here.now()),
        "time_zone": "Etc/UTC",
        "state": "always_opened",
        "wrap_up_time": 0,
        "extension": f"{len(users) + 1:03d}",
        "availability_status": "available",
        "available": False,
        "default_number_id": None,
        "substatus": "always_opened",
    }
    users[user_id] = user
    change_user(user, sent)
    return user


def change_user(user: Record, sent: Record) -> None:
    """Change a user's fields; nothing dates the change."""
    user.update({key: sent[key] for key in _OWN_FIELDS if key in sent})
    world().directory.forget_texts()


def remove_user(user_id: int) -> bool:
    """Delete a user; say whether it existed."""
    desk = world().directory
    if desk.users.pop(user_id, None) is None:
        return False
    for team in desk.teams.values():
        team["users"] = [mate for mate in team["users"] if mate != user_id]
    desk.forget_texts()
    return True


def _find(user_id: str) -> Record | None:
    here = world()
    here.now()
    users = here.directory.users
    if user_id.isdigit():
        return users.get(int(user_id))
    return next((user for user in users.values() if user["email"] == user_id), None)


def users_inside(asked: PageRequest) -> list[Record]:
    """Return the users created in the window, both ends included (the real bounds are unknown)."""
    here = world()
    here.now()
    return [
        user
        for user in here.directory.users.values()
        if (asked.after is None or seconds_of(user["created_at"]) >= asked.after)
        and (asked.upto is None or seconds_of(user["created_at"]) <= asked.upto)
    ]


def _v1_is_gone() -> Response | None:
    switch = site().switches.v1_users
    if switch == "on":
        return None
    if switch == "410":
        return refused(410, "Gone", "This endpoint has been removed, use /v2/users")
    return message(404, "Not Found")
