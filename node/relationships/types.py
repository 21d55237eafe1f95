# SPDX-License-Identifier: AGPL-3.0-or-later
"""The circles, and what happens between two people, told to the slices above (`Tx.tell`)."""

from dataclasses import dataclass
from enum import StrEnum

from node.actors import Actor


class Circle(StrEnum):
    """Who may read a post, beyond the Fediverse's four levels; narrowest first."""

    CLASS = "class"
    SCHOOL = "school"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True)
class Followed:
    """`follower` follows `followee` from now on: the follow is accepted."""

    follower: Actor
    followee: Actor


@dataclass(frozen=True, slots=True)
class FollowRequested:
    """`follower` asks to follow `followee`, who decides."""

    follower: Actor
    followee: Actor


@dataclass(frozen=True, slots=True)
class FollowEnded:
    """`follower` follows `followee` no more, whoever ended it, or asks no longer."""

    follower: Actor
    followee: Actor


@dataclass(frozen=True, slots=True)
class Blocked:
    """`blocker` wants nothing to do with `blocked`; the follows between them are gone."""

    blocker: Actor
    blocked: Actor


@dataclass(frozen=True, slots=True)
class Muted:
    """`muter` wants to see nothing of `muted`."""

    muter: Actor
    muted: Actor


@dataclass(frozen=True, slots=True)
class NetworkBlocked:
    """`owner` wants to see nothing of the network `domain`."""

    owner: Actor
    domain: str


@dataclass(frozen=True, slots=True)
class ActorGone:
    """A remote actor was deleted by its own server: what they made here goes too."""

    actor: Actor
