"""Users: one row a person of the account."""

from __future__ import annotations

from callsheet.columns import field, iso_moment, key, removed_at
from callsheet.entity import Column, Entity, Kind, Private, Reading, words
from callsheet.schedule import Cadence, Schedule

USERS = Entity(
    name="users",
    label="Users",
    help="One row a person of your account: name, e-mail, time zone, working hours setting.",
    path="/v2/users",
    fallback_path="/v1/users",
    records_key="users",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.DAILY),
    known_fields=words(
        "id name email direct_link language created_at time_zone state wrap_up_time extension "
        "availability_status available default_number_id substatus numbers"
    ),
    known_values={"availability_status": frozenset({"available", "custom", "unavailable"})},
    columns=(
        Column("id", "User ID", key("id"), note="Aircall's own number of the person."),
        Column("name", "Name", field("name"), note="As in Aircall.", width=160),
        Column(
            "email",
            "Email",
            field("email"),
            note="Their address.",
            width=190,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "available",
            "Available",
            field("available"),
            Kind.BOOLEAN,
            "Whether they could take a call when the list was read. See User availabilities.",
            80,
        ),
        Column(
            "availability_status",
            "Working hours",
            field("availability_status"),
            note="available: always. custom: by a timetable. unavailable: never.",
            width=110,
        ),
        Column(
            "substatus",
            "Reason",
            field("substatus"),
            note="Why they are not available, for example Out for lunch.",
            width=130,
        ),
        Column("extension", "Extension", field("extension"), note="Inside number.", width=80),
        Column("language", "Language", field("language"), note="For example en-US.", width=80),
        Column("time_zone", "Time zone", field("time_zone"), note="Of the person.", width=150),
        Column(
            "wrap_up_s",
            "Wrap-up (s)",
            field("wrap_up_time"),
            Kind.SECONDS,
            "Time after a call before the next one.",
            90,
        ),
        Column(
            "default_number_id",
            "Default number ID",
            key("default_number_id"),
            note="The line they call out from; see Numbers.",
            width=130,
        ),
        Column(
            "created_at",
            "Created at",
            iso_moment("created_at"),
            Kind.DATE_TIME,
            "When they were added, in this spreadsheet's time zone.",
            150,
        ),
        removed_at(),
    ),
)
