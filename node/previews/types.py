# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page that posts link to, as it is kept, and what was found on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from node.previews.rules import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A row of `previews`.

    `card` has the members of a client's PreviewCard that are known, and `file`, the name of its picture in the store.
    """

    id: int
    key: str
    url: str
    host: str
    state: State
    card: Mapping[str, object] | None
    file: str | None
    picture_url: str | None
    author_id: int | None
    fetched_at: datetime | None
    next_at: datetime | None
    failures: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read of a page: its card, without a picture's file if `file` is the one that was there before."""

    card: Mapping[str, object]
    file: str | None = None
    picture_url: str | None = None
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class NothingFound:
    """Why nothing was read, and whether it may be otherwise later."""

    reason: str
    retryable: bool
