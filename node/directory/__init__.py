# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory: members find each other by name, class, city, work and skills, as far as each lets others see it."""

from node.directory.accounts import accounts
from node.directory.facts import FILTERS, Kind
from node.directory.index import forget, next_after, refresh, rename_school
from node.directory.queries import (
    FEWEST,
    MOST,
    PAGE,
    PAGES,
    Distance,
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
from node.directory.watches import (
    MOST_WATCHES,
    News,
    Watch,
    Watchable,
    forget_watcher,
    unwatch,
    watch,
    watch_class,
    watched,
    watches,
)

__all__ = [
    "FEWEST",
    "FILTERS",
    "MOST",
    "MOST_WATCHES",
    "PAGE",
    "PAGES",
    "Distance",
    "Facet",
    "Found",
    "Kind",
    "News",
    "Wanted",
    "Watch",
    "Watchable",
    "accounts",
    "by_name",
    "class_years",
    "count",
    "forget",
    "forget_watcher",
    "may_find",
    "next_after",
    "refresh",
    "rename_school",
    "search",
    "some",
    "suggestions",
    "unwatch",
    "watch",
    "watch_class",
    "watched",
    "watches",
]
