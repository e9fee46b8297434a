"""The calls of the company: invented and added, found by window, by filter and by id."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sandbox.aircall.call_text import CallWriter, Flags
from sandbox.aircall.directory import Directory
from sandbox.aircall.inventor import CALL_IDS, ID_STEP, Inventor
from sandbox.aircall.media import MediaLinks
from sandbox.aircall.overlay import CallEdit, Overlay
from sandbox.aircall.records import Record, compact
from sandbox.aircall.timetable import TimeTable
from sandbox.aircall.window import CallRef, Window

_PEOPLE = ("user", "assigned_to", "transferred_by", "transferred_to")
_ON_REQUEST = ("ivr_options_selected", "ai_voice_agents")


class CallBook:
    """Read calls as the API would answer them."""

    def __init__(
        self,
        table: TimeTable,
        inventor: Inventor,
        writer: CallWriter,
        directory: Directory,
        links: MediaLinks,
    ) -> None:
        self.table = table
        self.inventor = inventor
        self.overlay = Overlay()
        self._writer = writer
        self._directory = directory
        self._links = links
        self._spare = 0

    def window(self, after: int, upto: int, now: int) -> Window:
        """Return the calls with `after < started_at <= upto`."""
        self.overlay.settle(now)
        return Window(
            after,
            upto,
            now,
            table=self.table,
            inventor=self.inventor,
            overlay=self.overlay,
        )

    def find(self, call_id: int, now: int) -> CallRef | None:
        """Return where the call with an id is."""
        self.overlay.settle(now)
        if call_id in self.overlay.added:
            return CallRef(-1, call_id)
        index = self.inventor.index_of(call_id)
        if index is None or index >= self.table.count_upto(now) or self.overlay.is_gone(index):
            return None
        return CallRef(index)

    def id_of(self, ref: CallRef) -> int:
        """Return the id of a call."""
        return self.inventor.id_of(ref.index) if ref.added_id is None else ref.added_id

    def text(self, ref: CallRef, flags: Flags, now: int) -> str:
        """Return a call as JSON text."""
        if ref.added_id is not None:
            return compact(self.record(ref, flags, now))
        if self.overlay.edits and self.id_of(ref) in self.overlay.edits:
            return compact(self.record(ref, flags, now))
        return self._writer.write(self.inventor.facts(ref.index), flags, now)

    def texts(self, refs: list[CallRef], flags: Flags, now: int) -> Iterator[str]:
        """Return calls as JSON text, one after the other."""
        return (self.text(ref, flags, now) for ref in refs)

    def record(self, ref: CallRef, flags: Flags, now: int) -> Record:
        """Return a call as a document."""
        if ref.added_id is None:
            facts = self.inventor.facts(ref.index)
            call: Record = json.loads(self._writer.write(facts, flags, now))
        else:
            call = self._added(ref.added_id, flags, now)
        edit = self.overlay.edits.get(call["id"])
        return self._edited(call, edit, flags) if edit else call

    def started_at(self, ref: CallRef) -> int:
        """Return when a call was created."""
        if ref.added_id is None:
            return self.table.start_of(ref.index)
        return int(self.overlay.added[ref.added_id]["started_at"])

    def free_id(self, moment: int) -> int:
        """Return an unused call id that fits among the ids of a moment."""
        earlier = self.table.count_upto(moment)
        if earlier == 0 and self.overlay.added:
            return max(self.overlay.added) + 13
        call_id = CALL_IDS + (earlier - 1) * ID_STEP + 20
        last = call_id + ID_STEP - 40
        while call_id in self.overlay.added and call_id < last:
            call_id += 1
        if call_id < last:
            return call_id
        # More than a thousand calls added at one moment: any id out of everybody's way will do.
        self._spare += 1
        return CALL_IDS + (1 << 40) + self._spare

    def _added(self, call_id: int, flags: Flags, now: int) -> Record:
        stored = self.overlay.added[call_id]
        call = {key: value for key, value in stored.items() if key not in _ON_REQUEST}
        for key in ("recording", "voicemail"):
            if call[key]:
                call[key] = getattr(self._links, key)(call_id, call["sid"][2:], now)
            short = flags.short_urls and call[key]
            call[f"{key}_short_url"] = self._links.short(call["sid"][2:]) if short else None
        if flags.timeline:
            call["ivr_options_selected"] = stored.get("ivr_options_selected", [])
        if flags.aiva:
            call["ai_voice_agents"] = stored.get("ai_voice_agents", [])
        call["comments"], call["tags"] = list(call["comments"]), list(call["tags"])
        return self._joined(call, flags)

    def _edited(self, call: Record, edit: CallEdit, flags: Flags) -> Record:
        call.update(edit.fields)
        call["comments"] = [*call["comments"], *edit.comments][:5]
        known = {tag["id"] for tag in call["tags"]}
        call["tags"] += [tag for tag in edit.tags if tag["id"] not in known]
        call["tags"] = [tag for tag in call["tags"] if tag["id"] not in edit.untagged]
        return self._joined(call, flags)

    def _joined(self, call: Record, flags: Flags) -> Record:
        """Put documents in the place of ids."""
        desk = self._directory
        for key in _PEOPLE:
            if isinstance(call[key], int):
                call[key] = json.loads(desk.user_in_call(call[key]))
        if isinstance(call["number"], int):
            call["number"] = json.loads(desk.number_in_call(call["number"]))
        if isinstance(call["contact"], int):
            text = desk.contact_in_call(call["contact"]) if flags.contact else "null"
            call["contact"] = json.loads(text)
        call["teams"] = [
            json.loads(desk.team_in_call(team)) if isinstance(team, int) else team
            for team in call["teams"]
            if not isinstance(team, int) or team in desk.teams
        ]
        call["tags"] = [self._tag(tag) for tag in call["tags"] if tag["id"] in desk.tags]
        call["comments"] = [self._signed_by(item, "posted_by") for item in call["comments"]]
        return call

    def _tag(self, tag: Record) -> Record:
        return self._signed_by(
            {**tag, "name": self._directory.tags[tag["id"]]["name"]}, "tagged_by"
        )

    def _signed_by(self, item: Record, key: str) -> Record:
        if isinstance(item[key], int):
            return {**item, key: json.loads(self._directory.user_short(item[key]))}
        return item
