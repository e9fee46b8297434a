"""Tags: one row a tag."""

from __future__ import annotations

from callsheet.columns import field, key, removed_at
from callsheet.entity import Column, Entity, Reading, words
from callsheet.schedule import Cadence, Schedule

TAGS = Entity(
    name="tags",
    label="Tags",
    help="One row a tag that calls can carry, Aircall's own tags included.",
    path="/v1/tags",
    records_key="tags",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.DAILY),
    known_fields=words("id name color description direct_link"),
    columns=(
        Column("id", "Tag ID", key("id"), note="Aircall's own number of the tag."),
        Column("name", "Name", field("name"), note="The tag's name.", width=180),
        Column("color", "Color", field("color"), note="As # and six hexadecimal digits.", width=80),
        Column(
            "description",
            "Description",
            field("description"),
            note="Aircall's own tags have a code word here; those of your account are empty.",
            width=200,
        ),
        removed_at(),
    ),
)
