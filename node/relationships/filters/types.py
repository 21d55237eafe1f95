# SPDX-License-Identifier: AGPL-3.0-or-later
"""A filter and its parts, as the rest of the node sees them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.actors import ActorId


class Context(StrEnum):
    """Where a filter holds."""

    HOME = "home"
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    THREAD = "thread"
    ACCOUNT = "account"


class Action(StrEnum):
    """What becomes of a post that a filter meets. The app does it; the node says which filters met."""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Keyword:
    """Words that a filter looks for."""

    id: int
    filter_id: int
    keyword: str
    whole_word: bool


@dataclass(frozen=True, slots=True)
class FilteredPost:
    """A post that a filter names."""

    id: int
    filter_id: int
    post_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a member does not want to see: posts with one of the keywords, and those that are named.

    `irreversible` ones were made by an old app: what they meet is left out of home, so that the app never sees it.
    """

    id: int
    owner_id: ActorId
    title: str
    contexts: tuple[Context, ...]
    action: Action
    irreversible: bool
    expires_at: datetime | None
    keywords: tuple[Keyword, ...] = ()
    posts: tuple[FilteredPost, ...] = ()

    def is_over(self, now: datetime) -> bool:
        """Whether it holds no more."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class KeywordChange:
    """What becomes of a keyword: one without `id` is new; None leaves a thing as it is."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChange:
    """What of a filter changes; None leaves a thing as it is. `ends` says that `expires_at` was given, also as never."""

    title: str | None = None
    contexts: tuple[str, ...] | None = None
    action: str | None = None
    irreversible: bool | None = None
    ends: bool = False
    expires_at: datetime | None = None
    keywords: tuple[KeywordChange, ...] = ()
