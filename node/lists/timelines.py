# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing the timelines of lists: what comes to which list, and what goes again. Their rules are those of home:
nothing of the muted, no boosts that are hidden, nothing of whom one follows no more.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sqlalchemy import BigInteger, String, and_, bindparam, delete, exists, or_, select, type_coerce
from sqlalchemy.sql.dml import ReturningInsert

from node.actors import ActorId
from node.actors.tables import actors
from node.kernel.among import among
from node.kernel.clock import milliseconds
from node.kernel.db import Tx, insert_into, insert_or_ignore
from node.kernel.paging import keep_newest
from node.lists.tables import list_entries, list_members, lists
from node.lists.types import Holding, ListUpdate, RepliesPolicy
from node.relationships.hiding import block_between, mutes_now, network_blocked
from node.relationships.tables import follows


def fan_out(
    tx: Tx,
    post_id: int,
    author_id: ActorId,
    holding: Sequence[Holding],
    *,
    reply_to_author: int | None = None,
    boosted_author: int | None = None,
    only: Collection[int] | None = None,
    language: str | None = None,
) -> None:
    """Put a new post that is not direct on the lists that hold its author (`queries.holding`), as their owners want it.

    `only` narrows it to some owners (a post to a circle: the followers inside). One statement if anybody holds the author,
    none else.
    """
    pairs: tuple[tuple[int, ActorId], ...] = ()
    if holding:
        owners = {one.list_id: one.owner_id for one in holding}
        inserted = tx.conn.execute(
            _fan_out_statement(
                tx.conn.dialect.name,
                is_reply=reply_to_author is not None and reply_to_author != author_id,
                is_boost=boosted_author is not None,
                is_narrowed=only is not None,
                has_language=language is not None,
            ),
            {
                "post": post_id,
                "author": author_id,
                "at": milliseconds(tx.now),
                "answered": reply_to_author,
                "boosted": boosted_author,
                "only": [*(only or ()), author_id],
                "language": f",{language},",
            },
        )
        pairs = tuple((row.list_id, owners[row.list_id]) for row in inserted if row.list_id in owners)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("list", ListUpdate(post_id, pairs)))


@cache
def _fan_out_statement(
    dialect: str, *, is_reply: bool, is_boost: bool, is_narrowed: bool, has_language: bool
) -> ReturningInsert[tuple[int]]:
    """The statement behind `fan_out`, built once for each of its forms."""
    owner = lists.c.owner_id
    author, boosted, answered = (bindparam(name, type_=BigInteger) for name in ("author", "boosted", "answered"))
    wanted = [
        follows.c.follower_id == owner,
        follows.c.followee_id == author,
        follows.c.state == "accepted",
    ]
    if is_boost:
        wanted.append(follows.c.show_boosts.is_(True))
    if has_language:
        chosen = type_coerce(follows.c.languages, String)
        wanted.append(or_(chosen.is_(None), chosen.contains(bindparam("language", type_=String))))
    clauses = [
        list_members.c.account_id == author,
        actors.c.domain == "",
        actors.c.deleted_at.is_(None),
        or_(owner == author, exists(select(follows.c.id).where(*wanted))),
        ~mutes_now(owner, author),
        ~network_blocked(owner, author),
    ]
    if is_narrowed:
        clauses.append(among(owner, "only"))
    if is_reply:
        also, other = follows.alias("also"), list_members.alias("other")
        follows_answered = select(also.c.id).where(
            also.c.follower_id == owner, also.c.followee_id == answered, also.c.state == "accepted"
        )
        holds_answered = select(other.c.id).where(other.c.list_id == lists.c.id, other.c.account_id == answered)
        clauses.append(
            or_(
                owner == answered,
                and_(lists.c.replies_policy == RepliesPolicy.FOLLOWED, exists(follows_answered)),
                and_(lists.c.replies_policy == RepliesPolicy.LIST, exists(holds_answered)),
            )
        )
    if is_boost:
        clauses += [
            owner != boosted,
            ~mutes_now(owner, boosted),
            ~network_blocked(owner, boosted),
            ~block_between(owner, boosted),
        ]
    rows = (
        select(list_members.c.list_id, bindparam("post", type_=BigInteger), author)
        .join_from(list_members, lists, lists.c.id == list_members.c.list_id)
        .join(actors, actors.c.id == owner)
        .where(*clauses)
    )
    columns = ["list_id", "post_id", "author_id"]
    into = insert_into(dialect, list_entries).from_select(columns, rows).on_conflict_do_nothing()
    return into.returning(list_entries.c.list_id)


