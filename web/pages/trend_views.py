# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of trends are made of.

explore.html    ExploreView    GET /explore
trends.html     TrendsView     GET /staff/trends; POST /staff/trends/hide and show: kind, ref
"""

from dataclasses import dataclass
from typing import ClassVar

from web.pages.views import LinkView, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendingTag:
    """A hashtag as it is written, and how many used it in the last days."""

    name: str
    path: str
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreView:
    """What many talk about. All three are empty where little happens."""

    template: ClassVar[str] = "explore.html"
    tags: tuple[TrendingTag, ...] = ()
    links: tuple[LinkView, ...] = ()
    posts: tuple[PostView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """Something that trends, or is hidden: `kind` and `ref` say which, `path` leads there; `accounts` is 0 if unknown."""

    kind: str
    ref: str
    display: str
    path: str = ""
    accounts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsView:
    """For the staff: what trends, of each kind as (message id of its name, what), and what they have hidden."""

    template: ClassVar[str] = "trends.html"
    shown: tuple[tuple[str, tuple[TrendRow, ...]], ...] = ()
    hidden: tuple[TrendRow, ...] = ()
