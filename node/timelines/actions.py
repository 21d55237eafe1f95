# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing home timelines: who gets a new post, what a new follow brings, what an end of one takes away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BigInteger,
    String,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    union,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from node.actors import ActorId
from node.actors.tables import actors
from node.kernel.among import TEXTS, among
from node.kernel.clock import milliseconds
from node.kernel.db import Tx, insert_into, insert_or_ignore
from node.kernel.paging import keep_newest
from node.relationships.hiding import block_between, mutes_now, network_blocked
from node.relationships.tables import follows
from node.timelines import queries
from node.timelines.queries import Marker
from node.timelines.tables import followed_tags, home_entries, markers


@dataclass(frozen=True, slots=True)
class HomeUpdate:
    """On the bus as `home`: a post has come to these members' home timelines."""

    post_id: int
    owners: tuple[ActorId, ...]


def fan_out(
    tx: Tx,
    post_id: int,
    author_id: ActorId,
    *,
    author_is_local: bool,
    reply_to_author: int | None = None,
    boosted_author: int | None = None,
    only: Collection[int] | None = None,
    without: Collection[int] = (),
    tags: Collection[str] = (),
    language: str | None = None,
) -> None:
    """Put a new post on the home timelines of its author, if local, and of the members who follow them.

    A reply comes only to those who also follow (or are) the one replied to; a boost not to those who hid boosts, or who
    block or mute the one boosted. `only` narrows it to some members (a direct post: those who are named); `without` are
    members who want the author in a list and not at home. Whoever follows one of `tags` (folded) gets it as well. Who
    follows the author in certain languages only gets what is in one of them, or in none that is named.
    """
    statement = _fan_out_statement(
        tx.conn.dialect.name,
        author_is_local=author_is_local,
        is_reply=reply_to_author is not None and reply_to_author != author_id,
        is_boost=boosted_author is not None,
        is_narrowed=only is not None,
        has_language=language is not None,
    )
    values: dict[str, object] = {
        "post": post_id,
        "author": author_id,
        "at": milliseconds(tx.now),
        "answered": reply_to_author,
        "boosted": boosted_author,
        "only": only or (),
        "without": without,
        "language": f",{language},",
    }
    inserted = list(tx.conn.execute(statement, values))
    if tags:
        by_tag = _by_tag_statement(tx.conn.dialect.name)
        inserted += tx.conn.execute(by_tag, {**values, "tags": sorted(set(tags))})
    owners = tuple(ActorId(row.owner_id) for row in inserted)
    if owners:
        bus = tx.bus
        tx.after_commit(lambda: bus.publish("home", HomeUpdate(post_id, owners)))


@cache
def _fan_out_statement(
    dialect: str, *, author_is_local: bool, is_reply: bool, is_boost: bool, is_narrowed: bool, has_language: bool
) -> ReturningInsert[tuple[int]]:
    """The statement behind `fan_out`, built once for each of its forms."""
    owner = follows.c.follower_id
    author, boosted, answered = (bindparam(name, type_=BigInteger) for name in ("author", "boosted", "answered"))
    clauses = [
        follows.c.followee_id == author,
        follows.c.state == "accepted",
        actors.c.domain == "",
        actors.c.deleted_at.is_(None),
        ~mutes_now(owner, author),
        ~among(owner, "without"),
    ]
    if is_narrowed:
        clauses.append(among(owner, "only"))
    if is_reply:
        also = follows.alias("also")
        follows_answered = select(also.c.id).where(
            also.c.follower_id == owner, also.c.followee_id == answered, also.c.state == "accepted"
        )
        clauses.append(or_(owner == answered, exists(follows_answered)))
    if is_boost:
        clauses.append(follows.c.show_boosts.is_(True))
        clauses.append(owner != boosted)
        clauses.append(~mutes_now(owner, boosted))
        clauses.append(~block_between(owner, boosted))
        clauses.append(~network_blocked(owner, boosted))
    if has_language:
        wanted = type_coerce(follows.c.languages, String)
        clauses.append(or_(wanted.is_(None), wanted.contains(bindparam("language", type_=String))))
    receivers = select(owner.label("owner_id")).join_from(follows, actors, actors.c.id == owner).where(*clauses)
    everybody = (
        union(receivers, select(author.label("owner_id"))).subquery() if author_is_local else receivers.subquery()
    )
    rows = select(everybody.c.owner_id, bindparam("post", type_=BigInteger), author).where(
        everybody.c.owner_id.is_not(None)  # SQLite needs a WHERE before ON CONFLICT
    )
    columns = ["owner_id", "post_id", "author_id"]
    into = insert_into(dialect, home_entries).from_select(columns, rows).on_conflict_do_nothing()
    return into.returning(home_entries.c.owner_id)


