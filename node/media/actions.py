# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storing uploads and what remote posts show, and tying them to posts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, update

from activitypub.attachments import Attachment
from node.actors import ActorId
from node.kernel import queue
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.media import queries
from node.media.rules import check_together
from node.media.tables import media
from node.media.types import Media, MediaId, State

CONVERT: Final = "media.convert"
"""The task that makes of a film or a sound what browsers play."""
REMOVE: Final = "media.remove"
HIDE: Final = "media.hide"
"""The task that hides the files of a member who is suspended, or shows them again to everybody."""
MAX_DESCRIPTION = 1500
MAX_REMOTE = 16
_FORGET = delete(media).where(media.c.post_id == bindparam("of_post"))
_FILES = (media.c.file, media.c.preview, media.c.raw)


def store_upload(
    tx: Tx,
    owner_id: ActorId,
    *,
    file: str,
    preview: str,
    mime: str,
    width: int,
    height: int,
    preview_width: int,
    preview_height: int,
    blurhash: str,
    size: int,
    description: str = "",
    focus: tuple[float, float] | None = None,
) -> Media:
    """A new picture of a member, not part of a post yet. The files are in the store already."""
    media_id = MediaId(new_id(tx.now))
    tx.conn.execute(
        insert(media),
        {
            "id": media_id,
            "owner_id": owner_id,
            "type": "image",
            "mime": mime,
            "file": file,
            "preview": preview,
            "width": width,
            "height": height,
            "preview_width": preview_width,
            "preview_height": preview_height,
            "blurhash": blurhash,
            "size": size,
            "description": clean(description, MAX_DESCRIPTION),
            "focus_x": focus[0] if focus else None,
            "focus_y": focus[1] if focus else None,
            "created_at": tx.now,
        },
    )
    return queries.get(tx.conn, media_id, owner_id)


def store_waiting(
    tx: Tx,
    owner_id: ActorId,
    *,
    kind: str,
    mime: str,
    raw: str,
    size: int,
    preview: Mapping[str, object] | None = None,
    description: str = "",
    focus: tuple[float, float] | None = None,
) -> Media:
    """A new film or sound of a member, still to be converted, which a task does. `raw` is in the store already."""
    media_id = MediaId(new_id(tx.now))
    tx.conn.execute(
        insert(media),
        {
            "id": media_id,
            "owner_id": owner_id,
            "type": kind,
            "mime": mime,
            "raw": raw,
            "size": size,
            "state": State.WAITING,
            "description": clean(description, MAX_DESCRIPTION),
            "focus_x": focus[0] if focus else None,
            "focus_y": focus[1] if focus else None,
            "created_at": tx.now,
            **(preview or {}),
        },
    )
    # One after the other: two at once would take twice the memory and be ready no sooner.
    queue.enqueue(tx, CONVERT, {"media": media_id}, lane="media", sequence="films")
    return queries.get(tx.conn, media_id, owner_id)


def finish(tx: Tx, media_id: int, values: Mapping[str, object]) -> bool:
    """What was made of an upload takes its place; False if nobody waits for it any more."""
    return _settle(tx, media_id, {**values, "state": State.READY})


def fail(tx: Tx, media_id: int, reason: str) -> bool:
    """Nothing could be made of an upload, for this reason; False if nobody waits for it any more."""
    return _settle(tx, media_id, {"state": State.FAILED, "details": {"error": reason}})


def _settle(tx: Tx, media_id: int, values: Mapping[str, object]) -> bool:
    found = queries.find(tx.conn, media_id)
    if found is None:
        return False
    changed = tx.conn.execute(
        update(media).where(media.c.id == media_id, media.c.state == State.WAITING).values(**values, raw=None)
    )
    if changed.rowcount == 0:
        return False
    if found.raw is not None:
        remove_files(tx, [found.raw])
    return True


def remove_files(tx: Tx, names: Iterable[str | None]) -> None:
    """Have files removed from the store after this transaction."""
    files = [name for name in names if name]
    if files:
        queue.enqueue(tx, REMOVE, {"files": files})


def follow_suspension(tx: Tx, owner_id: ActorId) -> None:
    """A member was suspended, or let in again: their files are hidden or shown after this transaction."""
    queue.enqueue(tx, HIDE, {"owner": owner_id})


def set_preview(tx: Tx, media_id: int, owner_id: ActorId, preview: Mapping[str, object]) -> Media:
    """Show another picture for one's own upload until it is opened, and beside a sound."""
    before = queries.get(tx.conn, media_id, owner_id)
    tx.conn.execute(update(media).where(media.c.id == media_id).values(**preview))
    remove_files(tx, [before.preview if before.preview != before.file else None])
    return queries.get(tx.conn, media_id, owner_id)


