# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storing uploads and what remote posts show, and tying them to posts."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, update

from activitypub.attachments import Attachment
from node.actors import ActorId
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.media import queries
from node.media.tables import media
from node.media.types import Media, MediaId

MAX_DESCRIPTION = 1500
MAX_REMOTE = 16
_FORGET = delete(media).where(media.c.post_id == bindparam("of_post"))


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
    """Make the uploads, in this order, part of a post. Raises Invalid if one is missing or in another post already."""
    if not media_ids:
        return ()
    found = queries.owned(tx.conn, media_ids, owner_id)
    if len(found) != len(set(media_ids)) or any(item.post_id not in (None, post_id) for item in found):
        raise Invalid("One of the pictures is no longer there. Please add it again.", field="media_ids")
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
    rows = tx.conn.execute(
        delete(media).where(media.c.post_id == post_id).returning(media.c.file, media.c.preview)
    ).all()
    return [name for row in rows for name in (row.file, row.preview) if name]


def release(tx: Tx, media_ids: Collection[int]) -> None:
    """Take pictures out of a post that is edited; they are swept like uploads that never became part of one."""
    if media_ids:
        tx.conn.execute(update(media).where(media.c.id.in_(set(media_ids))).values(post_id=None, created_at=tx.now))


def forget_owner(tx: Tx, owner_id: ActorId) -> list[str]:
    """Forget what somebody who is gone uploaded and used in no post; the names of the files."""
    rows = tx.conn.execute(
        delete(media)
        .where(media.c.owner_id == owner_id, media.c.post_id.is_(None))
        .returning(media.c.file, media.c.preview)
    ).all()
    return [name for row in rows for name in (row.file, row.preview) if name]


def sweep(tx: Tx, before: datetime) -> list[str]:
    """Forget local uploads older than `before` that are in no post; the names of their files."""
    rows = tx.conn.execute(
        delete(media)
        .where(media.c.post_id.is_(None), media.c.created_at < before, media.c.file.is_not(None))
        .returning(media.c.file, media.c.preview)
    ).all()
    return [name for row in rows for name in (row.file, row.preview) if name]
