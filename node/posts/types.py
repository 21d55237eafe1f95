# SPDX-License-Identifier: AGPL-3.0-or-later
"""A post as the rest of the node sees it, and a post with all that a screen shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from sqlalchemy import Row

from activitypub.addressing import Visibility
from node.actors import Actor, ActorId
from node.emojis import Shown
from node.media import Media
from node.relationships import Circle

PostId = NewType("PostId", int)


class Kind(StrEnum):
    """What a post is. All but a boost have text of their own."""

    NOTE = "note"
    ARTICLE = "article"
    PAGE = "page"
    QUESTION = "question"
    EVENT = "event"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    BOOST = "boost"


class QuoteState(StrEnum):
    """How a quote stands with the author of what it quotes. Only an accepted one is shown."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"
    DELETED = "deleted"


class QuotePolicy(StrEnum):
    """Whom an author here lets quote a post without asking. The author always may."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A row of `posts`. `content` is sanitised HTML, `source` the text as a local author typed it.

    A post to a circle has the visibility `private`; `circle_year` says which class the circle `class` is.
    """

    id: PostId
    uri: str
    url: str
    author_id: ActorId
    local: bool
    kind: Kind
    visibility: Visibility
    circle: Circle | None
    circle_year: int | None
    title: str
    content: str
    source: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    in_reply_to_id: PostId | None
    in_reply_to_uri: str | None
    in_reply_to_author_id: ActorId | None
    thread_id: int
    context: str | None
    boost_of_id: PostId | None
    quote_uri: str | None
    quote_of_id: PostId | None
    quote_state: QuoteState | None
    quote_stamp: str | None
    reply_policy: tuple[str, ...] | None
    quote_policy: tuple[str, ...] | None
    quote_manual: tuple[str, ...] | None
    tags: tuple[str, ...]
    emojis: tuple[Shown, ...]
    card: Mapping[str, object] | None
    card_author_id: ActorId | None
    details: Mapping[str, object] | None
    app_name: str | None
    app_website: str | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    quotes_count: int
    version: int
    created_at: datetime
    edited_at: datetime | None

    @property
    def is_boost(self) -> bool:
        """Whether this row only points at another post."""
        return self.boost_of_id is not None


def from_row(row: Row[tuple[object, ...]]) -> Post:
    """The post of a row of `posts`."""
    values = dict(row._mapping)
    values["kind"] = Kind(values["kind"])
    values["visibility"] = Visibility(values["visibility"])
    values["circle"] = Circle(values["circle"]) if values["circle"] else None
    values["quote_state"] = QuoteState(values["quote_state"]) if values["quote_state"] else None
    values["reply_policy"] = tuple(values["reply_policy"]) if values["reply_policy"] is not None else None
    values["quote_policy"] = tuple(values["quote_policy"]) if values["quote_policy"] is not None else None
    values["quote_manual"] = tuple(values["quote_manual"]) if values["quote_manual"] is not None else None
    values["tags"] = tuple(values["tags"])
    values["emojis"] = tuple(values["emojis"])
    return Post(**values)


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with what a screen shows beside it, the same for every viewer. `mentioned` are those named in the text,
    `card_author` is who wrote the page that its card is of."""

    post: Post
    author: Actor
    media: tuple[Media, ...] = ()
    mentioned: tuple[Actor, ...] = ()
    boost_of: "PostView | None" = None
    card_author: Actor | None = None

    @property
    def shown(self) -> "PostView":
        """The post whose text is shown: what is boosted, or this one."""
        return self.boost_of or self


@dataclass(frozen=True, slots=True)
class Flags:
    """What one viewer did with one post."""

    favourited: bool = False
    boosted: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool = False


NO_FLAGS = Flags()


@dataclass(frozen=True, slots=True)
class PollOption:
    """One answer of a poll, and how many chose it as far as we know."""

    title: str
    votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The poll of a question. `own` are the positions that the viewer chose, of whom it was asked for.

    `voters` counts people and is None where another server does not tell; `author_id` is who asks.
    """

    post_id: PostId
    author_id: ActorId
    multiple: bool
    hide_totals: bool
    expires_at: datetime | None
    voters: int | None
    options: tuple[PollOption, ...]
    emojis: tuple[Shown, ...] = ()
    own: tuple[int, ...] = ()

    @property
    def votes(self) -> int:
        """How many votes were given; more than voters where several answers may be chosen."""
        return sum(option.votes for option in self.options)

    def is_over(self, now: datetime) -> bool:
        """Whether no vote counts any more."""
        return self.expires_at is not None and self.expires_at <= now

    def totals_shown(self, now: datetime) -> bool:
        """Whether the count of each answer is told."""
        return not self.hide_totals or self.is_over(now)


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A poll that a local author wants to publish; `open_for` is how long it takes votes."""

    options: tuple[str, ...]
    open_for: timedelta
    multiple: bool = False
    hide_totals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a local author wants to publish. `media_ids` are their uploads, in order.

    A post to a `circle` has the visibility `private`.

    `hidden` are people whom it reaches as well without anybody being told (ActivityPub's `bto` and `bcc`). Without a
    `quote_policy` of its own everybody may quote it, and one that is edited keeps what it has.
    """

    text: str = ""
    visibility: Visibility = Visibility.PUBLIC
    circle: Circle | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    in_reply_to_id: int | None = None
    media_ids: tuple[int, ...] = ()
    hidden: tuple[Actor, ...] = ()
    poll: PollDraft | None = None
    quoted_id: int | None = None
    quote_policy: QuotePolicy | None = None
    app_name: str | None = None
    app_website: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One state that a post has been in; `media` holds {id, description} of each picture then, `poll` the answers."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: datetime
    media: tuple[Mapping[str, object], ...] = field(default_factory=tuple)
    poll: tuple[str, ...] | None = None
    emojis: tuple[Shown, ...] = ()
