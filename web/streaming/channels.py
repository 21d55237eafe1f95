# SPDX-License-Identifier: AGPL-3.0-or-later
"""The streams there are, and what one needs to listen to each. Pure."""

from dataclasses import dataclass
from typing import Final

from node.kernel.errors import Refused
from node.kernel.text import fold_hashtag


class UnknownStream(Refused):
    """There is no such stream."""

    def __init__(self, message: str = "Unknown stream type") -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream somebody may listen to. `argument` is the folded hashtag of a hashtag stream, the number of a list's."""

    name: str
    argument: str = ""
    shown: str = ""

    @property
    def label(self) -> list[str]:
        """What a frame calls it."""
        return [self.name, self.shown] if self.shown else [self.name]

    @property
    def scope(self) -> str:
        """The scope that it needs."""
        return _SCOPES.get(self.name, "read:statuses")

    @property
    def list_id(self) -> int | None:
        """The list whose stream this is."""
        return int(self.argument) if self.name == "list" else None

    @property
    def is_public(self) -> bool:
        """Whether it carries what is for everybody."""
        return self.name.startswith(("public", "hashtag"))

    def carries(self, *, local: bool, has_media: bool, tags: frozenset[str]) -> bool:
        """Whether a public post of that kind belongs into this public stream."""
        base, *narrowed = self.name.split(":")
        if base == "hashtag" and self.argument not in tags:
            return False
        return not (
            ("local" in narrowed and not local)
            or ("remote" in narrowed and local)
            or ("media" in narrowed and not has_media)
        )


_PLAIN: Final = frozenset(
    {
        "user",
        "user:notification",
        "public",
        "public:media",
        "public:local",
        "public:local:media",
        "public:remote",
        "public:remote:media",
        "direct",
    }
)
_SCOPES: Final = {"user:notification": "read:notifications", "list": "read:lists"}
_TAGGED: Final = frozenset({"hashtag", "hashtag:local"})


ACTIVITIES: Final = Channel("activities")
"""A member's ActivityPub inbox and outbox. It has an address of its own, so no app can ask for it by name."""


def channel(name: str, *, tag: str = "", list_id: str = "", only_media: bool = False) -> Channel:
    """The stream with this name. Raises UnknownStream."""
    if name == "list":
        if not list_id.isascii() or not list_id.isdigit() or len(list_id) > 18:
            raise UnknownStream("Missing list name parameter")
        return Channel(name, str(int(list_id)), str(int(list_id)))
    if name in _TAGGED:
        if not tag.strip():
            raise UnknownStream("Missing tag name parameter")
        return Channel(name, fold_hashtag(tag), tag)
    if only_media and name.startswith("public") and not name.endswith(":media"):
        name = f"{name}:media"
    if name not in _PLAIN:
        raise UnknownStream
    return Channel(name)
