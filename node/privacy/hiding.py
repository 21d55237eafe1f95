# SPDX-License-Identifier: AGPL-3.0-or-later
"""Going away for a while: a member hides their account, and comes back when they like.

    active ──deactivate──> deactivated ──reactivate──> active

Nobody is shown that there is such an account: its pages, and what it posted, are not found, on no list and in no search.
Other servers are told what Mastodon calls suspended, which they can take back, and never that it is deleted. Nothing is
lost: follows, contacts, posts and the keys of apps wait, and open nothing meanwhile. Letters come only where somebody asks
for one to get in.
"""

from node import access, actors, media, members
from node.kernel.db import Tx
from node.members import Member
from node.privacy import leaving
from node.relationships.profiles import tell_changed


def deactivate(tx: Tx, member: Member) -> None:
    """Hide a member's account and log them out everywhere. Twice is harmless. Raises Conflict."""
    before = member.actor
    after = members.deactivate(tx, member)
    if after == before:
        return
    media.follow_suspension(tx, member.id)
    access.revoke_sessions(tx, member.id)
    access.interrupt(tx, member.id)
    tell_changed(tx, after)


def reactivate(tx: Tx, member: Member) -> None:
    """Show it again, and keep it if it was to be deleted. Twice is harmless. Raises Conflict."""
    before = member.actor
    after = members.reactivate(tx, member)
    leaving.cancel_deletion(tx, member.id)
    if after == before:
        return
    media.follow_suspension(tx, member.id)
    tell_changed(tx, actors.get(tx.conn, member.id))
