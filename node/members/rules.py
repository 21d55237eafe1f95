# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a username, a password, a class year and an invitation must be. Pure."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final

from activitypub.handles import is_reserved, is_valid_username
from node.kernel.errors import Conflict, Invalid, NotAllowed
from node.kernel.i18n import marked
from node.members.types import Invitation, InvitationState

ROLES: Final = ("member", "delegate", "event_manager", "moderator", "treasurer", "secretary", "board", "admin")
OFFICES: Final = frozenset({"delegate", "moderator", "treasurer", "secretary", "board", "admin"})
"""Who has a part in running the association, and thereby the page that leads to it."""
QUOTE_POLICIES: Final = ("public", "followers", "nobody")
EXPAND_MEDIA: Final = ("default", "show_all", "hide_all")
USED: Final = marked("This invitation has already been used. Please ask the association for a new one.")
EXPIRED: Final = marked("This invitation has expired. Please ask the association for a new one.")
TAKEN_BACK: Final = marked("This invitation is good no more. Please ask the association for a new one.")
MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 200
FIRST_CLASS: Final = 1900
# What people type first, and what attackers try first; longer ones are caught by length alone.
_COMMON: Final = frozenset(
    {
        "1234567890",
        "0123456789",
        "qwertyuiop",
        "azertyuiop",
        "password12",
        "password123",
        "password1234",
        "motdepasse",
        "motdepasse1",
        "motdepasse123",
        "iloveyou123",
        "administrator",
        "welcome123",
        "bienvenue1",
        "changeme123",
        "letmein123",
        "qwerty12345",
        "azerty12345",
        "abcdefghij",
        "abcd123456",
    }
)
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f.]+(?:\.[^@\s\x00-\x1f\x7f.]+)*")


def check_username(username: str, *, any_name: bool = False) -> str:
    """The username as it is kept: lower case. Raises Invalid with what to do. `any_name`: reserved ones too."""
    name = username.strip().removeprefix("@").lower()
    if not is_valid_username(name):
        raise Invalid("Please choose a username of 2 to 30 letters a to z, digits and underscores.", field="username")
    if is_reserved(name) and not any_name:
        raise Invalid("This username is reserved. Please choose another.", field="username")
    return name


def check_email(email: str) -> str:
    """The address, trimmed. Raises Invalid if it has not the form of one."""
    address = email.strip()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise Invalid("Please give an e-mail address, such as name@example.org.", field="email")
    return address


def check_new_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raises Invalid for a password that is too short, too long, too common, or one of the member's own names."""
    if len(password) < MIN_PASSWORD:
        raise Invalid("Please choose a password of at least 10 characters.", field="password")
    if len(password) > MAX_PASSWORD:
        raise Invalid("Please choose a password of at most 200 characters.", field="password")
    folded = password.casefold()
    if folded in _COMMON or len(set(folded)) < 4 or folded in {name.casefold() for name in about if name}:
        raise Invalid("This password is too easy to guess. Please choose another.", field="password")


def check_class_year(year: int | None, now: datetime) -> int | None:
    """A year of graduation between 1900 and ten years from now, or None. Raises Invalid."""
    if year is not None and not FIRST_CLASS <= year <= now.year + 10:
        raise Invalid("Please give the class as a year of four digits.", field="class_year")
    return year


def check_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles, in the order of `ROLES`. Raises Invalid for an unknown one."""
    for role in roles:
        if role not in ROLES:
            raise Invalid(f"There is no role named {role}. The roles are: {', '.join(ROLES)}.", field="role")
    return tuple(role for role in ROLES if role in roles)


def check_office(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever has no part in running the association."""
    if OFFICES.isdisjoint(roles):
        raise NotAllowed(marked("This page is for those who run the association."))


def check_choices(quote_policy: str | None, expand_media: str | None) -> None:
    """Raises Invalid for a word that cannot be chosen; None is no choice."""
    if quote_policy is not None and quote_policy not in QUOTE_POLICIES:
        raise Invalid("Validation failed: Quote policy is not included in the list", field="quote_policy")
    if expand_media is not None and expand_media not in EXPAND_MEDIA:
        raise Invalid("Please choose how pictures are shown.", field="expand_media")


def check_usable(invitation: Invitation, now: datetime) -> None:
    """Raises Conflict if the invitation has been used up, is too old, was taken back, or its letter came back."""
    if invitation.state is InvitationState.USED or invitation.uses >= invitation.max_uses:
        raise Conflict(USED).coded("E_INVITE_USED")
    if invitation.state is InvitationState.EXPIRED or invitation.expires_at <= now:
        raise Conflict(EXPIRED).coded("E_INVITE_EXPIRED")
    if invitation.state in (InvitationState.REVOKED, InvitationState.BOUNCED):
        raise Conflict(TAKEN_BACK).coded("E_INVITE_REVOKED")
