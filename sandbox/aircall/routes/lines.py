"""Numbers and teams."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    list_records,
    single,
    unknown_id,
    world,
)
from sandbox.aircall.pages import ListStyle, PageRequest
from sandbox.aircall.records import (
    API,
    NUMBER,
    USER_IN_CALL,
    USER_IN_TEAM,
    Record,
    iso,
    project,
    seconds_of,
)

lines = Blueprint("lines", __name__, url_prefix="/v1")
NUMBERS = ListStyle("numbers", "/v1/numbers")
TEAMS = ListStyle("teams", "/v1/teams", carried=())


@lines.get("/numbers")
def list_numbers() -> Response:
    """Answer the lines, without their users; both ends belong to the window (a choice)."""
    asked = asked_for(NUMBERS)
    return list_records(NUMBERS, asked, numbers_inside(asked))


def numbers_inside(asked: PageRequest) -> list[Record]:
    """Return the lines created in a window."""
    here = world()
    here.now()
    return [
        project(number, NUMBER)
        for number in here.directory.numbers.values()
        if (asked.after is None or seconds_of(number["created_at"]) >= asked.after)
        and (asked.upto is None or seconds_of(number["created_at"]) <= asked.upto)
    ]


@lines.get("/numbers/<int:number_id>")
def get_number(number_id: int) -> Response:
    """Answer one line with its users."""
    here = world()
    here.now()
    number = here.directory.numbers.get(number_id)
    if number is None:
        return unknown_id("number", number_id)
    users = [
        project(user, USER_IN_CALL)
        for user in here.directory.users.values()
        if user["default_number_id"] == number_id
    ]
    return single("number", {**project(number, NUMBER), "users": users})


@lines.put("/numbers/<int:number_id>")
def update_number(number_id: int) -> Response:
    """Change a line; nothing dates the change."""
    desk, sent = world().directory, body_of_request()
    number = desk.numbers.get(number_id)
    if number is None:
        return unknown_id("number", number_id)
    allowed = ("name", "availability_status", "priority", "open", "messages")
    number.update({key: sent[key] for key in allowed if key in sent})
    desk.pinned.add(number_id)
    desk.forget_texts()
    return single("number", project(number, NUMBER))


@lines.get("/teams")
def list_teams() -> Response:
    """Answer the teams with their members."""
    return list_records(
        TEAMS, asked_for(TEAMS), list(map(as_listed, world().directory.teams.values()))
    )


@lines.get("/teams/<int:team_id>")
def get_team(team_id: int) -> Response:
    """Answer one team."""
    team = world().directory.teams.get(team_id)
    return single("team", as_listed(team)) if team else unknown_id("team", team_id)


@lines.post("/teams")
def create_team() -> Response:
    """Create an empty team; names are unique and at most 64 characters."""
    here = world()
    name = body_of_request().get("name", "")
    teams = here.directory.teams
    if not 0 < len(name) <= 64 or any(team["name"] == name for team in teams.values()):
        return bad_request("name is missing, too long or taken")
    team_id = max(teams, default=268_100) + 1
    link = f"{API}/v1/teams/{team_id}"
    created = iso(here.now())
    team = {"id": team_id, "name": name, "direct_link": link, "created_at": created, "users": []}
    teams[team_id] = team
    return single("team", team)


@lines.delete("/teams/<int:team_id>")
def delete_team(team_id: int) -> Response:
    """Delete a team without a trace."""
    desk = world().directory
    if desk.teams.pop(team_id, None) is None:
        return unknown_id("team", team_id)
    desk.forget_texts()
    return answer("", 204)


@lines.post("/teams/<int:team_id>/users/<int:user_id>", defaults={"joins": True})
@lines.delete("/teams/<int:team_id>/users/<int:user_id>", defaults={"joins": False})
def change_membership(team_id: int, user_id: int, joins: bool) -> Response:
    """Let a user join or leave a team, without a trace."""
    desk = world().directory
    team = desk.teams.get(team_id)
    if team is None or user_id not in desk.users:
        return unknown_id("team or user", team_id)
    team["users"] = [mate for mate in team["users"] if mate != user_id]
    if joins:
        team["users"].append(user_id)
    return single("team", as_listed(team))


def as_listed(team: Record) -> Record:
    """Return a team as the API shows it: members in full, but for their `available` flag."""
    users = world().directory.users
    members = [project(users[mate], USER_IN_TEAM) for mate in team["users"] if mate in users]
    return {**team, "users": members}
