"""THE TABLE: every entity that we import, one module each."""

from __future__ import annotations

from callsheet.catalogue.availabilities import USER_AVAILABILITIES
from callsheet.catalogue.calls import CALLS
from callsheet.catalogue.companies import COMPANIES
from callsheet.catalogue.contacts import CONTACTS
from callsheet.catalogue.numbers import NUMBERS
from callsheet.catalogue.tags import TAGS
from callsheet.catalogue.teams import TEAMS
from callsheet.catalogue.users import USERS
from callsheet.catalogue.webhooks import WEBHOOKS
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest

__all__ = ["CALLS", "ENTITIES", "USERS", "entity_named"]

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        CALLS,
        COMPANIES,
        CONTACTS,
        NUMBERS,
        TAGS,
        USER_AVAILABILITIES,
        USERS,
        TEAMS,
        WEBHOOKS,
    )
}
"""By name, in the order of the sidebar."""


def entity_named(name: str) -> Entity:
    """Return the entity. Raises InvalidRequest naming those there are."""
    try:
        return ENTITIES[name]
    except KeyError:
        raise InvalidRequest(
            message=f"There is no entity “{name[:40]}”. Choose one of: {', '.join(ENTITIES)}."
        ) from None
