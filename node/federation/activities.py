# SPDX-License-Identifier: AGPL-3.0-or-later
"""The log of activities: what came in, what went out, and what an Undo, Accept or Reject names."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from activitypub import activity as activity_documents
from activitypub.activity import ActivityDocument
from activitypub.parse import JsonObject
from node import actors
from node.actors import Actor
from node.federation.tables import activities, recipients, tombstones
from node.federation.types import StoredActivity
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.ids import new_id

_COLUMNS = (
    activities.c.id,
    activities.c.uri,
    activities.c.type,
    activities.c.actor,
    activities.c.object,
    activities.c.object_type,
    activities.c.local,
    activities.c.undone_at,
)
_BY_URI = select(*_COLUMNS).where(activities.c.uri == bindparam("uri")).order_by(activities.c.id.desc())
_BODY = select(activities.c.body).where(activities.c.id == bindparam("id"))
_BODY_IN_FORCE = _BODY.where(activities.c.undone_at.is_(None))
_TYPE = select(activities.c.type).where(activities.c.id == bindparam("id"))
_FIRST_ABOUT = select(func.min(activities.c.id)).where(
    activities.c.actor == bindparam("actor"),
    or_(activities.c.uri == bindparam("uri"), activities.c.object == bindparam("uri")),
)
_INSERT = insert(activities)
_STORE: dict[str, ReturningInsert[tuple[int]]] = {}
_TOMBSTONE = select(tombstones).where(tombstones.c.uri == bindparam("uri"))


def key_of(activity: ActivityDocument) -> str:
    """What an activity is told apart by: its id, or a digest of what it says where it has none.

    GoToSocial's Delete, Mastodon's Add and Misskey's Accept come without an id.
    """
    if activity.id:
        return activity.id
    said = [activity.type, activity.actor, activity.object_id, activity.target_id, str(activity.published)]
    return f"urn:sha256:{hashlib.sha256(orjson.dumps(said)).hexdigest()}"


def store_inbound(tx: Tx, arrived: Sequence[tuple[ActivityDocument, bytes]]) -> list[tuple[int, ActivityDocument]]:
    """Keep activities whose senders are proved, with their bodies as they came; those that are new, with their numbers."""
    numbered = {new_id(tx.now): (activity, body) for activity, body in arrived}
    stored = tx.conn.execute(
        _store_statement(tx.conn),
        [
            {
                "id": number,
                "uri": key_of(activity),
                "type": activity.type,
                "actor": activity.actor,
                "object": activity.object_id,
                "object_type": activity.object_type,
                "body": body,
                "local": False,
                "public": False,
                "created_at": tx.now,
            }
            for number, (activity, body) in numbered.items()
        ],
    )
    new = [(number, numbered[number][0]) for number in sorted(row.id for row in stored)]
    _note_recipients(tx, new)
    return new


def _store_statement(conn: Connection) -> ReturningInsert[tuple[int]]:
    """Built once for each engine."""
    statement = _STORE.get(conn.dialect.name)
    if statement is None:
        statement = _STORE[conn.dialect.name] = insert_or_ignore(conn, activities).returning(activities.c.id)
    return statement


def store_outbound(tx: Tx, document: JsonObject, *, public: bool) -> int:
    """Keep an activity of ours; its number."""
    activity = activity_documents.read(document)
    activity_id = new_id(tx.now)
    tx.conn.execute(
        _INSERT,
        {
            "id": activity_id,
            "uri": activity.id,
            "type": activity.type,
            "actor": activity.actor,
            "object": activity.object_id,
            "object_type": activity.object_type,
            "body": orjson.dumps(document),
            "local": True,
            "public": public,
            "created_at": tx.now,
        },
    )
    _note_recipients(tx, [(activity_id, activity)])
    return activity_id


def _note_recipients(tx: Tx, kept: Iterable[tuple[int, ActivityDocument]]) -> None:
    """Remember which of our actors activities are for. Costs nothing where none of them is named."""
    named = [
        (number, uri)
        for number, activity in kept
        for uri in {*activity.to, *activity.cc, activity.object_id or ""} - {activity.actor}
        if tx.site.is_actor(uri)
    ]
    if not named:
        return
    ours = actors.by_uris(tx.conn, {uri for _, uri in named})
    rows = [{"actor_id": ours[uri].id, "activity_id": number} for number, uri in named if uri in ours]
    if rows:
        tx.conn.execute(insert(recipients), rows)


def add_recipients(tx: Tx, activity_id: int, actor_ids: Iterable[int]) -> None:
    """Put an activity into the inboxes of some of our actors."""
    rows = [{"actor_id": number, "activity_id": activity_id} for number in actor_ids]
    if rows:
        tx.conn.execute(insert(recipients), rows)


def tell(tx: Tx, activity_id: int) -> None:
    """Let members' programs hear of an activity that was sent, or received and applied: `activity` on the bus."""
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("activity", activity_id))


def find(conn: Connection, uri: str, *, actor: str | None = None) -> StoredActivity | None:
    """The newest stored activity with this id, of that actor if one is named."""
    statement = _BY_URI if actor is None else _BY_URI.where(activities.c.actor == actor)
    row = conn.execute(statement.limit(1), {"uri": uri}).one_or_none()
    return None if row is None else StoredActivity(**row._mapping)


def latest_about(conn: Connection, actor: str, kind: str, object_uri: str) -> str | None:
    """The id of an actor's newest activity of a kind about an object."""
    uri: str | None = conn.execute(
        select(activities.c.uri)
        .where(activities.c.object == object_uri, activities.c.type == kind, activities.c.actor == actor)
        .order_by(activities.c.id.desc())
        .limit(1)
    ).scalar()
    return uri


