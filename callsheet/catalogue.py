"""THE TABLE: every entity that we import."""

from __future__ import annotations

from datetime import timedelta

from callsheet import call_columns as call
from callsheet.entity import Column, Cursor, Entity, Kind
from callsheet.errors import InvalidRequest

SIX_MONTHS = timedelta(days=180)
"""How far back Aircall answers calls: six months (API reference), a few days inside."""

CALLS = Entity(
    name="calls",
    label="Calls",
    help="One row a call: when, who, how it ended, how long people waited and talked.",
    path="/v1/calls",
    records_key="calls",
    parameters={"fetch_contact": "true"},
    cursor=Cursor("started_at", look_back=timedelta(hours=24)),
    retention=SIX_MONTHS,
    default_cadence="hourly",
    columns=(
        Column("id", "Call ID", call.key("id"), note="Aircall's own number of the call."),
        Column(
            "direction",
            "Direction",
            call.field("direction"),
            note="inbound: they called you. outbound: you called them.",
            width=90,
        ),
        Column(
            "outcome",
            "Outcome",
            call.outcome,
            note="answered; voicemail (not answered, a message was left); abandoned (the caller "
            "hung up first); missed (any other unanswered inbound call); unanswered outbound; "
            "in progress.",
            width=130,
        ),
        Column(
            "missed_reason",
            "Missed reason",
            call.field("missed_call_reason"),
            note="Aircall's reason for a missed inbound call.",
            width=160,
        ),
        Column(
            "started_at",
            "Started at",
            call.moment("started_at"),
            Kind.DATE_TIME,
            "When it began to ring, in this spreadsheet's time zone. Aircall may correct it by a "
            "second within minutes after the end.",
            150,
        ),
        Column(
            "answered_at",
            "Answered at",
            call.moment("answered_at"),
            Kind.DATE_TIME,
            "When somebody answered; empty if nobody did.",
            150,
        ),
        Column(
            "ended_at",
            "Ended at",
            call.moment("ended_at"),
            Kind.DATE_TIME,
            "When it ended; empty while it goes on.",
            150,
        ),
        Column(
            "waiting_s",
            "Waiting (s)",
            call.waiting_seconds,
            Kind.SECONDS,
            "Answered at minus Started at; Ended at minus Started at if nobody answered. Greetings "
            "and menus count, so it is not Aircall's own “time to answer” on lines that have them.",
            90,
        ),
        Column(
            "talking_s",
            "Talking (s)",
            call.talking_seconds,
            Kind.SECONDS,
            "Ended at minus Answered at; 0 if nobody answered.",
            90,
        ),
        Column(
            "total_s",
            "Total (s)",
            call.total_seconds,
            Kind.SECONDS,
            "Ended at minus Started at, ringing included.",
            90,
        ),
        Column(
            "agent",
            "Agent",
            call.field("user.name"),
            note="Who took or made the call. Aircall empties it on all past calls when the person "
            "is deleted.",
            width=150,
        ),
        Column(
            "agent_email", "Agent email", call.field("user.email"), note="Their address.", width=190
        ),
        Column("line", "Line", call.field("number.name"), note="The Aircall number.", width=150),
        Column(
            "line_number",
            "Line number",
            call.field("number.digits"),
            note="Its digits, as text.",
            width=140,
        ),
        Column(
            "caller_number",
            "Caller number",
            call.field("raw_digits"),
            note="The other party's number as Aircall shows it, or anonymous.",
            width=140,
        ),
        Column(
            "caller_number_e164",
            "Caller number (E.164)",
            call.number_e164,
            note="The same as + and digits, to match with other lists; empty if not a number.",
            width=150,
        ),
        Column(
            "country",
            "Country",
            call.field("country_code_a2"),
            note="Country of the other party, two letters.",
            width=70,
        ),
        Column(
            "contact",
            "Contact",
            call.contact_name,
            note="First and last name, if the number is in Aircall's shared contacts.",
            width=160,
        ),
        Column(
            "company",
            "Company",
            call.field("contact.company_name"),
            note="The contact's company.",
            width=160,
        ),
        Column(
            "teams",
            "Teams",
            call.joined("teams", "name"),
            note="Teams that the call was offered to (inbound only).",
            width=150,
        ),
        Column("tags", "Tags", call.joined("tags", "name"), note="Tags of the call.", width=150),
        Column(
            "comments",
            "Comments",
            call.joined("comments", "content", "\n"),
            Kind.PARAGRAPH,
            "Notes that agents left, oldest first, one a line.",
            220,
        ),
        Column(
            "assigned_to",
            "Assigned to",
            call.field("assigned_to.name"),
            note="Who the call is assigned to.",
            width=150,
        ),
        Column(
            "transferred_by",
            "Transferred by",
            call.field("transferred_by.name"),
            note="Who handed the call on.",
            width=150,
        ),
        Column(
            "transferred_to",
            "Transferred to",
            call.field("transferred_to.name"),
            note="Who it was handed to; of a team, Aircall names the first person.",
            width=150,
        ),
        Column(
            "archived",
            "Archived",
            call.field("archived"),
            Kind.BOOLEAN,
            "Whether the call was archived in Aircall.",
            80,
        ),
        Column(
            "cost_cents",
            "Cost (US cents)",
            call.cost_cents,
            Kind.DECIMAL,
            "What Aircall charged; arrives some minutes after the end.",
            100,
        ),
        Column(
            "media",
            "Recording or voicemail",
            call.media_link,
            Kind.LINK,
            "Permanent page, opens after signing in to Aircall. Links that expire are left out.",
            220,
        ),
        Column(
            "local_date",
            "Date",
            call.local_date,
            Kind.DATE,
            "Day of Started at, in this spreadsheet's time zone.",
            95,
        ),
        Column(
            "local_hour",
            "Hour",
            call.local_hour,
            Kind.INTEGER,
            "Hour of Started at, 0 to 23, in this spreadsheet's time zone.",
            60,
        ),
        Column(
            "local_weekday",
            "Weekday",
            call.local_weekday,
            note="Weekday of Started at, in this spreadsheet's time zone.",
            width=95,
        ),
    ),
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in (CALLS,)}
"""By name, in the order of the sidebar."""


def entity_named(name: str) -> Entity:
    """Return the entity. Raises InvalidRequest naming those there are."""
    try:
        return ENTITIES[name]
    except KeyError:
        raise InvalidRequest(
            message=f"There is no entity “{name[:40]}”. Choose one of: {', '.join(ENTITIES)}."
        ) from None
