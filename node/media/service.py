# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking a picture in: decoded and drawn anew in a caged process, written to the store, and only then a row."""

import asyncio
import contextlib

from node.actors import ActorId, Picture
from node.kernel.db import Database
from node.kernel.errors import Invalid
from node.media import actions
from node.media.images import ImagePool
from node.media.store import MediaStore
from node.media.types import Media


class Uploads:
    """The one way for a file of a member to come in."""

    def __init__(self, db: Database, store: MediaStore, *, max_size: int) -> None:
        """`max_size` is in bytes. The image process starts with the first picture."""
        self._db = db
        self._store = store
        self._pool = ImagePool()
        self.max_size = max_size

    async def take(
        self, owner_id: ActorId, data: bytes, *, description: str = "", focus: tuple[float, float] | None = None
    ) -> Media:
        """A picture for a post. Raises Invalid (no picture we take, or too large) and Overloaded."""
        self._check_size(data)
        made = await self._pool.process(data)
        file = await asyncio.to_thread(self._store.put, made.original.data, made.original.mime)
        preview = await asyncio.to_thread(self._store.put, made.preview.data, made.preview.mime)
        try:
            return await self._db.write(
                actions.store_upload,
                owner_id,
                file=file,
                preview=preview,
                mime=made.original.mime,
                width=made.original.width,
                height=made.original.height,
                preview_width=made.preview.width,
                preview_height=made.preview.height,
                blurhash=made.blurhash,
                size=len(made.original.data),
                description=description,
                focus=focus,
            )
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._store.remove, (file, preview))
            raise

    async def avatar(self, data: bytes, *, description: str = "") -> Picture:
        """A square portrait, stored; to be set with `relationships.update_profile`. Raises Invalid, Overloaded."""
        self._check_size(data)
        made = await self._pool.avatar(data)
        file = await asyncio.to_thread(self._store.put, made.data, made.mime)
        return Picture(file=file, mime=made.mime, description=description)

    async def header(self, data: bytes, *, description: str = "") -> Picture:
        """A wide banner, stored; as `avatar`."""
        self._check_size(data)
        made = await self._pool.header(data)
        file = await asyncio.to_thread(self._store.put, made.data, made.mime)
        return Picture(file=file, mime=made.mime, description=description)

    async def close(self) -> None:
        """End the image process."""
        await self._pool.close()

    def _check_size(self, data: bytes) -> None:
        if not data:
            raise Invalid("The file is empty.", field="file")
        if len(data) > self.max_size:
            raise Invalid(f"The file is too large: at most {self.max_size // (1024 * 1024)} MB.", field="file")
