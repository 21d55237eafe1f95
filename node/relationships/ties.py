# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member keeps about somebody beside follows: a recommendation on their own profile, and a note for themselves."""

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.kernel import paging
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.kernel.text import clean
from node.relationships import queries
from node.relationships.queries import ACCEPTED
from node.relationships.tables import account_notes, endorsements, follows

Act = Callable[[Tx, Actor, Actor], None]
"""What somebody does about somebody else."""

MAX_NOTE: Final = 2_000
MAX_ENDORSEMENTS: Final = 100
MAX_FAMILIAR: Final = 10
"""How many are named of those whom a member follows and who follow somebody."""


def endorse(tx: Tx, actor: Actor, target: Actor) -> None:
    """Show somebody on one's profile. Doing it twice changes nothing.

    Raises Invalid unless one follows them (Mastodon's rule), and for the hundred-and-first.
    """
    if not queries.is_following(tx.conn, actor.id, target.id):
        raise Invalid("Validation failed: You must be already following the person you want to endorse")
    tx.conn.execute(
        insert_or_ignore(tx.conn, endorsements),
        {"id": new_id(tx.now), "endorser_id": actor.id, "endorsed_id": target.id, "created_at": tx.now},
    )
    # Counted after, so that saying it again at the limit is no more than that; a refusal takes the row back.
    known = select(func.count()).select_from(endorsements).where(endorsements.c.endorser_id == actor.id)
    if tx.conn.execute(known).scalar_one() > MAX_ENDORSEMENTS:
        raise Invalid("Validation failed: You show a hundred people on your profile already")


def unendorse(tx: Tx, actor: Actor, target: Actor) -> None:
    """Show somebody no longer. Nothing to take back is fine."""
    tx.conn.execute(
        delete(endorsements).where(endorsements.c.endorser_id == actor.id, endorsements.c.endorsed_id == target.id)
    )


def endorsed(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Whom somebody shows on their profile, newest first, each with the number of the row."""
    rows = paging.read(
        conn,
        select(endorsements.c.id, endorsements.c.endorsed_id)
        .join(actors, actors.c.id == endorsements.c.endorsed_id)
        .where(endorsements.c.endorser_id == actor_id, actors.c.deleted_at.is_(None), actors.c.suspended_at.is_(None)),
        endorsements.c.id,
        page,
    )
    known = by_ids(conn, [row.endorsed_id for row in rows])
    return [(row.id, known[row.endorsed_id]) for row in rows if row.endorsed_id in known]


def set_note(tx: Tx, actor: Actor, subject: Actor, comment: str) -> None:
    """Write down about somebody what only oneself reads; nothing takes it away. Raises Invalid for one too long."""
    text = clean(comment, MAX_NOTE + 1).strip()
    if len(text) > MAX_NOTE:
        raise Invalid("Validation failed: Comment is too long (maximum is 2000 characters)", field="comment")
    key = (account_notes.c.owner_id == actor.id, account_notes.c.subject_id == subject.id)
    if not text:
        tx.conn.execute(delete(account_notes).where(*key))
        return
    made = tx.conn.execute(
        insert_or_ignore(tx.conn, account_notes),
        {"owner_id": actor.id, "subject_id": subject.id, "comment": text},
    )
    if made.rowcount == 0:
        tx.conn.execute(update(account_notes).where(*key).values(comment=text))


def familiar_followers(conn: Connection, viewer_id: int, others: Collection[int]) -> dict[int, list[Actor]]:
    """Of each of the others, those followers whom the viewer follows too, the newest first; two statements.

    Nothing is told of followers who show nobody whom they follow, nor of others who show nobody who follows them.
    """
    wanted = set(others)
    found: dict[int, list[int]] = {number: [] for number in wanted}
    if not wanted:
        return {}
    mine, subject = follows.alias("mine"), actors.alias("subject")
    ranked = (
        select(
            follows.c.followee_id,
            follows.c.follower_id,
            func.row_number().over(partition_by=follows.c.followee_id, order_by=follows.c.id.desc()).label("rank"),
        )
        .join(mine, mine.c.followee_id == follows.c.follower_id)
        .join(actors, actors.c.id == follows.c.follower_id)
        .join(subject, subject.c.id == follows.c.followee_id)
        .where(
            follows.c.followee_id.in_(wanted),
            follows.c.state == ACCEPTED,
            mine.c.follower_id == viewer_id,
            mine.c.state == ACCEPTED,
            actors.c.hide_collections.is_(False),
            actors.c.deleted_at.is_(None),
            actors.c.suspended_at.is_(None),
            subject.c.hide_collections.is_(False),
        )
        .subquery()
    )
    for row in conn.execute(
        select(ranked.c.followee_id, ranked.c.follower_id).where(ranked.c.rank <= MAX_FAMILIAR).order_by(ranked.c.rank)
    ):
        found[row.followee_id].append(row.follower_id)
    known = by_ids(conn, {number for numbers in found.values() for number in numbers})
    return {number: [known[ActorId(one)] for one in numbers if one in known] for number, numbers in found.items()}
