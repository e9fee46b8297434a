"""What grows on a call after its end: tags, comments, and the parts shown on request only."""

from __future__ import annotations

from sandbox.aircall.call_facts import CallFacts
from sandbox.aircall.directory import Directory
from sandbox.aircall.draws import pick
from sandbox.aircall.lines import LINES
from sandbox.aircall.names import COMMENTS, CUSTOM_TAGS
from sandbox.aircall.records import compact, iso
from sandbox.aircall.staff import CUSTOM_TAG_IDS, TAG_IDS, TEAM_IDS

TIMELINE_DAYS = 61
COMMENT_IDS = 152_000_000


class CallExtras:
    """Write the small lists of a call as JSON without their brackets."""

    def __init__(self, directory: Directory, team_of_line: tuple[int, ...]) -> None:
        self._directory = directory
        self._team_of_line = team_of_line

    def teams(self, facts: CallFacts) -> str:
        """Return the teams an inbound call rang at; lines without a queue have none."""
        if facts.numbers[21] % 4 == 0:
            return ""
        team = self._team_of_line[facts.line]
        others = [team, TEAM_IDS] if facts.numbers[21] % 19 == 0 and team != TEAM_IDS else [team]
        texts = map(self._directory.team_in_call, others)
        return ",".join(text for text in texts if text != "null")

    def tags(self, facts: CallFacts, now: int) -> str:
        """Return the tags set so far; a few come days after the call."""
        draw = facts.numbers[11]
        if draw % 100 >= 38:
            return ""
        head = 2 if draw % 9 == 0 else 1
        found = []
        for place in range(head):
            late = facts.numbers[16] * 6 if facts.numbers[16] % 20 == place else 0
            set_at = facts.course.ended_at + 20 + facts.numbers[12] % 540 + place * 13 + late
            if set_at <= now:
                found.append(self._tag(facts, draw // 100 + place, set_at))
        return ",".join(filter(None, found))

    def comments(self, facts: CallFacts, now: int) -> str:
        """Return the comments written so far; a few come days after the call."""
        draw = facts.numbers[13]
        if draw % 100 >= 13:
            return ""
        found = []
        for place in range(3 if draw % 31 == 0 else 1 + draw % 2):
            late = facts.numbers[16] * 5 if facts.numbers[16] % 25 == place else 0
            posted_at = facts.course.ended_at + 30 + facts.numbers[14] % 900 + place * 47 + late
            if posted_at <= now:
                found.append(self._comment(facts, draw // 100 + place, place, posted_at))
        return ",".join(found)

    def timeline(self, facts: CallFacts, now: int) -> str:
        """Return the key with the menu choices, nothing for calls of more than two months ago."""
        if facts.started_at < now - TIMELINE_DAYS * 86_400:
            return ""
        line = LINES[facts.line]
        if not line.is_ivr or facts.course.direction == "outbound":
            return ',"ivr_options_selected":[]'
        begin = iso(facts.started_at + 2)
        key = pick(("1", "2", "3", "fallback"), facts.numbers[23])
        token = facts.token
        choice = {
            "id": f"{token[:8]}-{token[8:12]}-4{token[13:16]}-a{token[17:20]}-{token[20:]}",
            "title": "Accueil" if key == "fallback" else f"Option {key}",
            "key": key,
            "branch": "default" if key == "fallback" else f"branch-{key}",
            "created_at": begin,
            "transition_started_at": begin,
            "transition_ended_at": iso(facts.started_at + 4),
        }
        return f',"ivr_options_selected":[{compact(choice)}]'

    def voice_agents(self, facts: CallFacts, now: int) -> str:
        """Return the key with the AI voice agents that took part: seldom one."""
        if facts.numbers[20] % 50 or facts.course.direction == "outbound":
            return ',"ai_voice_agents":[]'
        agent = {
            "agent_id": facts.token[:24],
            "agent_name": "Front desk",
            "end_reason": "escalated",
            "started_at": iso(facts.started_at),
            "ended_at": iso(min(now, facts.started_at + 3)),
            "escalation_reason": "caller asked for a person",
            "escalation_target": {"type": "team", "destination": LINES[facts.line].team},
        }
        return f',"ai_voice_agents":[{compact(agent)}]'

    def _tag(self, facts: CallFacts, draw: int, set_at: int) -> str:
        if draw % 12 == 0:
            tag = TAG_IDS + draw // 12 % 5
        else:
            tag = CUSTOM_TAG_IDS + draw % len(CUSTOM_TAGS)
        head = self._directory.tag_head(tag)
        if not head:
            return ""
        return f'{{{head},"created_at":{set_at},"tagged_by":{self._author(facts.user_id)}}}'

    def _comment(self, facts: CallFacts, draw: int, place: int, posted_at: int) -> str:
        content = pick(COMMENTS, draw).format(n=70_000 + draw)
        author = "null" if draw % 5 == 0 else self._author(facts.user_id)
        comment_id = COMMENT_IDS + (facts.id - 4_300_000_000) * 3 // 1009 + place
        return (
            f'{{"id":{comment_id},"content":{compact(content)},'
            f'"posted_by":{author},"posted_at":{posted_at}}}'
        )

    def _author(self, user_id: int | None) -> str:
        return "null" if user_id is None else self._directory.user_short(user_id)
