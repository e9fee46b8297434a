"""Everything but the calls: the documents of people, lines, teams, tags, contacts, webhooks."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.aircall import records as shapes
from sandbox.aircall.greetings import default_messages
from sandbox.aircall.presence import Presence
from sandbox.aircall.records import Record, compact, project

Table = dict[int, Record]
# Kinds of cached JSON: the first change by the minute, the others by hand only.
_MOVING = ("call user", "short user", "number")
_RESTING = ("team", "contact", "tag")
_LANGUAGES = {"FR": "fr", "DE": "de"}


class Directory:
    """Tables by id, and cached JSON text of the parts that calls embed."""

    def __init__(self, company: str, presence: Presence) -> None:
        self.company = company
        self.presence = presence
        self.users: Table = {}
        self.numbers: Table = {}
        self.teams: Table = {}
        self.tags: Table = {}
        self.contacts: Table = {}
        self.webhooks: Table = {}
        # Values that an admin or a samples folder has fixed: they no longer move by themselves.
        self.availabilities: dict[int, str] = {}
        self.pinned: set[int] = set()
        self.greetings: dict[int, Record] = {}
        self._texts: dict[str, dict[int, str]] = {kind: {} for kind in (*_MOVING, *_RESTING)}
        self._minute = -1

    def settle(self, now: int) -> None:
        """Bring the moving fields (`available`, `open`) to the present minute."""
        if now // 60 == self._minute:
            return
        self._minute = now // 60
        for user in self.users.values():
            if user["id"] not in self.pinned:
                user["available"] = self.presence.is_available(user["id"], now)
        for number in self.numbers.values():
            is_open = self.presence.is_open(number["id"], now)
            if is_open is not None and number["id"] not in self.pinned:
                number["open"] = is_open
        for kind in _MOVING:
            self._texts[kind].clear()

    def forget_texts(self) -> None:
        """Drop the cached JSON; to be called after every edit."""
        for texts in self._texts.values():
            texts.clear()

    def availability(self, user_id: int, now: int) -> str:
        """Return the availability of a person at the present read."""
        fixed = self.availabilities.get(user_id)
        return fixed or self.presence.availability(user_id, now)

    def user_in_call(self, user_id: int) -> str:
        """Return the JSON of a person inside a call, null if the person was deleted."""
        return self._text("call user", user_id, self.users, _user_in_call)

    def user_short(self, user_id: int) -> str:
        """Return the JSON of an author inside a comment or tag."""
        return self._text("short user", user_id, self.users, _user_short)

    def number_in_call(self, number_id: int) -> str:
        """Return the JSON of a line inside a call, null if the line was deleted."""
        return self._text("number", number_id, self.numbers, self._number_in_call)

    def team_in_call(self, team_id: int) -> str:
        """Return the JSON of a team inside a call."""
        return self._text("team", team_id, self.teams, _team_in_call)

    def contact_in_call(self, contact_id: int) -> str:
        """Return the JSON of a contact inside a call, null if the contact was deleted."""
        return self._text("contact", contact_id, self.contacts, dict)

    def tag_head(self, tag_id: int) -> str:
        """Return the id and name of a tag as JSON without braces, empty if it was deleted."""
        text = self._text("tag", tag_id, self.tags, _tag_head)
        return "" if text == "null" else text[1:-1]

    def _number_in_call(self, number: Record) -> Record:
        """Return a line as calls embed it: no priority, default greetings filled in."""
        messages = self.greetings.get(number["id"])
        if messages is None:
            language = _LANGUAGES.get(number["country"], "en")
            defaults = default_messages(language, number["country"])
            messages = {key: number["messages"].get(key) or url for key, url in defaults.items()}
        changed = {"priority": None, "messages": messages, "flow_editor_enabled": True}
        return project({**number, **changed}, shapes.NUMBER_IN_CALL)

    def _text(
        self, kind: str, record_id: int, table: Table, shape: Callable[[Record], Record]
    ) -> str:
        texts = self._texts[kind]
        text = texts.get(record_id)
        if text is None:
            record = table.get(record_id)
            text = texts[record_id] = "null" if record is None else compact(shape(record))
        return text


def _user_in_call(user: Record) -> Record:
    return project(user, shapes.USER_IN_CALL)


def _user_short(user: Record) -> Record:
    return project(user, shapes.USER_SHORT)


def _team_in_call(team: Record) -> Record:
    return project(team, shapes.TEAM)


def _tag_head(tag: Record) -> Record:
    return project(tag, ("id", "name"))
