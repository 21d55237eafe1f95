# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words to say what a value in an answer looks like, as JSON Schema (draft 2020-12, which OpenAPI 3.1 uses).

An entity lists every key that it may have, and nothing else passes: a key that is written and not declared here, or
declared and not written, fails the tests. Patterns stand where apps read a text by machine.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

Schema: TypeAlias = dict[str, object]

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
NUMBER: Final[Schema] = {"type": "number"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
# Two apps read these as 32-bit numbers.
SMALL: Final[Schema] = {"type": "integer", "minimum": -(1 << 31), "maximum": (1 << 31) - 1}
ID: Final[Schema] = {"type": "string", "pattern": "^-?[0-9]{1,19}$"}
URL: Final[Schema] = {"type": "string", "pattern": "^https?://[^\\s]+$"}
# Always T, three digits of a second, and Z: one app takes anything else for this very moment.
MOMENT: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
DAY: Final[Schema] = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
DIGITS: Final[Schema] = {"type": "string", "pattern": "^[0-9]+$"}
EMPTY: Final[Schema] = {"type": "object", "additionalProperties": False}
ANYTHING: Final[Schema] = {"type": "object"}


def entity(fields: Mapping[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object with exactly these keys; only the optional ones may be left out."""
    left_out = frozenset(optional)
    assert left_out <= fields.keys(), left_out - fields.keys()
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in left_out],
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """An entity by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """This, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def many(item: Schema | str) -> Schema:
    """A list of these, or of the entity with this name."""
    return {"type": "array", "items": ref(item) if isinstance(item, str) else item}


def one_of(*words: str) -> Schema:
    """One of these texts."""
    return {"type": "string", "enum": list(words)}


def either(*schemas: Schema) -> Schema:
    """Any of these."""
    return {"anyOf": list(schemas)}


def table(of: Schema) -> Schema:
    """An object whose keys are not known beforehand, with such values."""
    return {"type": "object", "additionalProperties": of}
