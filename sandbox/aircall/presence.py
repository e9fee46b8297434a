"""Who is at work: availabilities that move from read to read, and lines that open and close."""

from __future__ import annotations

from sandbox.aircall.draws import Dice
from sandbox.aircall.lines import LINES, local_hour, pattern_of
from sandbox.aircall.staff import NUMBER_IDS, Agent, Staff

AVAILABILITIES = ("available", "offline", "do_not_disturb", "in_call", "after_call_work")
_AT_WORK = ("available",) * 8 + ("in_call",) * 6 + ("after_call_work",) * 2 + ("do_not_disturb",)
_STEP_SECONDS = 20


class Presence:
    """The moment's view of people and lines; each read of availabilities moves it on."""

    def __init__(self, seed: int, staff: Staff) -> None:
        self._dice = Dice(seed, "presence")
        self._agents = {agent.id: agent for agent in staff.agents}
        self.reads = 0

    def availability(self, user_id: int, now: int) -> str:
        """Return what a person does now; new people are offline until they sign in."""
        agent = self._agents.get(user_id)
        if agent is None or not _on_shift(agent, now):
            return "offline"
        # The read counter is part of the draw: two reads in one second differ, too.
        moment = now // _STEP_SECONDS + self.reads * 7919
        draw = self._dice.unit(moment * 104_729 + user_id)
        return _AT_WORK[int(draw * len(_AT_WORK))]

    def is_available(self, user_id: int, now: int) -> bool:
        """Return the `available` flag, which moves by the minute and not by the read."""
        agent = self._agents.get(user_id)
        if agent is None:
            return False
        return _on_shift(agent, now) and self._dice.unit(now // 60 * 31 + user_id) < 0.7

    def is_open(self, number_id: int, now: int) -> bool | None:
        """Say whether a line is open; None for a line that keeps no hours here."""
        place = number_id - NUMBER_IDS
        if not 0 <= place < len(LINES):
            return None
        return pattern_of(now // 3600).open_lines[place]


def _on_shift(agent: Agent, now: int) -> bool:
    return agent.works_at(local_hour(agent.record["time_zone"], now // 3600))
