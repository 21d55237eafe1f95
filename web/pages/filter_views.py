# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of filters are made of.

filters.html       FiltersView     GET /settings/filters
filter_edit.html   FilterFormView  GET and POST /settings/filters/new and /settings/filters/<id>: title, action,
                                   context[], ends, words[<id or new1..3>][keyword] and [whole];
                                   /settings/filters/<id>/posts/<row>/remove; /settings/filters/<id>/delete
filter_post.html   FilterPostView  GET and POST /posts/<id>/filter: filter or title
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterView:
    """A filter in the list: `action` and `contexts` are message ids, `over` says that it holds no more."""

    id: int
    title: str
    action: str
    contexts: tuple[str, ...]
    words: tuple[str, ...] = ()
    posts_count: int = 0
    ends_at: datetime | None = None
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltersView:
    """All of a member's filters."""

    template: ClassVar[str] = "filters.html"
    filters: tuple[FilterView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordView:
    """A line for a keyword; `key` is its number, or a name for one that is not there yet."""

    key: str
    keyword: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPostView:
    """A post that a filter names, by the number of that row. What the member may not see any more is only counted."""

    id: int
    post: PostView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterFormView:
    """A filter as a form; a new one has no `id`.

    `contexts`, `actions` and `lengths` are (value, message id, chosen). `more` counts the keywords that find no room.
    """

    template: ClassVar[str] = "filter_edit.html"
    id: int | None = None
    title: str = ""
    actions: tuple[tuple[str, str, bool], ...]
    contexts: tuple[tuple[str, str, bool], ...]
    lengths: tuple[tuple[str, str, bool], ...]
    ends_at: datetime | None = None
    words: tuple[WordView, ...]
    more: int = 0
    posts: tuple[NamedPostView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPostView:
    """Choosing a filter for one post, or the name of a new one. `filters` are (number, title)."""

    template: ClassVar[str] = "filter_post.html"
    post: PostView
    filters: tuple[tuple[int, str], ...]
    title: str = ""
    faults: tuple[Fault, ...] = ()
