"""Pure: titles of tabs, of which Sheets allows each but once in a file."""

from __future__ import annotations

import re
from collections.abc import Collection

_LONGEST_TITLE = 90  # characters; Sheets takes 100, and " (12)" may follow


def free_title(wanted: str, taken: Collection[str], end: str = "") -> str:
    """Return a tab title that no other tab has; Sheets compares titles without regard to case.

    end: what the title ends with, however long the wanted one is.
    """
    base = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", wanted).strip() or "Import"
    base = base[: _LONGEST_TITLE - len(end)] + end
    others = {title.casefold() for title in taken}
    title, number = base, 1
    while title.casefold() in others:
        number += 1
        title = f"{base} ({number})"
    return title
