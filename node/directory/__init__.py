# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory: members find each other by name, class, city, work and skills, as far as each lets others see it."""

from node.directory.accounts import accounts
from node.directory.facts import Kind
from node.directory.index import forget, next_after, refresh, rename_school
from node.directory.queries import (
    FEWEST,
    MOST,
    PAGE,
    PAGES,
    Facet,
    Found,
    Wanted,
    by_name,
    class_years,
    count,
    may_find,
    search,
)
from node.directory.suggesting import some, suggestions

__all__ = [
    "FEWEST",
    "MOST",
    "PAGE",
    "PAGES",
    "Facet",
    "Found",
    "Kind",
    "Wanted",
    "accounts",
    "by_name",
    "class_years",
    "count",
    "forget",
    "may_find",
    "next_after",
    "refresh",
    "rename_school",
    "search",
    "some",
    "suggestions",
]
