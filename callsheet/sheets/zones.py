"""Pure: the time zone that a spreadsheet names."""

from __future__ import annotations

import logging
import re
from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)


def read_zone(name: str) -> ZoneInfo:
    """Return a spreadsheet's time zone: a CLDR name, or like GMT-07:00; UTC if it is neither."""
    offset = re.fullmatch(r"GMT([+-])0?([0-9]{1,2}):00", name)
    if offset:  # the signs of the Etc zones are the other way round
        name = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{offset[2]}"
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        log.warning("unknown_time_zone name=%r", name)
        return ZoneInfo("UTC")