def fill(tx: Tx, list_id: int, latest: Mapping[ActorId, Sequence[int]]) -> None:
    """Put the latest posts of people who have come to a list on its timeline."""
    rows = [
        {"list_id": list_id, "post_id": post_id, "author_id": author_id}
        for author_id, post_ids in latest.items()
        for post_id in post_ids
    ]
    if rows:
        tx.conn.execute(insert_or_ignore(tx.conn, list_entries), rows)


def fill_from(tx: Tx, owner_id: ActorId, author_id: ActorId, post_ids: Sequence[int]) -> None:
    """Put an author's latest posts on those of the owner's lists that hold them: a follow has been accepted."""
    statement = (
        select(list_members.c.list_id)
        .join(lists, lists.c.id == list_members.c.list_id)
        .where(lists.c.owner_id == owner_id, list_members.c.account_id == author_id)
    )
    for list_id in tx.conn.execute(statement).scalars().all():
        fill(tx, list_id, {author_id: post_ids})


def hide_author(tx: Tx, owner_id: ActorId, author_id: ActorId) -> None:
    """Take an author's posts from the timelines of somebody's lists: a mute."""
    _forget(tx, owner_id, author_id, members=False)


def forget_network(tx: Tx, owner_id: ActorId, domain: str) -> None:
    """Take from the timelines of somebody's lists what came from a network that they block."""
    theirs = select(lists.c.id).where(lists.c.owner_id == owner_id)
    there = select(actors.c.id).where(actors.c.domain == domain)
    tx.conn.execute(delete(list_entries).where(list_entries.c.list_id.in_(theirs), list_entries.c.author_id.in_(there)))


def forget_author(tx: Tx, owner_id: ActorId, author_id: ActorId) -> None:
    """Take somebody off every list of the owner, with their posts: a follow that ended."""
    _forget(tx, owner_id, author_id, members=True)


def _forget(tx: Tx, owner_id: ActorId, author_id: ActorId, *, members: bool) -> None:
    theirs = select(lists.c.id).where(lists.c.owner_id == owner_id)
    tx.conn.execute(
        delete(list_entries).where(list_entries.c.list_id.in_(theirs), list_entries.c.author_id == author_id)
    )
    if members:
        tx.conn.execute(
            delete(list_members).where(list_members.c.list_id.in_(theirs), list_members.c.account_id == author_id)
        )


def forget_actor(tx: Tx, actor_id: ActorId) -> None:
    """Take somebody who is gone off everybody's lists, and their own lists away."""
    tx.conn.execute(delete(list_members).where(list_members.c.account_id == actor_id))
    tx.conn.execute(delete(lists).where(lists.c.owner_id == actor_id))


def forget_posts(tx: Tx, post_ids: Collection[int]) -> tuple[tuple[int, int], ...]:
    """Take posts that go away from the timelines of all lists; from which, each as (list, owner)."""
    rows = tx.conn.execute(
        delete(list_entries).where(list_entries.c.post_id.in_(set(post_ids))).returning(list_entries.c.list_id)
    )
    touched = {row.list_id for row in rows}
    if not touched:
        return ()
    owners = tx.conn.execute(select(lists.c.id, lists.c.owner_id).where(lists.c.id.in_(touched)))
    return tuple((row.id, row.owner_id) for row in owners)


def trim(tx: Tx, length: int) -> int:
    """Cut the timeline of every list to its newest `length` posts; how many rows went."""
    return keep_newest(tx.conn, list_entries.c.list_id, list_entries.c.post_id, length)
