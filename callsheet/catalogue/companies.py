"""Companies: one row, the Aircall account itself."""

from __future__ import annotations

from callsheet.columns import field, removed_at
from callsheet.entity import Column, Entity, Kind, Reading, words
from callsheet.schedule import Cadence, Schedule

COMPANIES = Entity(
    name="companies",
    label="Companies",
    help="One row: your own Aircall account with its numbers of users and lines. Aircall has no "
    "list of companies; those of your contacts stand in Contacts.",
    path="/v1/company",
    records_key="company",
    reading=Reading.OBJECT,
    id_field="name",
    known_fields=words("id name users_count numbers_count created_at"),
    default_schedule=Schedule(Cadence.WEEKLY),
    columns=(
        Column(
            "name",
            "Company name",
            field("name"),
            note="The account's name. It is all that identifies it, so a new name makes a new row.",
            width=200,
        ),
        Column(
            "users_count",
            "Users",
            field("users_count"),
            Kind.INTEGER,
            "How many users the account has.",
            80,
        ),
        Column(
            "numbers_count",
            "Numbers",
            field("numbers_count"),
            Kind.INTEGER,
            "How many numbers (lines) the account has.",
            80,
        ),
        removed_at(),
    ),
)
