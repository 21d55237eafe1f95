# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who a document is for: `to` and `cc` read as one of four visibilities, and written from them.

    public     the public collection in `to`                 anyone, and listed
    unlisted   the public collection in `cc`                 anyone, not listed
    private    the author's followers, no public             followers
    direct     neither                                       those named

When in doubt the narrower is taken: a collection that we do not know as the author's followers adds nobody.
`bto` and `bcc` never leave this module (ActivityPub 6: they are removed before anything is shown or delivered).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from activitypub.accessors import ids
from activitypub.errors import Malformed
from activitypub.parse import JsonObject, JsonValue

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
MAX_RECIPIENTS: Final = 500

_PUBLIC_NAMES = frozenset({PUBLIC, "as:Public", "Public"})
_HIDDEN = ("bto", "bcc")


class Visibility(StrEnum):
    """Widest first."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """`to` and `cc` hold the public collection under its full name only.

    `recipients` are the ids other than the public collection and the author's followers: people, groups, and
    collections that we cannot tell from people without asking.
    """

    visibility: Visibility
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    recipients: frozenset[str] = frozenset()


def is_public(iri: str) -> bool:
    """Whether `iri` is the public collection under any of its three names (ActivityPub 5.6)."""
    return iri in _PUBLIC_NAMES


def addressees(doc: JsonObject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids in `to` and `cc`, each once.

    Raises:
        Malformed: more than `MAX_RECIPIENTS` in all. Cutting the list would change who may read.
    """
    to, cc = _addressed(doc.get("to")), _addressed(doc.get("cc"))
    if len(to) + len(cc) > MAX_RECIPIENTS:
        raise Malformed("too many recipients")
    return to, cc


def read(doc: JsonObject, followers_uri: str | None) -> Audience:
    """The audience of an object; `followers_uri` is its author's followers collection, if known.

    Raises:
        Malformed: more than `MAX_RECIPIENTS` in all.
    """
    to, cc = addressees(doc)
    named = frozenset(to) | frozenset(cc)
    if PUBLIC in to:
        visibility = Visibility.PUBLIC
    elif PUBLIC in cc:
        visibility = Visibility.UNLISTED
    elif followers_uri is not None and followers_uri in named:
        visibility = Visibility.PRIVATE
    else:
        visibility = Visibility.DIRECT
    return Audience(visibility=visibility, to=to, cc=cc, recipients=named - {PUBLIC, followers_uri or PUBLIC})


def write(
    visibility: Visibility, followers_uri: str, mentioned: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` for what a local actor publishes, in the form Mastodon reads back as the same visibility."""
    people = tuple(dict.fromkeys(mentioned))
    match visibility:
        case Visibility.PUBLIC:
            return (PUBLIC,), (followers_uri, *people)
        case Visibility.UNLISTED:
            return (followers_uri,), (PUBLIC, *people)
        case Visibility.PRIVATE:
            return (followers_uri,), people
        case Visibility.DIRECT:
            return people, ()


def without_hidden(doc: JsonObject) -> JsonObject:
    """A copy without `bto` and `bcc`, here and in an embedded object."""
    shown: JsonObject = {name: value for name, value in doc.items() if name not in _HIDDEN}
    inner = shown.get("object")
    if isinstance(inner, dict):
        shown["object"] = without_hidden(inner)
    elif isinstance(inner, list):
        shown["object"] = [without_hidden(entry) if isinstance(entry, dict) else entry for entry in inner]
    return shown


def _addressed(value: JsonValue) -> tuple[str, ...]:
    return tuple(dict.fromkeys(PUBLIC if is_public(iri) else iri for iri in ids(value)))
