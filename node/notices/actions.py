# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telling a member of a matter, and taking it back."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert

from activitypub.addressing import Visibility
from node import actors, members, posts
from node.actors import Actor, ActorType
from node.kernel.db import Tx
from node.notices.tables import notices
from node.posts import Kind, NewPost, store


def tell(tx: Tx, member: Actor, *, about: str, text: str, link: str, until: datetime | None = None) -> None:
    """Have the association tell a member, in place of what it told them about the same matter before.

    `text` is plain, in the member's language; `link` the address at which they act. Goes by itself at `until`. Whoever is
    no member, or gone, is told nothing.
    """
    close(tx, about, member=member)
    locale = members.locale_of(tx.conn, member.id)
    if locale is None or member.type is not ActorType.PERSON or not member.is_active or member.memorial:
        return
    association = actors.association(tx.conn)
    post_id = store.new_number(tx, tx.now)
    words = f"{text}\n\n{link}"
    post = store.write(
        tx,
        NewPost(
            uri=tx.site.new_object(),
            url=f"{tx.site.profile_url(association.username)}/{post_id}",
            author=association,
            kind=Kind.NOTE,
            visibility=Visibility.DIRECT,
            created_at=tx.now,
            content=posts.rendered(tx, words, ()),
            source=words,
            language=locale,
            named=(member,),
            quote_policy=(),
            post_id=post_id,
        ),
    )
    assert post is not None
    tx.conn.execute(insert(notices), {"about": about, "member_id": member.id, "post_id": post.id, "until": until})
    # No activity and no delivery: `posts.send` is what would federate it.
    store.announce_here(tx, post, association, people=(member,))


def close(tx: Tx, about: str, *, member: Actor | None = None) -> None:
    """The matter is closed: whoever was told of it, or this member, sees nothing of it any more."""
    which = [notices.c.about == about]
    if member is not None:
        which.append(notices.c.member_id == member.id)
    _close(tx, *which)


def forget_member(tx: Tx, member_id: int) -> None:
    """Somebody is gone, and with them all that the association told them."""
    _close(tx, notices.c.member_id == member_id)


def sweep(tx: Tx) -> None:
    """Take back what was to be told for a time that is over."""
    _close(tx, notices.c.until <= tx.now)


def _close(tx: Tx, *which: ColumnElement[bool]) -> None:
    gone = tx.conn.execute(delete(notices).where(*which).returning(notices.c.post_id)).scalars().all()
    for post_id in gone:
        post = posts.find(tx.conn, post_id)
        if post is not None:
            # Without a Delete or a tombstone: nobody elsewhere has ever known it.
            store.remove(tx, post)
