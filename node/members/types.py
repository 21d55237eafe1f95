# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member and an invitation, as the rest of the node sees them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from activitypub.addressing import Visibility
from node.actors import Actor, ActorId


class Standing(StrEnum):
    """How far somebody is let in.

    unconfirmed ──link in the mail──> pending ──the association's yes──> active <──> disabled
                             └── where no yes is needed ──────────────────┘

    Who is active may hide their account and come back: deactivated.
    """

    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with a login here. `password_hash` stays inside this slice.

    The actor of one who waits to be let in is hidden from everybody; they themselves see it as it will be.
    """

    actor: Actor
    email: str
    password_hash: str
    roles: frozenset[str]
    locale: str
    timezone: str
    default_visibility: Visibility
    default_sensitive: bool
    default_language: str | None
    default_quote_policy: str
    expand_media: str
    expand_spoilers: bool
    autoplay_gifs: bool
    confirmed_at: datetime | None
    approved_at: datetime | None
    announced_at: datetime | None
    reason: str
    signed_up_with: int | None
    suspended_at: datetime | None
    adult_on: date | None
    created_at: datetime

    @property
    def id(self) -> ActorId:
        """The member's number, which is their actor's."""
        return self.actor.id

    @property
    def standing(self) -> Standing:
        """Whether they are let in, and if not, what is missing."""
        if self.suspended_at is None and self.actor.away_since is not None and self.actor.deleted_at is None:
            return Standing.DEACTIVATED
        if self.suspended_at is not None or not self.actor.is_active:
            return Standing.DISABLED
        if self.confirmed_at is None:
            return Standing.UNCONFIRMED
        return Standing.ACTIVE if self.approved_at is not None else Standing.PENDING

    @property
    def is_active(self) -> bool:
        """May log in and act."""
        return self.standing is Standing.ACTIVE

    @property
    def is_admin(self) -> bool:
        """May run the node."""
        return "admin" in self.roles

    def __repr__(self) -> str:
        """Without the address and the hash, so that neither ends in a log."""
        return f"Member({self.actor.username})"


class InvitationState(StrEnum):
    """How far an invitation is; what leads where stands in `invitations`."""

    CREATED = "created"
    SENT = "sent"
    OPENED = "opened"
    BOUNCED = "bounced"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link by which somebody may sign up. `since`: when it came to be as it is."""

    id: int
    created_by: ActorId | None
    class_year: int | None
    school: str | None
    email: str | None
    max_uses: int
    uses: int
    state: InvitationState
    since: datetime
    expires_at: datetime
    created_at: datetime