@cache
def _by_tag_statement(dialect: str) -> ReturningInsert[tuple[int]]:
    """Puts a post on the home timelines of those who follow one of its hashtags and did not get it already."""
    owner, author = followed_tags.c.owner_id, bindparam("author", type_=BigInteger)
    rows = (
        select(owner, bindparam("post", type_=BigInteger), author, func.min(followed_tags.c.name))
        .join_from(followed_tags, actors, actors.c.id == owner)
        .where(
            among(followed_tags.c.name, "tags", TEXTS),
            actors.c.domain == "",
            actors.c.deleted_at.is_(None),
            owner != author,
            ~among(owner, "without"),
            ~mutes_now(owner, author),
            ~block_between(owner, author),
            ~network_blocked(owner, author),
        )
        .group_by(owner)
    )
    columns = ["owner_id", "post_id", "author_id", "tag"]
    into = insert_into(dialect, home_entries).from_select(columns, rows).on_conflict_do_nothing()
    return into.returning(home_entries.c.owner_id)


def fill_from(tx: Tx, owner_id: ActorId, author_id: ActorId, post_ids: Sequence[int]) -> None:
    """Put an author's latest posts on the timeline of somebody who begins to follow them."""
    fill(tx, owner_id, {author_id: post_ids})


def fill(tx: Tx, owner_id: ActorId, latest: Mapping[ActorId, Sequence[int]]) -> None:
    """The same for several authors."""
    rows = [
        {"owner_id": owner_id, "post_id": post_id, "author_id": author_id}
        for author_id, post_ids in latest.items()
        for post_id in post_ids
    ]
    if rows:
        tx.conn.execute(insert_or_ignore(tx.conn, home_entries), rows)


def forget_author(tx: Tx, owner_id: ActorId, author_id: ActorId) -> None:
    """Take an author's posts from somebody's timeline: a follow that ended, a block, a mute."""
    forget_authors(tx, owner_id, (author_id,))


def forget_authors(tx: Tx, owner_id: ActorId, author_ids: Collection[ActorId]) -> None:
    """The same for several authors."""
    tx.conn.execute(
        delete(home_entries).where(home_entries.c.owner_id == owner_id, home_entries.c.author_id.in_(set(author_ids)))
    )


def forget_network(tx: Tx, owner_id: ActorId, domain: str) -> None:
    """Take from somebody's timeline whatever came from people of a network: it is blocked now."""
    there = select(actors.c.id).where(actors.c.domain == domain)
    tx.conn.execute(
        delete(home_entries).where(home_entries.c.owner_id == owner_id, home_entries.c.author_id.in_(there))
    )


def forget_tag(tx: Tx, owner_id: ActorId, name: str) -> None:
    """Take from somebody's timeline what came there for a hashtag alone. What another followed hashtag would have brought
    as well goes with it."""
    tx.conn.execute(delete(home_entries).where(home_entries.c.owner_id == owner_id, home_entries.c.tag == name))


def forget_owner(tx: Tx, owner_id: ActorId) -> None:
    """Empty the home timeline of somebody who is gone, with what they had read and the hashtags they followed."""
    tx.conn.execute(delete(home_entries).where(home_entries.c.owner_id == owner_id))
    tx.conn.execute(delete(followed_tags).where(followed_tags.c.owner_id == owner_id))
    tx.conn.execute(delete(markers).where(markers.c.owner_id == owner_id))


def forget_posts(tx: Tx, post_ids: Collection[int]) -> tuple[ActorId, ...]:
    """Take posts that go away from every timeline; whose timelines they were on."""
    rows = tx.conn.execute(
        delete(home_entries).where(home_entries.c.post_id.in_(set(post_ids))).returning(home_entries.c.owner_id)
    )
    return tuple({ActorId(row.owner_id) for row in rows})


def trim(tx: Tx, length: int) -> int:
    """Cut every home timeline to its newest `length` posts; how many rows went."""
    return keep_newest(tx.conn, home_entries.c.owner_id, home_entries.c.post_id, length)


def set_marker(tx: Tx, owner_id: ActorId, timeline: str, last_read_id: int) -> Marker:
    """Note how far a timeline was read. It never goes back: of two devices, the one that is further ahead counts."""
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, markers),
        {
            "owner_id": owner_id,
            "timeline": timeline,
            "last_read_id": last_read_id,
            "version": 1,
            "updated_at": tx.now,
        },
    )
    if inserted.rowcount == 0:
        tx.conn.execute(
            update(markers)
            .where(
                markers.c.owner_id == owner_id,
                markers.c.timeline == timeline,
                markers.c.last_read_id < last_read_id,
            )
            .values(last_read_id=last_read_id, version=markers.c.version + 1, updated_at=tx.now)
        )
    return queries.markers(tx.conn, owner_id, [timeline])[timeline]
