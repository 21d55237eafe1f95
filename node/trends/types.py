# SPDX-License-Identifier: AGPL-3.0-or-later
"""Something that trends."""

from dataclasses import dataclass

from node.trends.rules import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`ref` is a folded hashtag, the number of a post, or the key of a page; `display` is what a person calls it.

    `accounts` is how many had to do with it in the last days.
    """

    kind: Kind
    ref: str
    display: str
    score: float
    accounts: int