def first_about(conn: Connection, actor: str, uri: str) -> int | None:
    """The number of the first activity of an actor that is called `uri` or is about the object `uri`; None if none is
    kept."""
    found: int | None = conn.execute(_FIRST_ABOUT, {"actor": actor, "uri": uri}).scalar()
    return found


def type_of(conn: Connection, activity_id: int) -> str | None:
    """What kind of activity this is."""
    found: str | None = conn.execute(_TYPE, {"id": activity_id}).scalar()
    return found


def body(conn: Connection, activity_id: int, *, undone: bool = True) -> bytes | None:
    """The stored JSON of an activity; without `undone`, only if it has not been taken back."""
    value: bytes | None = conn.execute(_BODY if undone else _BODY_IN_FORCE, {"id": activity_id}).scalar()
    return value


def document(conn: Connection, uri: str, *, reader_uri: str | None = None) -> JsonObject | None:
    """The stored JSON of a local activity with this id, if it is public or the reader's own."""
    found = conn.execute(
        select(activities.c.body).where(
            activities.c.uri == uri,
            activities.c.local.is_(True),
            or_(activities.c.public.is_(True), activities.c.actor == reader_uri),
        )
    ).scalar()
    if found is None:
        return None
    loaded: JsonObject = orjson.loads(found)
    return loaded


def said_by(conn: Connection, activity_id: int, actor_uri: str) -> JsonObject | None:
    """The activity with this number, if it is that local actor's own."""
    found = conn.execute(_BODY.where(activities.c.actor == actor_uri, activities.c.local), {"id": activity_id}).scalar()
    if found is None:
        return None
    loaded: JsonObject = orjson.loads(found)
    return loaded


def mark_undone(tx: Tx, activity_id: int) -> None:
    """Note that an activity has been taken back, so that it leaves the outbox."""
    tx.conn.execute(update(activities).where(activities.c.id == activity_id).values(undone_at=tx.now, public=False))


def forget_object(tx: Tx, actor: str, object_uri: str) -> None:
    """Take what was said about a deleted object out of its author's outbox, and the text with it."""
    tx.conn.execute(
        delete(activities).where(
            activities.c.actor == actor,
            activities.c.object == object_uri,
            activities.c.type.in_(("Create", "Update", "Announce")),
        )
    )


def forget_actor(tx: Tx, actor: Actor) -> None:
    """Drop everything that a local actor said, what others here said about it, and what was addressed to them."""
    said = select(activities.c.uri).where(activities.c.actor == actor.uri, activities.c.local.is_(True))
    tx.conn.execute(delete(activities).where(activities.c.local.is_(True), activities.c.object.in_(said)))
    tx.conn.execute(delete(activities).where(activities.c.actor == actor.uri, activities.c.local.is_(True)))
    tx.conn.execute(delete(recipients).where(recipients.c.actor_id == actor.id))


def forget_nameless(tx: Tx, actor: str, kind: str, object_uri: str | None) -> None:
    """Forget an activity that came without an id, once its opposite has come: said again, it is news."""
    tx.conn.execute(
        delete(activities).where(
            activities.c.actor == actor,
            activities.c.type == kind,
            activities.c.object == object_uri,
            activities.c.local.is_(False),
            activities.c.uri.startswith("urn:sha256:"),
        )
    )


def outbox(
    conn: Connection, actor_uri: str, *, before: int | None = None, limit: int = 20, whole: bool = False
) -> Sequence[tuple[int, JsonObject]]:
    """An actor's public activities, newest first, with their numbers; the `whole` outbox is for its owner alone."""
    statement = select(activities.c.id, activities.c.body).where(*_shown_in_outbox(actor_uri, whole=whole))
    if before is not None:
        statement = statement.where(activities.c.id < before)
    rows = conn.execute(statement.order_by(activities.c.id.desc()).limit(limit))
    return [(row.id, orjson.loads(row.body)) for row in rows]


def outbox_count(conn: Connection, actor_uri: str, *, whole: bool = False) -> int:
    """How many activities an actor's outbox shows."""
    return conn.execute(
        select(func.count()).select_from(activities).where(*_shown_in_outbox(actor_uri, whole=whole))
    ).scalar_one()


def _shown_in_outbox(actor_uri: str, *, whole: bool) -> tuple[ColumnElement[bool], ...]:
    shown = activities.c.undone_at.is_(None) if whole else activities.c.public.is_(True)
    return activities.c.actor == actor_uri, activities.c.local.is_(True), shown


def bury(tx: Tx, uri: str, actor: str, kind: str) -> None:
    """Remember that `uri` was deleted by its author, so that a late Create does not bring it back."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, tombstones), {"uri": uri, "actor": actor, "type": kind, "deleted_at": tx.now}
    )


def tombstone(conn: Connection, uri: str) -> tuple[str, str, datetime] | None:
    """(author, former type, moment) of something deleted, or None."""
    row = conn.execute(_TOMBSTONE, {"uri": uri}).one_or_none()
    return None if row is None else (row.actor, row.type, row.deleted_at)


def is_buried(conn: Connection, uri: str, actor: str) -> bool:
    """Whether that author deleted `uri`. Somebody else's word on it does not count."""
    row = conn.execute(_TOMBSTONE, {"uri": uri}).one_or_none()
    return row is not None and row.actor == actor


def sweep(tx: Tx, *, received_before: int, buried_before: datetime) -> None:
    """Drop inbound activities older than a number, and tombstones older than a moment (90 days)."""
    tx.conn.execute(delete(activities).where(activities.c.local.is_(False), activities.c.id < received_before))
    tx.conn.execute(delete(tombstones).where(tombstones.c.deleted_at < buried_before))