def discard(tx: Tx, media_id: int, owner_id: ActorId) -> None:
    """Forget one's own upload. Raises NotFound, and Conflict for one that is in a post."""
    found = queries.get(tx.conn, media_id, owner_id)
    if found.post_id is not None:
        raise Conflict("Media attachment is currently used by a status")
    tx.conn.execute(delete(media).where(media.c.id == media_id))
    remove_files(tx, [found.file, found.preview, found.raw])


def describe(
    tx: Tx,
    media_id: int,
    owner_id: ActorId,
    *,
    description: str | None = None,
    focus: tuple[float, float] | None = None,
) -> Media:
    """Change the alternative text or the focal point (each from -1 to 1) of one's own picture."""
    queries.get(tx.conn, media_id, owner_id)
    values: dict[str, object] = {}
    if description is not None:
        values["description"] = clean(description, MAX_DESCRIPTION)
    if focus is not None:
        values["focus_x"], values["focus_y"] = focus
    if values:
        tx.conn.execute(update(media).where(media.c.id == media_id).values(**values))
    return queries.get(tx.conn, media_id, owner_id)


def attach(tx: Tx, owner_id: ActorId, media_ids: Sequence[int], post_id: int) -> tuple[Media, ...]:
    """Make the uploads, in this order, part of a post.

    Raises Invalid if one is missing, in another post already or not ready, or if they do not go together.
    """
    if not media_ids:
        return ()
    found = queries.owned(tx.conn, media_ids, owner_id)
    if len(found) != len(set(media_ids)) or any(item.post_id not in (None, post_id) for item in found):
        raise Invalid("One of the pictures is no longer there. Please add it again.", field="media_ids")
    check_together(found)
    for position, item in enumerate(found):
        tx.conn.execute(update(media).where(media.c.id == item.id).values(post_id=post_id, position=position))
    return tuple(found)


def attach_remote(tx: Tx, owner_id: ActorId, attachments: Sequence[Attachment], post_id: int) -> None:
    """Keep what a remote post shows, in place of what it showed before."""
    tx.conn.execute(_FORGET, {"of_post": post_id})
    rows = [
        {
            "id": new_id(tx.now),
            "owner_id": owner_id,
            "post_id": post_id,
            "position": position,
            "type": item.type,
            "mime": (item.media_type or "")[:100],
            "remote_url": item.url,
            "description": clean(item.description or "", MAX_DESCRIPTION),
            "blurhash": (item.blurhash or "")[:100] or None,
            "width": item.width,
            "height": item.height,
            "focus_x": item.focus[0] if item.focus else None,
            "focus_y": item.focus[1] if item.focus else None,
            "created_at": tx.now,
        }
        for position, item in enumerate(attachments[:MAX_REMOTE])
    ]
    if rows:
        tx.conn.execute(insert(media), rows)


def detach(tx: Tx, post_id: int) -> list[str]:
    """Forget the media of a post that goes away; the names of the files that nothing needs any more come back."""
    rows = tx.conn.execute(delete(media).where(media.c.post_id == post_id).returning(*_FILES)).all()
    return _names(rows)


def release(tx: Tx, media_ids: Collection[int]) -> None:
    """Take pictures out of a post that is edited; they are swept like uploads that never became part of one."""
    if media_ids:
        tx.conn.execute(update(media).where(media.c.id.in_(set(media_ids))).values(post_id=None, created_at=tx.now))


def forget_owner(tx: Tx, owner_id: ActorId) -> list[str]:
    """Forget what somebody who is gone uploaded and used in no post; the names of the files."""
    rows = tx.conn.execute(
        delete(media).where(media.c.owner_id == owner_id, media.c.post_id.is_(None)).returning(*_FILES)
    ).all()
    return _names(rows)


def sweep(tx: Tx, before: datetime) -> list[str]:
    """Forget local uploads older than `before` that are in no post; the names of their files."""
    rows = tx.conn.execute(
        delete(media)
        .where(
            media.c.post_id.is_(None),
            media.c.created_at < before,
            # What other servers keep is no upload.
            media.c.remote_url.is_(None),
        )
        .returning(*_FILES)
    ).all()
    return _names(rows)


def _names(rows: Sequence[Row[Any, Any, Any]]) -> list[str]:
    return [name for row in rows for name in (row.file, row.preview, row.raw) if name]
