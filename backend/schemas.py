"""The JSON schemas of what goes in and out, each made once for all routes that share it."""

from __future__ import annotations

from typing import Any

from spectree.model_adapter.protocol import SchemaMode
from spectree.model_adapter.pydantic_adapter import PydanticModelAdapter


class Schemas(PydanticModelAdapter):
    """As SpecTree's own, which makes a schema again for each route: half of what a start takes."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[type[Any], str, str], dict[str, Any]] = {}

    def json_schema(
        self, model: type[Any], *, ref_template: str, mode: SchemaMode = "validation"
    ) -> dict[str, Any]:
        """Return the schema; SpecTree copies it before it changes anything."""
        about = (model, ref_template, mode)
        if about not in self._made:
            self._made[about] = super().json_schema(model, ref_template=ref_template, mode=mode)
        return self._made[about]
