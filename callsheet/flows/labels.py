"""What a data flow is called, and the titles of its tab: pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from callsheet.data_flow import DataFlow
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest
from callsheet.sheets.titles import free_title

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
LONGEST_LABEL = 100


def label_of(flow: DataFlow, entity: Entity) -> str:
    """Return the label that a person chose, or “Aircall – Calls – <tab>”.

    A tab that is already called so, like “Aircall – Calls (2)”, says it all.
    """
    if flow.label is not None:
        return flow.label
    shaped = (entity.layouts or {}).get(flow.options.layout or "", entity)
    usual, tab = shaped.default_tab_title, flow.tab_title or ""
    if not tab:
        return usual
    rest = tab[len(usual) :]
    if tab.casefold().startswith(usual.casefold()) and not rest[:1].isalnum():
        return tab
    return f"{usual} – {tab}"


def check_label(text: str) -> str | None:
    """Return a chosen label in one line; None for an empty one: labelled by itself again.

    Raises InvalidRequest when it is too long.
    """
    label = " ".join(text.split())
    if len(label) > LONGEST_LABEL:
        raise InvalidRequest(
            message=f"The label is too long. Shorten it to {LONGEST_LABEL} characters."
        )
    return label or None


def check_name(name: str) -> str:
    """Return the name. Raises InvalidRequest when it is not in its form."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidRequest(
            message=f"“{name[:40]}” cannot be the name of a flow. Use small letters, digits and "
            f"single hyphens, at most {LONGEST_NAME} characters, for example calls-support."
        )
    return name


def free_name(entity: Entity, taken: Collection[str], base: str | None = None) -> str:
    """Return a name that no flow of the connection has: calls, calls-2, calls-3."""
    usual = base or entity.name.replace("_", "-")
    usual = usual[: LONGEST_NAME - 6].rstrip("-")
    name, number = usual, 1
    while name in taken:
        number += 1
        name = f"{usual}-{number}"
    return name


def usual_tab_title(entity: Entity, others: Iterable[DataFlow]) -> str:
    """Return the title to give a new tab by itself, with “ (2)” where another flow has that.

    entity: in the flow's layout.
    A tab that belongs to no flow is found out, and passed by, when the tab is made.
    """
    return free_title(entity.default_tab_title, list(_owners(others)))


def chosen_tab_title(wanted: str, others: Iterable[DataFlow]) -> str:
    """Return the title that a person wants for a new tab, as Sheets takes it.

    Raises InvalidRequest when it is the tab of another flow.
    """
    title = free_title(wanted, ())
    owner = _owners(others).get(title.casefold())
    if owner is not None:
        raise InvalidRequest(
            message=f"The tab “{title}” belongs to the import “{owner.name}”. Choose another "
            "title, or change that import."
        )
    return title


def _owners(flows: Iterable[DataFlow]) -> dict[str, DataFlow]:
    return {flow.tab_title.casefold(): flow for flow in flows if flow.tab_title}
