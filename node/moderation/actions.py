# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reporting somebody, and what the staff does about it. A report by itself hides nothing and punishes nobody."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, insert, update

from activitypub import activity as activity_documents
from node import actors, federation, instance, notifications, posts
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.members import Member
from node.moderation import chain, queries, rules
from node.moderation.queries import Report
from node.moderation.rules import Category
from node.moderation.tables import reports, sanctions, severed
from node.notifications import Kind


def report(
    tx: Tx,
    reporter: Actor,
    target_id: int,
    *,
    post_ids: Collection[int] = (),
    comment: str = "",
    category: Category = Category.OTHER,
    rule_ids: Collection[int] = (),
    forward: bool = False,
) -> Report:
    """Report somebody to the staff, and if `forward` says so to the staff of the other server.

    The other server is told by the node's own actor, never by whom. Posts that are not the target's, or that the reporter
    cannot see, are left out. Raises NotFound, Invalid and TooMany.
    """
    target = actors.get(tx.conn, target_id)
    words = clean(comment, rules.MAX_COMMENT + 1)
    rules.check_report(
        reporter.id, target.id, words, queries.made_since(tx.conn, reporter.id, tx.now - timedelta(days=1))
    )
    meant = [
        view.post.uri
        for view in posts.views(tx.conn, list(dict.fromkeys(post_ids))[: rules.MAX_POSTS], reporter.id)
        if view.post.author_id == target.id and not view.post.is_boost
    ]
    forwarded = forward and not target.is_local
    uri = tx.site.new_activity()
    report_id = new_id(tx.now)
    tx.conn.execute(
        insert(reports),
        {
            "id": report_id,
            "uri": uri,
            "reporter_id": reporter.id,
            "host": "",
            "target_id": target.id,
            "posts": meant,
            "rule_ids": list(instance.rules_by_ids(tx.conn, rule_ids)),
            "category": category,
            "comment": words,
            "forwarded": forwarded,
            "created_at": tx.now,
        },
    )
    if forwarded:
        _forward(tx, uri, target, meant, words)
    notifications.notify_staff(tx, Kind.REPORT, reporter, report_id=report_id)
    return queries.get(tx.conn, report_id)


def _forward(tx: Tx, uri: str, target: Actor, meant: list[str], words: str) -> None:
    node_actor = actors.node_actor(tx.conn)
    document = activity_documents.build(
        "Flag", id=uri, actor=node_actor.uri, object=target.uri, to=[target.uri], published=tx.now, content=words
    )
    document["object"] = [target.uri, *meant]
    federation.publish(tx, node_actor, document, [target.inbox])


def forget_actor(tx: Tx, actor: Actor) -> None:
    """Somebody is gone: what they reported stays, by nobody; what was decided about them, and their answers, go."""
    tx.conn.execute(update(reports).where(reports.c.reporter_id == actor.id).values(reporter_id=None))
    tx.conn.execute(delete(sanctions).where(sanctions.c.target_id == actor.id))
    tx.conn.execute(delete(severed).where(severed.c.owner_id == actor.id))


def note(
    tx: Tx,
    staff: Member | None,
    action: str,
    *,
    report_id: int | None = None,
    target_id: int | None = None,
    domain: str = "",
) -> None:
    """Keep in mind what somebody of the staff did, and never why, which is personal. Without `staff` it was a command."""
    chain.append(
        tx,
        {
            "id": new_id(tx.now),
            "actor_id": staff.id if staff is not None else None,
            "action": action,
            "report_id": report_id,
            "target_id": target_id,
            "domain": domain,
        },
    )
