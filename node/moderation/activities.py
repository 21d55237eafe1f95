# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports by other servers."""

import logging
from datetime import timedelta

from activitypub.accessors import ids, text_of
from node import actors, notifications, posts
from node.actors import Actor
from node.federation import Received, activities, host_of
from node.kernel import html
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.moderation import queries, rules
from node.moderation.rules import Category
from node.moderation.tables import reports
from node.notifications import Kind

_log = logging.getLogger(__name__)


def flagged(tx: Tx, received: Received) -> None:
    """Another server reports one of ours: an account, posts of theirs, or both (Mastodon's list, Lemmy's single object).

    Shown to the staff and to nobody else. Whoever is meant is the account named, or else the author of the first post.
    """
    named = ids(received.activity.object)[: rules.MAX_POSTS]
    target, meant = _meant(tx, named)
    if target is None:
        return
    host = host_of(received.actor.uri)
    if queries.from_host_since(tx.conn, host, tx.now - timedelta(hours=1)) >= rules.PER_HOST_AN_HOUR:
        _log.info("a report by %s was dropped: it has sent too many", host)
        return
    said = text_of(received.activity.doc, "content")[0] or text_of(received.activity.doc, "summary")[0] or ""
    report_id = new_id(tx.now)
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, reports),
        {
            "id": report_id,
            "uri": activities.key_of(received.activity),
            "reporter_id": received.actor.id,
            "host": host,
            "target_id": target.id,
            "posts": meant,
            "category": Category.OTHER,
            "comment": clean(html.plain_text(said), rules.MAX_FOREIGN_COMMENT),
            "forwarded": False,
            "created_at": tx.now,
        },
    )
    if inserted.rowcount:
        notifications.notify_staff(tx, Kind.REPORT, received.actor, report_id=report_id)


def _meant(tx: Tx, named: tuple[str, ...]) -> tuple[Actor | None, list[str]]:
    """(who of ours is reported, which of their posts)."""
    ours = [uri for uri in named if tx.site.is_local(uri)]
    written = posts.authors_by_uris(tx.conn, ours)
    people = actors.by_uris(tx.conn, ours)
    target = next((people[uri] for uri in ours if uri in people), None)
    if target is None:
        first = next((written[uri] for uri in ours if uri in written), None)
        target = actors.find(tx.conn, first) if first is not None else None
    if target is None or not target.is_local or target.deleted_at is not None:
        return None, []
    return target, [uri for uri in ours if written.get(uri) == target.id]
