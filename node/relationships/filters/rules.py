# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a filter may be. Pure. The sentences are Mastodon's, since apps show them; its bounds too (its CVE-2026-23963)."""

from collections.abc import Sequence
from typing import Final

from node.kernel.errors import Invalid
from node.kernel.text import clean_line
from node.relationships.filters.types import Action, Context

MAX_TITLE: Final = 256
MAX_KEYWORD: Final = 512
MAX_FILTERS: Final = 100
MAX_KEYWORDS: Final = 500
MAX_POSTS: Final = 500
"""Of one member, over all their filters."""


def check_title(title: str) -> str:
    """The title as it is kept. Raises Invalid."""
    found = clean_line(title, MAX_TITLE + 1)
    if not found:
        raise Invalid("Validation failed: Title can't be blank", field="title")
    if len(found) > MAX_TITLE:
        raise Invalid("Validation failed: Title is too long (maximum is 256 characters)", field="title")
    return found


def check_keyword(keyword: str) -> str:
    """The words as they are kept. Raises Invalid."""
    found = clean_line(keyword, MAX_KEYWORD + 1)
    if not found:
        raise Invalid("Validation failed: Keyword can't be blank", field="keyword")
    if len(found) > MAX_KEYWORD:
        raise Invalid("Validation failed: Keyword is too long (maximum is 512 characters)", field="keyword")
    return found


def check_contexts(contexts: Sequence[str]) -> tuple[Context, ...]:
    """Where the filter is to hold. Raises Invalid if that is nowhere, or a place that there is not."""
    try:
        found = tuple(dict.fromkeys(Context(name) for name in contexts))
    except ValueError:
        found = ()
    if not found:
        raise Invalid("Validation failed: Context None or invalid context supplied", field="context")
    return found


def check_action(action: str) -> Action:
    """What the filter does. Raises Invalid."""
    try:
        return Action(action)
    except ValueError:
        raise Invalid("Validation failed: Filter action is not included in the list", field="filter_action") from None


def check_counts(*, filters: int = 0, keywords: int = 0, posts: int = 0) -> None:
    """Raises Invalid if a member would have more than is taken: every post that they read is held against all of it."""
    if filters > MAX_FILTERS:
        raise Invalid("Validation failed: You have a hundred filters already")
    if keywords > MAX_KEYWORDS:
        raise Invalid("Validation failed: Your filters have five hundred keywords already")
    if posts > MAX_POSTS:
        raise Invalid("Validation failed: Your filters name five hundred posts already")
