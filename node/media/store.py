# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where files of media are kept: a folder, behind the few calls that any store could answer.

Names are random and are never taken from a user. A file is written under another name first, so that a crash leaves no
half of one.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[a-z2-7]{32}\.(?:jpg|png|webp|gif|mp4|m4a)")
_RAW: Final = re.compile(r"[a-z2-7]{32}\.raw")
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
SUFFIXES: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
}
TYPES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}


class MediaStore:
    """Files in a folder, spread over sub-folders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first file is written."""
        self._folder = folder

    def put(self, data: bytes, mime: str) -> str:
        """Keep `data`; its name. Blocking: call it in a thread. Raises KeyError for a type that is never kept."""
        return self._write(f"{_stem()}.{SUFFIXES[mime]}", data)

    def put_still(self, data: bytes, moving: str) -> str:
        """Keep the first picture (a PNG) of one that moves, under the same name but for its end. Blocking."""
        return self._write(f"{moving.rpartition('.')[0]}.png", data)

    def put_raw(self, data: bytes) -> str:
        """Keep a file as it was sent, to be converted; `path` knows nothing of it, so nobody is given it. Blocking."""
        return self._write(f"{_stem()}.raw", data)

    def raw(self, name: str) -> Path:
        """Where a file of `put_raw` is, if it still is."""
        if not _RAW.fullmatch(name):
            raise ValueError("not the name of a raw file")
        return self._path(name)

    def adopt(self, made: Path, mime: str) -> str:
        """Keep a file that was made in `workshop`; its name. Blocking."""
        name = f"{_stem()}.{SUFFIXES[mime]}"
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.chmod(0o644)
        made.rename(path)
        return name

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """An empty folder beside the files, for as long as the block runs. Blocking at both ends, for a moment."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".work-", dir=self._folder, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def _write(self, name: str, data: bytes) -> str:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        try:
            with half.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.rename(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
        return name

    def path(self, name: str) -> tuple[Path, str] | None:
        """(file, type) of a name that `put` could have given and that is there; None for anything else."""
        if not _NAME.fullmatch(name):
            return None
        path = self._path(name)
        return (path, TYPES[name.rpartition(".")[2]]) if path.is_file() else None

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, hidden ones too; those that are gone already are fine. Blocking."""
        for name in names:
            if _NAME.fullmatch(name) or _RAW.fullmatch(name):
                self._path(name).unlink(missing_ok=True)
                self._hidden(name).unlink(missing_ok=True)

    def hide(self, names: Iterable[str]) -> None:
        """Have `path` know nothing of some files until `show`; those that are hidden or gone are fine. Blocking."""
        for name in names:
            if _NAME.fullmatch(name):
                with suppress(FileNotFoundError):
                    self._path(name).rename(self._hidden(name))

    def show(self, names: Iterable[str]) -> None:
        """Take that back. Blocking."""
        for name in names:
            if _NAME.fullmatch(name):
                with suppress(FileNotFoundError):
                    self._hidden(name).rename(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _hidden(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.hidden"


def _stem() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))
