"""Write one call as the API's JSON, as it looks at a given moment."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.aircall.call_extras import CallExtras
from sandbox.aircall.call_facts import CallFacts
from sandbox.aircall.directory import Directory
from sandbox.aircall.media import MediaLinks
from sandbox.aircall.records import API
from sandbox.aircall.staff import NUMBER_IDS


@dataclass(frozen=True, slots=True)
class Flags:
    """What a reader has asked for beyond the plain call."""

    contact: bool = False
    short_urls: bool = False
    timeline: bool = False
    aiva: bool = False


class CallWriter:
    """Join the facts of calls with the company's documents.

    Text and not dictionaries: most of a call is people and lines, whose JSON is ready-made, and
    a page of fifty must cost next to nothing.
    """

    def __init__(self, directory: Directory, links: MediaLinks, extras: CallExtras) -> None:
        self._directory = directory
        self._links = links
        self._extras = extras

    def write(self, facts: CallFacts, flags: Flags, now: int) -> str:
        """Return the JSON of a call."""
        desk, call_id = self._directory, facts.id
        answered_at, ended_at = facts.course.answered_at, facts.course.ended_at
        inbound = facts.course.direction == "inbound"
        is_done, is_final = now >= ended_at, now >= facts.finalised_at
        is_answered = answered_at is not None and now >= answered_at
        started_at = facts.started_at + (1 if is_final and facts.shifts else 0)
        phone = facts.phone
        is_busy = is_answered or is_done or not inbound
        extra = self._extras
        return (
            f'{{"id":{call_id},"sid":"CA{facts.token}","direct_link":"{API}/v1/calls/{call_id}",'
            f'"direction":"{facts.course.direction}",'
            f'"status":"{"done" if is_done else "answered" if is_answered else "initial"}",'
            f'"missed_call_reason":{_quoted(facts.course.reason if is_done else None)},'
            f'"started_at":{started_at},"answered_at":{answered_at if is_answered else "null"},'
            f'"ended_at":{ended_at if is_done else "null"},'
            f'"duration":{_duration(facts, started_at, is_final=is_final) if is_done else 0},'
            f'"archived":{"true" if _is_past(facts.archived_at, now) else "false"},'
            f'"cost":"{facts.cost if is_final else "0.0"}",{self._media(facts, now)},'
            f'"raw_digits":"{phone.shown if phone else "anonymous"}",'
            f'"user":{self._user(facts.user_id) if is_busy else "null"},'
            f'"contact":{self._contact(facts) if flags.contact else "null"},'
            f"{self._moves(facts, now)},"
            f'"comments":[{extra.comments(facts, now) if is_done else ""}],'
            f'"number":{desk.number_in_call(NUMBER_IDS + facts.line)},'
            f'"teams":[{extra.teams(facts) if inbound else ""}],'
            f'"tags":[{extra.tags(facts, now) if is_done else ""}],'
            f"{self._short_urls(facts, flags, now)},"
            f'"country_code_a2":{_quoted(phone.country if phone else None)},'
            f'"pricing_type":{_quoted("in_bundle" if is_final and answered_at else None)}'
            f"{self._flagged(facts, flags, now)}}}"
        )

    def _user(self, user_id: int | None) -> str:
        return "null" if user_id is None else self._directory.user_in_call(user_id)

    def _contact(self, facts: CallFacts) -> str:
        if facts.contact_id is None:
            return "null"
        return self._directory.contact_in_call(facts.contact_id)

    def _media(self, facts: CallFacts, now: int) -> str:
        links, asset = self._links, f"https://assets.aircall.io/calls/{facts.id}"
        if _is_past(facts.recording_at, now):
            url = links.recording(facts.id, facts.token, now)
            return f'"voicemail":null,"recording":"{url}","asset":"{asset}/recording"'
        if _is_past(facts.voicemail_at, now):
            url = links.voicemail(facts.id, facts.token, now)
            return f'"voicemail":"{url}","recording":null,"asset":"{asset}/voicemail"'
        return '"voicemail":null,"recording":null,"asset":null'

    def _moves(self, facts: CallFacts, now: int) -> str:
        if facts.transfer is not None and now >= facts.course.ended_at:
            giver, taker = map(self._directory.user_in_call, facts.transfer)
            return f'"assigned_to":{taker},"transferred_by":{giver},"transferred_to":{taker}'
        assigned = "null"
        if facts.assigned is not None and now >= facts.assigned[1]:
            assigned = self._directory.user_in_call(facts.assigned[0])
        return f'"assigned_to":{assigned},"transferred_by":null,"transferred_to":null'

    def _short_urls(self, facts: CallFacts, flags: Flags, now: int) -> str:
        recording = voicemail = None
        if flags.short_urls and _is_past(facts.recording_at, now):
            recording = self._links.short(facts.token)
        elif flags.short_urls and _is_past(facts.voicemail_at, now):
            voicemail = self._links.short(facts.token)
        return (
            f'"recording_short_url":{_quoted(recording)},"voicemail_short_url":{_quoted(voicemail)}'
        )

    def _flagged(self, facts: CallFacts, flags: Flags, now: int) -> str:
        timeline = self._extras.timeline(facts, now) if flags.timeline else ""
        return timeline + (self._extras.voice_agents(facts, now) if flags.aiva else "")


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


def _is_past(moment: int | None, now: int) -> bool:
    return moment is not None and now >= moment


def _duration(facts: CallFacts, started_at: int, *, is_final: bool) -> int:
    # Right after the end the API is now and then a second off; finalisation corrects it.
    late = facts.miscounts and not is_final
    return facts.course.ended_at - started_at + (1 if late else 0)
