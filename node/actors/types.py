# SPDX-License-Identifier: AGPL-3.0-or-later
"""The actor as the rest of the node sees it, and the keys of one."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import Row

from activitypub import schema_org
from activitypub.actor import ActorType
from activitypub.parse import JsonObject
from node.emojis import Shown
from node.kernel.clock import from_milliseconds, milliseconds

__all__ = [
    "Actor",
    "ActorId",
    "ActorRecreated",
    "ActorType",
    "ActorWritten",
    "Picture",
    "ProfileField",
    "PublicLine",
    "PublicProfile",
    "Reach",
    "SchoolRenamed",
    "from_row",
]

ActorId = NewType("ActorId", int)


class Reach(StrEnum):
    """Up to which servers a local actor is known: they alone are served the actor and sent what it says."""

    LOCAL = "local"
    PARTNERS = "partners"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Picture:
    """An avatar or a header. A local one has `file` (a name in the media store), a remote one `url`."""

    file: str | None = None
    url: str | None = None
    mime: str = "image/jpeg"
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProfileField:
    """A line of a profile. `value` is sanitised HTML; `verified_at` says that the page links back."""

    name: str
    value: str
    source: str = ""
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A line that a profile shows to everybody, up to a moment; `value` is plain text."""

    name: str
    value: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicProfile:
    """What a member's profile says to everybody, as other servers read it: lines in the order in which they are shown,
    and the same as terms of schema.org. Nothing that is for fewer is ever in it."""

    headline: str = ""
    lines: tuple[PublicLine, ...] = ()
    terms: JsonObject = field(default_factory=dict)

    def at(self, now: datetime) -> "PublicProfile":
        """The same without what is over by then."""
        lines = tuple(line for line in self.lines if line.until is None or now < line.until)
        return replace(self, lines=lines, terms=schema_org.at(self.terms, now))

    def as_row(self) -> dict[str, object]:
        """As it is kept."""
        lines = [
            [line.name, line.value, None if line.until is None else milliseconds(line.until)] for line in self.lines
        ]
        return {"headline": self.headline, "lines": lines, "terms": self.terms}


def field_row(field: ProfileField) -> dict[str, object]:
    """A line of a profile as it is kept."""
    verified_at = milliseconds(field.verified_at) if field.verified_at is not None else None
    return {"name": field.name, "value": field.value, "source": field.source, "verified_at": verified_at}


def _field(item: dict[str, object]) -> ProfileField:
    verified_at = item.get("verified_at")
    return ProfileField(
        name=str(item["name"]),
        value=str(item["value"]),
        source=str(item.get("source", "")),
        verified_at=from_milliseconds(verified_at) if isinstance(verified_at, int) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An actor, here or remote. A local one has the empty `domain`. `version` goes up with every visible change."""

    id: ActorId
    uri: str
    type: ActorType
    username: str
    domain: str
    display_name: str
    summary: str
    summary_source: str
    url: str
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    featured_tags: str | None
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    memorial: bool
    hide_collections: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: tuple[str, ...]
    avatar: Picture | None
    header: Picture | None
    fields: tuple[ProfileField, ...]
    emojis: tuple[Shown, ...]
    also_known_as: tuple[str, ...]
    moved_to: str | None
    moved_at: datetime | None
    class_year: int | None
    school: str | None
    statuses_count: int
    followers_count: int
    following_count: int
    last_status_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    fetched_at: datetime | None
    suspended_at: datetime | None
    suspended_elsewhere: bool
    limited_at: datetime | None
    deleted_at: datetime | None
    away_since: datetime | None
    reach: Reach = Reach.OPEN
    reach_since: datetime | None = None
    public_profile: PublicProfile | None = None

    @property
    def is_local(self) -> bool:
        """Whether the actor lives on this node."""
        return not self.domain

    @property
    def acct(self) -> str:
        """The handle as apps write it: the bare name for a local actor, name@domain for others."""
        return self.username if self.is_local else f"{self.username}@{self.domain}"

    @property
    def name(self) -> str:
        """What to call them: the display name, or else the handle's name."""
        return self.display_name or self.username

    @property
    def delivery_inbox(self) -> str:
        """Where to send what the whole server may know."""
        return self.shared_inbox or self.inbox

    @property
    def is_active(self) -> bool:
        """Neither deleted nor suspended."""
        return self.deleted_at is None and self.suspended_at is None

    @property
    def is_hidden(self) -> bool:
        """Not let in yet, or hidden by themselves (`away_since`): nobody learns that there is such an account. Whoever is
        suspended by the staff was let in before."""
        return self.is_local and self.suspended_at is not None and self.suspended_at == self.created_at


@dataclass(frozen=True, slots=True)
class SchoolRenamed:
    """Told when a school of this node has another name, and its people here are of it under that name."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ActorWritten:
    """Told to the slices above: the profile of a local actor says something else, or they are let in or shut out."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorRecreated:
    """Told to the slices above: at the id of a known remote actor there is a newer account with other keys.

    Whoever it is now inherits nothing from whom it was (IN-38).
    """

    actor: Actor


def _public_profile(kept: dict[str, Any]) -> PublicProfile:
    lines = tuple(
        PublicLine(name, value, None if until is None else from_milliseconds(until))
        for name, value, until in kept["lines"]
    )
    return PublicProfile(headline=kept["headline"], lines=lines, terms=kept["terms"])


def from_row(row: Row[tuple[object, ...]]) -> Actor:
    """The actor of a row of `actors`."""
    values = dict(row._mapping)
    del values["username_key"]
    values["type"] = ActorType(values["type"])
    values["avatar"] = Picture(**values["avatar"]) if values["avatar"] else None
    values["header"] = Picture(**values["header"]) if values["header"] else None
    values["fields"] = tuple(_field(item) for item in values["fields"])
    values["also_known_as"] = tuple(values["also_known_as"])
    values["emojis"] = tuple(values["emojis"])
    values["attribution_domains"] = tuple(values["attribution_domains"])
    values["reach"] = Reach(values["reach"])
    values["public_profile"] = _public_profile(values["public_profile"]) if values["public_profile"] else None
    return Actor(**values)
