# SPDX-License-Identifier: AGPL-3.0-or-later
"""The copy of somebody's data as a ZIP, written to disk piece by piece: whatever its size, it is never in memory.

Each slice adds its own files as a `Part`, listed in `node.wiring.exports`. The folder lies beside the media and is served
by no address but the one that asks for its owner's session and password.
"""

import asyncio
import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from node import members
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.queue import Task
from node.kernel.text import plain_cell
from node.media.store import MediaStore
from node.members import Member
from node.privacy import actions, queries

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{32}\.zip")

Rows = AsyncIterator[Sequence[Sequence[object]]]
"""Rows of a table, some at a time."""


class Archive:
    """The ZIP that is being written. Every write is done in a thread."""

    def __init__(self, file: zipfile.ZipFile, store: MediaStore) -> None:
        """`store` is where the member's own files are taken from."""
        self._file = file
        self._store = store

    async def json(self, name: str, value: object) -> None:
        """One document."""
        data = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2)
        await asyncio.to_thread(self._file.writestr, name, data)

    async def file(self, name: str, data: bytes) -> None:
        """A file that is there already, as it is."""
        await asyncio.to_thread(self._file.writestr, name, data)

    async def chunks(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """A file whose content comes piece by piece."""
        with await asyncio.to_thread(self._file.open, name, "w") as out:
            async for piece in pieces:
                await asyncio.to_thread(out.write, piece)

    async def csv(self, name: str, header: Sequence[str], rows: Rows) -> None:
        """A table; without a header where Mastodon's own files have none."""

        async def pieces() -> AsyncIterator[bytes]:
            if header:
                yield _lines([header])
            async for some in rows:
                yield _lines(some)

        await self.chunks(name, pieces())

    async def media(self, name: str) -> None:
        """One of the node's own files, as it is; nothing where it is gone."""
        found = self._store.path(name)
        if found is not None:
            await asyncio.to_thread(self._file.write, found[0], f"media/{name}", zipfile.ZIP_STORED)


Part = Callable[[Database, Member, Archive], Awaitable[None]]
"""What one slice adds to the archive."""


class Exporter:
    """Makes archives, and knows where they lie."""

    def __init__(self, db: Database, store: MediaStore, folder: Path, parts: Iterable[Part]) -> None:
        """`folder` is made when the first archive is written."""
        self._db = db
        self._store = store
        self._folder = folder
        self._parts = tuple(parts)

    async def make(self, task: Task) -> None:
        """Write the archive that somebody asked for, and tell them. Beginning anew after a crash writes it once more."""
        try:
            export = await self._db.read(queries.export, int(str(task.payload["export"])))
            member = await self._db.read(members.get, export.member_id)
        except NotFound:
            return
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        half = self._folder / f"{export.file}.part"
        with await asyncio.to_thread(zipfile.ZipFile, half, "w", zipfile.ZIP_DEFLATED) as file:
            archive = Archive(file, self._store)
            for part in self._parts:
                await part(self._db, member, archive)
        size = half.stat().st_size
        await asyncio.to_thread(half.rename, self._folder / export.file)
        if not await self._db.write(actions.export_made, export.id, size):
            self.remove([export.file])

    async def forget(self, task: Task) -> None:
        """Remove archives whose time is over, or whose owner is gone."""
        names = task.payload.get("files")
        if isinstance(names, list):
            await asyncio.to_thread(self.remove, [str(name) for name in names])

    def path(self, name: str) -> Path | None:
        """Where an archive lies, if it is there."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None

    def remove(self, names: Iterable[str]) -> None:
        """Remove archives, half ones too. Blocking."""
        for name in names:
            if _NAME.fullmatch(name):
                (self._folder / name).unlink(missing_ok=True)
                (self._folder / f"{name}.part").unlink(missing_ok=True)


async def whole_list(items: AsyncIterator[Sequence[object]], before: Mapping[str, object]) -> AsyncIterator[bytes]:
    """A collection (ActivityStreams, 5) around items that come some at a time."""
    head = orjson.dumps(dict(before)).removesuffix(b"}")
    yield head + b',"orderedItems":['
    first = True
    async for some in items:
        for item in some:
            yield (b"" if first else b",\n") + orjson.dumps(item)
            first = False
    yield b"]}"


def _plain(value: object) -> object:
    """What orjson does not write by itself."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [plain_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return text.getvalue().encode()
