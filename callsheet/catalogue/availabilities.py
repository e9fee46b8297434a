"""User availabilities: who is available at the moment, or a history of it."""

from __future__ import annotations

from callsheet.columns import field, key, moment, removed_at
from callsheet.entity import Column, Entity, Kind, Private, Reading
from callsheet.schedule import Cadence, Schedule

_FIELDS = frozenset({"id", "availability"})
_STATUSES = frozenset({"available", "offline", "do_not_disturb", "in_call", "after_call_work"})

_EMAIL = Column(
    "email",
    "Agent email",
    field("email"),
    note="Their address.",
    width=190,
    private=Private.LEAVE_OUT,
)

HISTORY = Entity(
    name="user_availability_history",
    label="User availability history",
    help="One row for each stretch of time in which an agent had one status, as far as Callsheet "
    "looked: a change is seen at the next refresh.",
    path="/v1/users/availabilities",
    records_key="users",
    reading=Reading.SNAPSHOT,
    default_schedule=Schedule(Cadence.EVERY_15_MINUTES),
    known_fields=_FIELDS,
    known_values={"availability": _STATUSES},
    is_history=True,
    essential=("status", "minutes"),
    columns=(
        Column(
            "interval_id",
            "Interval ID",
            key("interval_id"),
            note="User ID and the UNIX second of From, joined by a dash.",
            width=150,
        ),
        Column("agent_id", "Agent ID", key("agent_id"), note="See Users."),
        Column("agent", "Agent", field("name"), note="Their name.", width=160),
        _EMAIL,
        Column(
            "status",
            "Status",
            field("availability"),
            note="As Aircall says; “not observed” where Callsheet did not look for a while.",
            width=130,
        ),
        Column(
            "from",
            "From",
            moment("from"),
            Kind.DATE_TIME,
            "When this status was first seen, in this spreadsheet's time zone.",
            150,
        ),
        Column(
            "to",
            "To",
            moment("to"),
            Kind.DATE_TIME,
            "When another status was seen; of the latest row, when Callsheet last looked.",
            150,
        ),
        Column("minutes", "Minutes", field("minutes"), Kind.DECIMAL, "From From to To.", 80),
    ),
)

USER_AVAILABILITIES = Entity(
    name="user_availabilities",
    label="User availabilities",
    help="One row an agent with the status of the moment (available, in a call, …), or a history "
    "of it that grows with each refresh.",
    path="/v1/users/availabilities",
    records_key="users",
    reading=Reading.SNAPSHOT,
    default_schedule=Schedule(Cadence.HOURLY),
    known_fields=_FIELDS,
    known_values={"availability": _STATUSES},
    layouts={"history": HISTORY},
    columns=(
        Column("id", "User ID", key("id"), note="Aircall's own number of the person."),
        Column("agent", "Agent", field("name"), note="Their name.", width=160),
        _EMAIL,
        Column(
            "status",
            "Status",
            field("availability"),
            note="available, offline, do_not_disturb, in_call, after_call_work, as Aircall says.",
            width=130,
        ),
        Column(
            "read_at",
            "Read at",
            moment("read_at"),
            Kind.DATE_TIME,
            "When Callsheet looked, in this spreadsheet's time zone.",
            150,
        ),
        removed_at(),
    ),
)
