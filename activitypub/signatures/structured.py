# SPDX-License-Identifier: AGPL-3.0-or-later
"""The part of Structured Fields (RFC 9651) that signatures use: dictionaries of items and inner lists.

RFC 9421 signs the *serialised* form of what was parsed, so parsing and `serialise_*` belong together: what differs
only in spacing comes out the same. Dates and display strings do not occur in signatures and are refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias

from activitypub.errors import Malformed

MAX_FIELD: Final = 16 * 1024
"""In characters; more than three RSA-4096 signatures of the widest coverage."""

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_STRING: Final = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*+)"')
_TOKEN: Final = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")
_BYTES: Final = re.compile(r":([A-Za-z0-9+/=]*):")
_BOOLEAN: Final = re.compile(r"\?([01])")
_ESCAPED: Final = re.compile(r"\\(.)")
_SPACES: Final = re.compile(" *")
_OPTIONAL_SPACE: Final = re.compile("[ \t]*")


class Token(str):
    """A bare word, which is not the same as the string in quotes."""

    __slots__ = ()


BareItem: TypeAlias = bool | int | Decimal | Token | str | bytes
Parameters: TypeAlias = Mapping[str, BareItem]


@dataclass(frozen=True, slots=True)
class Item:
    """One value with its parameters."""

    value: BareItem
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Items in parentheses with parameters of their own."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)


Member: TypeAlias = Item | InnerList


def dictionary(text: str) -> dict[str, Member]:
    """The members of a Dictionary field in their order.

    A repeated key is refused although the specification lets the last one win: two readers of one signature field
    must not see two different signatures.

    Raises:
        Malformed: `text` is not a dictionary, or too long.
    """
    if len(text) > MAX_FIELD:
        raise Malformed("A structured header is too long.")
    return _Reader(text.strip(" ")).dictionary()


def serialise_item(item: Item) -> str:
    """The canonical form (RFC 9651, 4.1.3)."""
    return _bare(item.value) + _parameters(item.parameters)


def serialise_inner_list(inner: InnerList) -> str:
    """The canonical form (RFC 9651, 4.1.1.1)."""
    return f"({' '.join(map(serialise_item, inner.items))}){_parameters(inner.parameters)}"


def _parameters(parameters: Parameters) -> str:
    return "".join(f";{key}" if value is True else f";{key}={_bare(value)}" for key, value in parameters.items())


def _bare(value: BareItem) -> str:
    match value:
        case bool():
            return "?1" if value else "?0"
        case Decimal():
            text = f"{value:.3f}".rstrip("0")
            return text + "0" if text.endswith(".") else text
        case int() | Token():
            return str(value)
        case bytes():
            return f":{base64.b64encode(value).decode('ascii')}:"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'


class _Reader:
    """Reads one field from left to right (RFC 9651, 4.2)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def dictionary(self) -> dict[str, Member]:
        members: dict[str, Member] = {}
        while self._more():
            key = self._take(_KEY, "a key")[0]
            if key in members:
                raise Malformed(f"A structured header has the member {key} twice.")
            if self._skip("="):
                members[key] = self._inner_list() if self._skip("(") else self._item()
            else:
                members[key] = Item(value=True, parameters=self._parameters())
            self._take(_OPTIONAL_SPACE, "space")
            if not self._more():
                break
            self._need(",")
            self._take(_OPTIONAL_SPACE, "space")
            if not self._more():
                raise Malformed("A structured header ends with a comma.")
        return members

    def _inner_list(self) -> InnerList:
        items: list[Item] = []
        while True:
            self._take(_SPACES, "space")
            if self._skip(")"):
                return InnerList(tuple(items), self._parameters())
            items.append(self._item())
            if self._peek() not in {" ", ")"}:
                raise Malformed("A structured header has an inner list that is not one.")

    def _item(self) -> Item:
        return Item(self._bare_item(), self._parameters())

    def _parameters(self) -> dict[str, BareItem]:
        parameters: dict[str, BareItem] = {}
        while self._skip(";"):
            self._take(_SPACES, "space")
            key = self._take(_KEY, "a parameter")[0]
            if key in parameters:
                raise Malformed(f"A structured header has the parameter {key} twice.")
            parameters[key] = self._bare_item() if self._skip("=") else True
        return parameters

    def _bare_item(self) -> BareItem:
        first = self._peek()
        if first == '"':
            return _ESCAPED.sub(r"\1", self._take(_STRING, "a string")[1])
        if first == ":":
            return self._decoded(self._take(_BYTES, "a byte sequence")[1])
        if first == "?":
            return self._take(_BOOLEAN, "a boolean")[1] == "1"
        if first == "-" or first.isdigit():
            return _number(self._take(_NUMBER, "a number")[0])
        return Token(self._take(_TOKEN, "a value")[0])

    def _decoded(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise Malformed("A structured header has a byte sequence that is not base64.") from None

    def _take(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise Malformed(f"A structured header lacks {what} at character {self._at}.")
        self._at = found.end()
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _more(self) -> bool:
        return self._at < len(self._text)

    def _skip(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _need(self, character: str) -> None:
        if not self._skip(character):
            raise Malformed(f"A structured header lacks {character!r} at character {self._at}.")


def _number(text: str) -> int | Decimal:
    whole, _, fraction = text.lstrip("-").partition(".")
    if fraction:
        if len(whole) > 12 or len(fraction) > 3:
            raise Malformed("A structured header has a number that is too long.")
        return Decimal(text)
    if len(whole) > 15:
        raise Malformed("A structured header has a number that is too long.")
    return int(text)
