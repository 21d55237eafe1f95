# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a list may be called, and how many there may be. Pure. Refusals read as Mastodon's do: apps show them."""

from typing import Final

from node.kernel.errors import Invalid
from node.kernel.text import clean_line
from node.lists.types import RepliesPolicy

MAX_LISTS: Final = 50
MAX_MEMBERS: Final = 500
MAX_TITLE: Final = 256


def check_title(written: str) -> str:
    """The title on one line. Raises Invalid if it is empty or too long."""
    title = clean_line(written, MAX_TITLE + 1)
    if not title:
        raise Invalid("Validation failed: Title can't be blank", field="title")
    if len(title) > MAX_TITLE:
        raise Invalid("Validation failed: Title is too long (maximum is 256 characters)", field="title")
    return title


def check_policy(written: str) -> RepliesPolicy:
    """The policy with that name. Raises Invalid."""
    if written not in set(RepliesPolicy):
        raise Invalid("Validation failed: Replies policy is not included in the list", field="replies_policy")
    return RepliesPolicy(written)


def check_another(lists: int) -> None:
    """Raises Invalid if somebody with that many lists may make no more."""
    if lists >= MAX_LISTS:
        raise Invalid("Validation failed: You have reached the maximum number of lists", field="title")


def check_members(number: int) -> None:
    """Raises Invalid if a list with that many people would be too long."""
    if number > MAX_MEMBERS:
        raise Invalid("Validation failed: A list can hold 500 people", field="account_ids")
