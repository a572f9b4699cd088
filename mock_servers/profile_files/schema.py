"""The JSON Schema of profile files (draft 2020-12), generated from the model; the reader judges files by it.

TOML has no null, so "@none" stands for it: no limit, no such thing, or, in a table of free names, without this entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.sites import Api, Operation, Product, Site
from refreshproof.mock_servers.profile_files.model import file_model
from refreshproof.mock_servers.vendors import VENDORS

NONE = "@none"
WHOLE = (Announcement, Api, Operation, Product, Site)
"""Tables that stand in arrays, which a file replaces as a whole; any other table is laid over the one it extends."""


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the schema of a file."""
    found = file_model().model_json_schema(schema_generator=_FileSchema)
    needed = [name for name in found.pop("required") if name not in ("name", "title")]
    extends = {"enum": list(VENDORS), "description": "The built-in vendor that this one is like."}
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **found,
        "title": "A vendor of your own, for refreshproof run --profile",
        "description": 'TOML has no null: write "@none" for no limit, or to leave an entry out.',
        "properties": {"extends": extends, **found["properties"]},
        "required": ["name", "title"],
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": needed},
    }


class _FileSchema(GenerateJsonSchema):
    """What pydantic says of the model, in the terms of a file that extends a vendor."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Spell null as TOML can."""
        return {"anyOf": [self.generate_inner(schema["schema"]), {"const": NONE}]}

    def encode_default(self, dft: Any) -> Any:
        """Spell null as TOML can."""
        return NONE if dft is None else super().encode_default(dft)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Let an entry be removed."""
        found = super().dict_schema(schema)
        entry = found.get("additionalProperties")
        return (
            found | {"additionalProperties": {"anyOf": [entry, {"const": NONE}]}} if isinstance(entry, dict) else found
        )

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Ask for nothing that the extended vendor may have."""
        found = super().dataclass_schema(schema)
        return found if schema["cls"] in WHOLE else {name: part for name, part in found.items() if name != "required"}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Choose by the tag and then judge by one branch only, so that an error is about that branch."""
        tag = str(schema["discriminator"])
        branches = {str(name): self.generate_inner(choice) for name, choice in schema["choices"].items()}
        return {
            "type": "object",
            "required": [tag],
            "properties": {tag: {"enum": list(branches)}},
            "allOf": [
                {"if": {"required": [tag], "properties": {tag: {"const": name}}}, "then": branch}
                for name, branch in branches.items()
            ],
        }
