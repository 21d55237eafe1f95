# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of people: those that members make, and those that the node keeps for them. Rows of a timeline point at posts;
what a post is, stands above."""

from node.lists.actions import add, change, create, remove, take_off
from node.lists.queries import (
    account_ids,
    accounts,
    entries,
    every,
    get,
    holding,
    holding_post,
    own,
    set_apart,
    wanted,
    with_account,
)
from node.lists.rules import MAX_LISTS, MAX_MEMBERS, MAX_TITLE
from node.lists.timelines import (
    fan_out,
    fill,
    fill_from,
    forget_actor,
    forget_author,
    forget_network,
    forget_posts,
    hide_author,
    trim,
)
from node.lists.types import (
    BuiltIn,
    Holding,
    Listed,
    ListUpdate,
    PeopleList,
    RepliesPolicy,
    SetApart,
    SetApartNoMore,
)

__all__ = [
    "MAX_LISTS",
    "MAX_MEMBERS",
    "MAX_TITLE",
    "BuiltIn",
    "Holding",
    "ListUpdate",
    "Listed",
    "PeopleList",
    "RepliesPolicy",
    "SetApart",
    "SetApartNoMore",
    "account_ids",
    "accounts",
    "add",
    "change",
    "create",
    "entries",
    "every",
    "fan_out",
    "fill",
    "fill_from",
    "forget_actor",
    "forget_author",
    "forget_network",
    "forget_posts",
    "get",
    "hide_author",
    "holding",
    "holding_post",
    "own",
    "remove",
    "set_apart",
    "take_off",
    "trim",
    "wanted",
    "with_account",
]
