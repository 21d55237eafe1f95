# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking a file in: decoded and drawn anew in a caged process, written to the store, and only then a row.

A picture is ready when `take` returns. A film or a sound waits, as it was sent, for the task that converts it:

    waiting ──converted──> ready
       └─────damaged─────> failed
"""

import asyncio
import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import Final

from node import emojis
from node.actors import ActorId, Picture
from node.emojis import CustomEmoji, NewEmoji
from node.kernel import queue
from node.kernel.db import Database
from node.kernel.errors import Invalid, Overloaded
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.media import actions, queries
from node.media.films import NOT_HERE, PROBE_TIME, WALL_TIME, BadFilm, Film, Films
from node.media.images import Encoded, ImagePool
from node.media.sniff import Container, container_of, is_heic
from node.media.store import MediaStore
from node.media.types import Media, State

HEIC: Final = "HEIC pictures cannot be read here. Please send it as JPEG."
LEASE: Final = WALL_TIME + 4 * PROBE_TIME
MAX_EMOJI: Final = 256 * 1024
"""Bytes: what other servers take as an emoji."""


class Uploads:
    """The one way for a file of a member to come in."""

    def __init__(self, db: Database, store: MediaStore, *, max_size: int, films: Films | None = None) -> None:
        """`max_size` is in bytes. The image process starts with the first picture. Without `films` none are taken."""
        self._db = db
        self._store = store
        self._pool = ImagePool()
        self._films = films
        self._running: dict[int, asyncio.Task[None]] = {}
        self.max_size = max_size

    @property
    def takes_films(self) -> bool:
        """Whether films and sounds can be sent here."""
        return self._films is not None

    async def take(
        self,
        owner_id: ActorId,
        data: bytes,
        *,
        description: str = "",
        focus: tuple[float, float] | None = None,
        thumbnail: bytes | None = None,
    ) -> Media:
        """A file for a post; a film or a sound comes back waiting. Raises Invalid (nothing we take, or too large) and
        Overloaded."""
        self._check_size(data)
        if is_heic(data):
            raise Invalid(HEIC, field="file")
        container = container_of(data)
        if container is not None:
            return await self._take_film(owner_id, data, container, description, focus, thumbnail)
        made = await self._pool.process(data)
        preview = made.preview if thumbnail is None else (await self._pool.process(thumbnail)).preview
        if made.original.mime == "image/gif" and self._films is not None:
            # ffmpeg is given the animation as we drew it anew, never the file that was sent.
            shown = await self._kept_preview(preview, made.blurhash)
            size = {"width": made.original.width, "height": made.original.height}
            return await self._wait(
                owner_id, "gifv", "image/gif", made.original.data, {**shown, **size}, description, focus
            )
        file = await asyncio.to_thread(self._store.put, made.original.data, made.original.mime)
        small = await asyncio.to_thread(self._store.put, preview.data, preview.mime)
        try:
            return await self._db.write(
                actions.store_upload,
                owner_id,
                file=file,
                preview=small,
                mime=made.original.mime,
                width=made.original.width,
                height=made.original.height,
                preview_width=preview.width,
                preview_height=preview.height,
                blurhash=made.blurhash,
                size=len(made.original.data),
                description=description,
                focus=focus,
            )
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._store.remove, (file, small))
            raise

    async def finished(self, media_id: int, owner_id: ActorId, *, within: float) -> Media:
        """One's own upload, converted meanwhile if that takes no longer than `within` seconds. Raises NotFound."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._converted(media_id)
        return await self._db.read(queries.get, media_id, owner_id)

    async def set_thumbnail(self, media_id: int, owner_id: ActorId, data: bytes) -> Media:
        """Show another picture for one's own upload until it is opened. Raises NotFound, Invalid, Overloaded."""
        await self._db.read(queries.get, media_id, owner_id)
        self._check_size(data)
        made = await self._pool.process(data)
        shown = await self._kept_preview(made.preview, made.blurhash)
        return await self._db.write(actions.set_preview, media_id, owner_id, shown)

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

    async def add_emoji(
        self,
        roles: Collection[str],
        shortcode: str,
        data: bytes,
        *,
        category: str = "",
        visible_in_picker: bool = True,
        replace: bool = False,
    ) -> CustomEmoji:
        """A new emoji of the node. With `replace` it may have the word of one that is there, which then looks like this.

        Raises NotAllowed, Invalid, Conflict, Overloaded.
        """
        emojis.check_keeper(roles)
        emojis.check_shortcode(shortcode)
        self._check_size(data)
        if len(data) > MAX_EMOJI:
            raise Invalid("An emoji can have up to 256 KB.", field="file")
        made, at_rest = await self._pool.emoji(data)
        if len(made.data) > MAX_EMOJI:
            raise Invalid("An emoji can have up to 256 KB.", field="file")
        still = file = await asyncio.to_thread(self._store.put, made.data, made.mime)
        if at_rest.data != made.data:
            still = await asyncio.to_thread(self._store.put_still, at_rest.data, file)
        picture = NewEmoji(file=file, still=still, mime=made.mime, size=len(made.data))
        act = emojis.add_or_replace if replace else emojis.add
        try:
            return await self._db.write(
                act, roles, shortcode, picture, category=category, visible_in_picker=visible_in_picker
            )
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._store.remove, {file, still})
            raise

    async def small(self, data: bytes) -> dict[str, object]:
        """A picture to be shown small, stored: its `file`, `width`, `height` and `blurhash`. Raises Invalid, Overloaded."""
        made = await self._pool.process(data)
        file = await asyncio.to_thread(self._store.put, made.preview.data, made.preview.mime)
        return {"file": file, "width": made.preview.width, "height": made.preview.height, "blurhash": made.blurhash}

    async def discard(self, file: str) -> None:
        """Remove a stored file that no row names in the end."""
        await asyncio.to_thread(self._store.remove, (file,))

    async def convert(self, task: Task) -> None:
        """The task that makes of a film or a sound what browsers play. A film takes longer than a lease."""
        media_id = int(str(task.payload["media"]))
        await self._db.write(queue.prolong, task.id, LEASE)
        try:
            await self._converted(media_id)
        except Overloaded:
            raise RetryLater("many pictures wait") from None

    async def close(self) -> None:
        """End the image process, and what is being converted."""
        for running in self._running.values():
            running.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._pool.close()

    async def _take_film(
        self,
        owner_id: ActorId,
        data: bytes,
        container: Container,
        description: str,
        focus: tuple[float, float] | None,
        thumbnail: bytes | None,
    ) -> Media:
        if self._films is None:
            raise Invalid(NOT_HERE, field="file")
        shown: dict[str, object] = {}
        if thumbnail is not None:
            made = await self._pool.process(thumbnail)
            shown = await self._kept_preview(made.preview, made.blurhash)
        is_sound = container in (Container.MP3, Container.AAC, Container.FLAC, Container.WAV)
        kind = "audio" if is_sound else "video"
        return await self._wait(owner_id, kind, f"{kind}/mp4", data, shown, description, focus)

    async def _wait(
        self,
        owner_id: ActorId,
        kind: str,
        mime: str,
        data: bytes,
        shown: dict[str, object],
        description: str,
        focus: tuple[float, float] | None,
    ) -> Media:
        raw = await asyncio.to_thread(self._store.put_raw, data)
        try:
            return await self._db.write(
                actions.store_waiting,
                owner_id,
                kind=kind,
                mime=mime,
                raw=raw,
                size=len(data),
                preview=shown,
                description=description,
                focus=focus,
            )
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._store.remove, (raw,))
            raise

    async def _kept_preview(self, preview: Encoded, blurhash: str) -> dict[str, object]:
        """The columns of a small picture that is in the store now."""
        name = await asyncio.to_thread(self._store.put, preview.data, preview.mime)
        return {
            "preview": name,
            "preview_width": preview.width,
            "preview_height": preview.height,
            "blurhash": blurhash,
        }

    async def _converted(self, media_id: int) -> None:
        """Wait until a file is converted; whoever asks meanwhile waits for the same conversion."""
        running = self._running.get(media_id)
        if running is None:
            running = self._running[media_id] = asyncio.create_task(self._convert(media_id))
            running.add_done_callback(lambda _done: self._running.pop(media_id, None))
        await asyncio.shield(running)

    async def _convert(self, media_id: int) -> None:
        found = await self._db.read(queries.find, media_id)
        if found is None or found.state is not State.WAITING or found.raw is None:
            return
        source = self._store.raw(found.raw)
        try:
            with self._store.workshop() as folder:
                container = await asyncio.to_thread(_container, source, found.type)
                if self._films is None or container is None:
                    raise BadFilm(NOT_HERE)
                film = await self._films.convert(source, container, folder)
                values = await self._kept_film(found, film)
        except (BadFilm, Invalid, OSError) as refused:
            reason = str(refused) if isinstance(refused, BadFilm) else "This file could not be processed."
            await self._db.write(actions.fail, media_id, reason)
            return
        if not await self._db.write(actions.finish, media_id, values):
            kept = [str(values[name]) for name in ("file", "preview") if name in values]
            await asyncio.to_thread(self._store.remove, kept)

    async def _kept_film(self, found: Media, film: Film) -> dict[str, object]:
        """The columns of a film or a sound whose files are in the store now."""
        values: dict[str, object] = {
            "type": "gifv" if found.type == "gifv" else "video" if film.facts.is_film else "audio",
            "mime": film.mime,
            "width": film.facts.width,
            "height": film.facts.height,
            "details": film.facts.details(),
        }
        if film.poster is not None and found.preview is None:
            made = await self._pool.process(film.poster)
            values |= await self._kept_preview(made.preview, made.blurhash)
        values["size"] = film.path.stat().st_size
        values["file"] = await asyncio.to_thread(self._store.adopt, film.path, film.mime)
        return values

    def _check_size(self, data: bytes) -> None:
        if not data:
            raise Invalid("The file is empty.", field="file")
        if len(data) > self.max_size:
            raise Invalid(f"The file is too large: at most {self.max_size // (1024 * 1024)} MB.", field="file")


def _container(source: Path, kind: str) -> Container | None:
    with source.open("rb") as file:
        head = file.read(16)
    return Container.GIF if kind == "gifv" else container_of(head)
