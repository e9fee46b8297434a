"""Calls: one row a call."""

from __future__ import annotations

from datetime import timedelta

from callsheet import call_columns as call
from callsheet.columns import field, joined, key, moment
from callsheet.entity import Column, Cursor, Entity, Kind, Private, words
from callsheet.schedule import Cadence, Schedule

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
    default_schedule=Schedule(Cadence.HOURLY),
    known_fields=words(
        "id sid direct_link direction status missed_call_reason started_at answered_at ended_at "
        "duration archived cost voicemail recording asset raw_digits user contact assigned_to "
        "transferred_by transferred_to comments number teams tags recording_short_url "
        "voicemail_short_url country_code_a2 pricing_type ivr_options_selected ai_voice_agents "
        "conference_participants"
    ),
    known_values={
        "direction": frozenset({"inbound", "outbound"}),
        "status": frozenset({"initial", "answered", "done"}),
        "missed_call_reason": frozenset(
            {
                "out_of_opening_hours",
                "short_abandoned",
                "abandoned_in_ivr",
                "abandoned_in_classic",
                "no_available_agent",
                "agents_did_not_answer",
            }
        ),
    },
    columns=(
        Column("id", "Call ID", key("id"), note="Aircall's own number of the call."),
        Column(
            "direction",
            "Direction",
            field("direction"),
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
            field("missed_call_reason"),
            note="Aircall's reason for a missed inbound call.",
            width=160,
        ),
        Column(
            "started_at",
            "Started at",
            moment("started_at"),
            Kind.DATE_TIME,
            "When it began to ring, in this spreadsheet's time zone. Aircall may correct it by a "
            "second within minutes after the end.",
            150,
        ),
        Column(
            "answered_at",
            "Answered at",
            moment("answered_at"),
            Kind.DATE_TIME,
            "When somebody answered; empty if nobody did.",
            150,
        ),
        Column(
            "ended_at",
            "Ended at",
            moment("ended_at"),
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
            field("user.name"),
            note="Who took or made the call. Aircall empties it on all past calls when the person "
            "is deleted.",
            width=150,
        ),
        Column(
            "agent_email",
            "Agent email",
            field("user.email"),
            note="Their address.",
            width=190,
            private=Private.LEAVE_OUT,
        ),
        Column("line", "Line", field("number.name"), note="The Aircall number.", width=150),
        Column(
            "line_number",
            "Line number",
            field("number.digits"),
            note="Its digits, as text.",
            width=140,
        ),
        Column(
            "caller_number",
            "Caller number",
            field("raw_digits"),
            note="The other party's number as Aircall shows it, or anonymous.",
            width=140,
            private=Private.MASK,
        ),
        Column(
            "caller_number_e164",
            "Caller number (E.164)",
            call.number_e164,
            note="The same as + and digits, to match with other lists; empty if not a number.",
            width=150,
            private=Private.MASK,
        ),
        Column(
            "country",
            "Country",
            field("country_code_a2"),
            note="Country of the other party, two letters.",
            width=70,
        ),
        Column(
            "contact",
            "Contact",
            call.contact_name,
            note="First and last name, if the number is in Aircall's shared contacts.",
            width=160,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "company",
            "Company",
            field("contact.company_name"),
            note="The contact's company.",
            width=160,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "teams",
            "Teams",
            joined("teams", "name"),
            note="Teams that the call was offered to (inbound only).",
            width=150,
        ),
        Column("tags", "Tags", joined("tags", "name"), note="Tags of the call.", width=150),
        Column(
            "comments",
            "Comments",
            joined("comments", "content", "\n"),
            Kind.PARAGRAPH,
            "Notes that agents left, oldest first, one a line.",
            220,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "assigned_to",
            "Assigned to",
            field("assigned_to.name"),
            note="Who the call is assigned to.",
            width=150,
        ),
        Column(
            "transferred_by",
            "Transferred by",
            field("transferred_by.name"),
            note="Who handed the call on.",
            width=150,
        ),
        Column(
            "transferred_to",
            "Transferred to",
            field("transferred_to.name"),
            note="Who it was handed to; of a team, Aircall names the first person.",
            width=150,
        ),
        Column(
            "archived",
            "Archived",
            field("archived"),
            Kind.BOOLEAN,
            "Whether the call was archived in Aircall.",
            80,
        ),
        Column(
            "cost_cents",
            "Cost (US cents)",
            call.cost_cents,
            Kind.CENTS,
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
            private=Private.LEAVE_OUT,
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
