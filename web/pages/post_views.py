# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about single posts are made of, beside the thread itself.

post_edit.html   EditPostView   GET and POST /@<acct>/<id>/edit: text, warning, sensitive, quote_policy, media_ids[],
                                described[<media id>], image (file), image_description, option_1..4, open_days, multiple
redraft.html     RedraftView    GET /@<acct>/<id>/redraft; POST /posts with `replaces`
history.html     HistoryView    GET /@<acct>/<id>/history
who.html         WhoView        GET /@<acct>/<id>/favourites and /shares
kept.html        KeptView       GET /bookmarks, /favourites
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from node.kernel.html import Html
from node.posts import QuotePolicy
from web.pages.views import ComposerView, Fault, MediaView, PersonView, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPostView:
    """A post as its author typed it. `options` are the answers of its poll, whose votes stay if nothing of it changes.

    `open_days` None leaves the poll's end as it is; `has_votes` says that votes would be lost.
    """

    template: ClassVar[str] = "post_edit.html"
    post: PostView
    text: str
    warning: str = ""
    sensitive: bool = False
    media: tuple[MediaView, ...] = ()
    options: tuple[str, ...] = ()
    open_days: int | None = None
    multiple: bool = False
    has_votes: bool = False
    quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    max_characters: int = 5000
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedraftView:
    """A post that is to be deleted as soon as it has been written anew."""

    template: ClassVar[str] = "redraft.html"
    post: PostView
    composer: ComposerView


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """A state that a post has been in; `media` are the descriptions of its files then, `answers` those of its poll."""

    since: datetime
    text: Html
    warning: str = ""
    media: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    emojis: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """Every state of a post, the present one first."""

    template: ClassVar[str] = "history.html"
    post: PostView
    states: tuple[StateView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoView:
    """Who marked a post as a favourite, some with an emoji (`reactions`, by their numbers), or (`shares`) who shared it."""

    template: ClassVar[str] = "who.html"
    post: PostView
    shares: bool
    people: tuple[PersonView, ...] = ()
    reactions: Mapping[int, Html] = field(default_factory=dict)
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """The member's bookmarks, or their favourites."""

    template: ClassVar[str] = "kept.html"
    posts: tuple[PostView, ...]
    favourites: bool = False
    older: str = ""
    newer: str = ""
