# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member and an invitation, as the rest of the node sees them."""

from dataclasses import dataclass
from datetime import datetime

from activitypub.addressing import Visibility
from node.actors import Actor, ActorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with a login here. `password_hash` stays inside this slice."""

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
    suspended_at: datetime | None
    created_at: datetime

    @property
    def id(self) -> ActorId:
        """The member's number, which is their actor's."""
        return self.actor.id

    @property
    def is_active(self) -> bool:
        """May log in and act."""
        return self.suspended_at is None and self.actor.is_active

    @property
    def is_admin(self) -> bool:
        """May run the node."""
        return "admin" in self.roles

    def __repr__(self) -> str:
        """Without the address and the hash, so that neither ends in a log."""
        return f"Member({self.actor.username})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link by which somebody may sign up."""

    id: int
    created_by: ActorId | None
    class_year: int | None
    email: str | None
    max_uses: int
    uses: int
    expires_at: datetime
    created_at: datetime
