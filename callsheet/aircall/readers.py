"""The reader that an entity needs."""

from __future__ import annotations

from datetime import datetime

from callsheet.aircall.client import AircallClient
from callsheet.aircall.list_reader import ListReader, ObjectReader, SnapshotReader
from callsheet.aircall.reading import Reader
from callsheet.aircall.span_reader import SpanReader
from callsheet.aircall.walk_reader import WalkReader
from callsheet.catalogue import entity_named
from callsheet.entity import Entity, Reading
from callsheet.errors import InvalidRequest
from callsheet.span import Span


def reader_for(
    client: AircallClient,
    entity: Entity,
    span: Span | None,
    *,
    bookmark: datetime | None = None,
    deep: bool = False,
    skip_until: datetime | None = None,
    now: datetime,
) -> Reader:
    """Return a reader of the entity.

    span: what to read of an entity with a start date; nothing to the others. bookmark: up to when
    changes have been read, for contacts.
    deep: read contacts whole all the same. skip_until: leave out windows of the span that end by
    then. now: the moment of the reading.
    Raises InvalidRequest when a dated entity comes without a span.
    """
    if entity.reading is Reading.SPAN:
        if span is None:
            raise InvalidRequest(message=f"{entity.label} need a start date. Choose one.")
        return SpanReader(client, entity, span, skip_until=skip_until, now=now)
    if entity.reading is Reading.WALK:
        return WalkReader(client, entity, bookmark=bookmark, deep=deep, now=now)
    if entity.reading is Reading.OBJECT:
        return ObjectReader(client, entity, now)
    if entity.reading is Reading.SNAPSHOT:
        return SnapshotReader(client, entity, entity_named("users"), now)
    return ListReader(client, entity, now)
