"""Numbers: one row a line of the account."""

from __future__ import annotations

from callsheet.columns import field, iso_moment, join, key, removed_at, to_e164
from callsheet.entity import Column, Entity, Kind, ReadContext, Reading, Record, Value, words
from callsheet.schedule import Cadence, Schedule


def _e164(record: Record, _context: ReadContext) -> Value:
    """The line's digits as + and digits."""
    digits, country = record.get("digits"), record.get("country")
    if not isinstance(digits, str):
        return None
    return to_e164(digits, country if isinstance(country, str) else None)


def _greetings(record: Record, _context: ReadContext) -> Value:
    """The names of the messages that are set; their addresses are of no use in a sheet."""
    messages = record.get("messages")
    if not isinstance(messages, dict):
        return None
    return join([name.replace("_", " ") for name, value in messages.items() if value], ", ")


NUMBERS = Entity(
    name="numbers",
    label="Numbers",
    help="One row a number (line) of your account: digits, country, opening hours setting.",
    path="/v1/numbers",
    records_key="numbers",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.DAILY),
    known_fields=words(
        "id direct_link name digits e164_digits created_at country time_zone open "
        "availability_status is_ivr live_recording_activated priority messages users"
    ),
    known_values={"availability_status": frozenset({"open", "custom", "closed"})},
    columns=(
        Column("id", "Number ID", key("id"), note="Aircall's own number of the line."),
        Column("name", "Name", field("name"), note="The line's name.", width=160),
        Column("digits", "Digits", field("digits"), note="As Aircall shows it.", width=140),
        Column(
            "e164",
            "Digits (E.164)",
            _e164,
            note="The same as + and digits, to match with other lists.",
            width=140,
        ),
        Column("country", "Country", field("country"), note="Two letters.", width=70),
        Column("time_zone", "Time zone", field("time_zone"), note="Of the line.", width=150),
        Column(
            "availability_status",
            "Opening hours",
            field("availability_status"),
            note="open: always. custom: by a timetable. closed: never.",
            width=110,
        ),
        Column(
            "recorded",
            "Calls recorded",
            field("live_recording_activated"),
            Kind.BOOLEAN,
            "Whether the recording of calls is switched on.",
            110,
        ),
        Column(
            "priority",
            "Priority",
            field("priority"),
            Kind.INTEGER,
            "1: calls of this line come first in the queue. 0: they do not.",
            70,
        ),
        Column(
            "greetings",
            "Greetings",
            _greetings,
            note="Which messages and tunes are set.",
            width=200,
        ),
        Column(
            "created_at",
            "Created at",
            iso_moment("created_at"),
            Kind.DATE_TIME,
            "When it was made, in this spreadsheet's time zone.",
            150,
        ),
        removed_at(),
    ),
)
