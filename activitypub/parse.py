# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bytes from elsewhere into plain JSON values, and ours into bytes.

Every document of another server passes here once, so later code may rely on: bounded depth, count and length;
integers of 64 bits; finite floats; no key twice; strings that any database can store (no NUL, no lone surrogate).

The order matters: a scan over the bytes bounds depth and count before the parser, which recurses, sees them.
JSON-LD forms that mean something other than they look like are refused instead of being expanded: we read the
compact form only and never load a context.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn, TypeAlias

import orjson

from activitypub.errors import Malformed

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]

MAX_BODY: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
MAX_STRING: Final = 100_000
"""In characters after unescaping; keys count as well."""

_INT64: Final = range(-(2**63), 2**63)
_LONGEST_INT: Final = len(str(-(2**63)))

# One match per key, string, bracket or literal. The quantifiers are possessive and an unterminated string has
# its own branch, so the scan stays linear whatever the bytes are.
_TOKEN: Final = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"(?:\s*+(?P<key>:))?+'
    rb"|(?P<open>[\[{])"
    rb"|(?P<close>[\]}])"
    rb'|(?P<unterminated>")'
    rb'|[^\s,:\[\]{}"]++',
    re.DOTALL,
)

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f]")

_REFUSED_AT_TOP: Final = frozenset({"@graph", "@included", "@reverse", "@id", "@type"})
"""Ways to say something in JSON-LD beside what the compact form shows (the fault behind several advisories)."""


def parse(body: bytes) -> JsonObject:
    """The object that `body` holds, with control characters other than newline and tab removed from strings.

    Raises:
        Malformed: not UTF-8 JSON, not an object, or over one of the limits of this module.
    """
    if len(body) > MAX_BODY:
        raise Malformed("The document is larger than 1 MiB.")
    if body.startswith(b"\xef\xbb\xbf"):
        raise Malformed("The document starts with a byte order mark.")
    _bound(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The document is not UTF-8.") from None
    try:
        parsed: JsonValue = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"The document is not JSON: {error.msg} at character {error.pos}.") from None
    if not isinstance(parsed, dict):
        raise Malformed("The document is not a JSON object.")
    if not _REFUSED_AT_TOP.isdisjoint(parsed):
        raise Malformed("The document uses a JSON-LD form that is not read here.")
    return {key: _cleaned(value) for key, value in parsed.items()}


def dump(doc: JsonObject) -> bytes:
    """`doc` as the bytes to send, to digest and to sign: serialise once and use the same bytes for all three."""
    return orjson.dumps(doc)


def clean_str(text: str) -> str:
    """`text` without control characters other than newline and tab.

    Raises:
        Malformed: it holds half of a surrogate pair, or more than `MAX_STRING` characters.
    """
    if len(text) > MAX_STRING:
        raise Malformed("A string is longer than 100000 characters.")
    if text.isascii() and text.isprintable():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("A string holds half of a surrogate pair.") from None
    return _CONTROLS.sub("", text)


def _bound(body: bytes) -> None:
    """Refuse what is too deep or has too many values, without building any of it."""
    depth = nodes = 0
    for token in _TOKEN.finditer(body):
        match token.lastgroup:
            case "key":
                continue
            case "close":
                depth -= 1
                continue
            case "unterminated":
                raise Malformed("The document is not JSON: a string does not end.")
            case "open":
                depth += 1
                if depth > MAX_DEPTH:
                    raise Malformed("The document is nested more than 32 levels deep.")
        nodes += 1
        if nodes > MAX_NODES:
            raise Malformed("The document has more than 20000 values.")


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    result = {clean_str(key): value for key, value in pairs}
    if len(result) != len(pairs):
        # Which of the two wins differs between parsers, so a check and a use could read different ones.
        raise Malformed("An object has the same key twice.")
    return result


def _integer(digits: str) -> int:
    # The length comes first: turning a very long row of digits into a number is slow, and Python refuses it.
    if len(digits) <= _LONGEST_INT and (number := int(digits)) in _INT64:
        return number
    raise Malformed("A number does not fit in 64 bits.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isfinite(number):
        return number
    raise Malformed("A number is too large.")


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON.")


def _cleaned(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return clean_str(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {key: _cleaned(item) for key, item in value.items()}
        case _:
            return value
