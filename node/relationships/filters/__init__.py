# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do not want to see: filters with words and single posts, and which of them a post meets."""

from node.relationships.filters.matching import Match, Matcher, folded
from node.relationships.filters.store import (
    CHANGED,
    add_keyword,
    add_post,
    change,
    change_keyword,
    create,
    forget_owner,
    forget_posts,
    get,
    own,
    remove,
    remove_keyword,
    remove_post,
    with_keyword,
    with_post,
)
from node.relationships.filters.types import (
    Action,
    Context,
    Filter,
    FilterChange,
    FilteredPost,
    Keyword,
    KeywordChange,
)

__all__ = [
    "CHANGED",
    "Action",
    "Context",
    "Filter",
    "FilterChange",
    "FilteredPost",
    "Keyword",
    "KeywordChange",
    "Match",
    "Matcher",
    "add_keyword",
    "add_post",
    "change",
    "change_keyword",
    "create",
    "folded",
    "forget_owner",
    "forget_posts",
    "get",
    "own",
    "remove",
    "remove_keyword",
    "remove_post",
    "with_keyword",
    "with_post",
]
