"""Teams: one row a team, or one row a membership."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.columns import count, field, iso_moment, items, joined, key, removed_at
from callsheet.entity import Column, Entity, Kind, Private, Reading, Record, words
from callsheet.schedule import Cadence, Schedule

_FIELDS = words("id name direct_link created_at users")


def memberships(team: Record) -> Iterator[Record]:
    """Yield one record for each person of a team."""
    for user in items(team, "users"):
        if user.get("id") is not None:
            yield {"id": f"{team.get('id')}-{user['id']}", "team": team, "user": user}


MEMBERSHIPS = Entity(
    name="team_memberships",
    label="Team members",
    help="One row for each member of each team.",
    path="/v1/teams",
    records_key="teams",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.DAILY),
    known_fields=_FIELDS,
    expand=memberships,
    columns=(
        Column("id", "Membership ID", key("id"), note="Team ID and User ID, joined by a dash."),
        Column("team_id", "Team ID", key("team.id"), note="See Teams."),
        Column("team", "Team", field("team.name"), note="The team's name.", width=180),
        Column("user_id", "User ID", key("user.id"), note="See Users."),
        Column("user", "User", field("user.name"), note="The person's name.", width=160),
        Column(
            "user_email",
            "User email",
            field("user.email"),
            note="Their address.",
            width=190,
            private=Private.LEAVE_OUT,
        ),
        removed_at(),
    ),
)

TEAMS = Entity(
    name="teams",
    label="Teams",
    help="One row a team with the names of its members; or one row for each member of each team.",
    path="/v1/teams",
    records_key="teams",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.DAILY),
    known_fields=_FIELDS,
    layouts={"memberships": MEMBERSHIPS},
    columns=(
        Column("id", "Team ID", key("id"), note="Aircall's own number of the team."),
        Column("name", "Name", field("name"), note="The team's name.", width=180),
        Column(
            "members_count",
            "Members",
            count("users"),
            Kind.INTEGER,
            "How many people are in it.",
            80,
        ),
        Column(
            "members",
            "Member names",
            joined("users", "name"),
            note="The people in it.",
            width=300,
        ),
        Column(
            "member_emails",
            "Member emails",
            joined("users", "email"),
            note="Their addresses, in the same order.",
            width=300,
            private=Private.LEAVE_OUT,
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
