# SPDX-License-Identifier: AGPL-3.0-or-later
"""A list, and what happens to one, told to the slices above (`Tx.tell`) and on the bus."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from node.actors import ActorId


class RepliesPolicy(StrEnum):
    """Which answers of its people a list shows: to anybody whom the owner follows, to people on the list, or none.

    What is answered to the owner is shown in any case, and so is what somebody adds to a thread of their own.
    """

    FOLLOWED = "followed"
    LIST = "list"
    NONE = "none"


class BuiltIn(IntEnum):
    """The lists that every member has without making them, by the number under which apps know them."""

    CLASS = 1
    SCHOOL = 2
    PARTNERS = 3
    EVENTS = 4
    CONTACTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """A list of a member's own, or one that the node keeps (`built_in`, whose title is a message id)."""

    id: int
    owner_id: ActorId
    title: str
    replies_policy: RepliesPolicy = RepliesPolicy.LIST
    exclusive: bool = False
    built_in: BuiltIn | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A list that somebody is on."""

    list_id: int
    owner_id: ActorId
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """People have been put on a list whose timeline lacks what they wrote before."""

    list_id: int
    owner_id: ActorId
    account_ids: tuple[ActorId, ...]


@dataclass(frozen=True, slots=True)
class SetApart:
    """What these people write no longer comes to the owner's home timeline: an exclusive list holds them now."""

    owner_id: ActorId
    account_ids: tuple[ActorId, ...]


@dataclass(frozen=True, slots=True)
class SetApartNoMore:
    """What these people write may come to the owner's home timeline again."""

    owner_id: ActorId
    account_ids: tuple[ActorId, ...]


@dataclass(frozen=True, slots=True)
class ListUpdate:
    """On the bus as `list`: a new post that is not direct. `pairs` are the members' own lists it has come to, each as
    (list, owner).

    Nobody has worked out to whose built-in lists it belongs; `node.posts.listed.built_in_holds` says it for one of them.
    """

    post_id: int
    pairs: tuple[tuple[int, ActorId], ...]
