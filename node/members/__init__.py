# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts of this node: who has a login, how they came, what they prefer."""

from node.members.actions import (
    Entry,
    NewMember,
    Preferences,
    add_member,
    change_password,
    create_invitation,
    erase,
    register,
    set_preferences,
    set_up_node,
)
from node.members.joining import (
    SignedUp,
    TurnedAway,
    approve,
    change_email,
    confirm,
    sign_up,
    sweep_unconfirmed,
    turn_away,
    waiting,
    waiting_count,
)
from node.members.passwords import Passwords
from node.members.queries import (
    by_email,
    by_login,
    check_may_leave,
    count,
    exists_email,
    get,
    invitation,
    with_role,
)
from node.members.rules import ROLES, check_new_password, check_usable
from node.members.types import Invitation, Member, Standing

__all__ = [
    "ROLES",
    "Entry",
    "Invitation",
    "Member",
    "NewMember",
    "Passwords",
    "Preferences",
    "SignedUp",
    "Standing",
    "TurnedAway",
    "add_member",
    "approve",
    "by_email",
    "by_login",
    "change_email",
    "change_password",
    "check_may_leave",
    "check_new_password",
    "check_usable",
    "confirm",
    "count",
    "create_invitation",
    "erase",
    "exists_email",
    "get",
    "invitation",
    "register",
    "set_preferences",
    "set_up_node",
    "sign_up",
    "sweep_unconfirmed",
    "turn_away",
    "waiting",
    "waiting_count",
    "with_role",
]
