# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where files of media are kept: a folder, behind the few calls that any store could answer.

Names are random and are never taken from a user. A file is written under another name first, so that a crash leaves no
half of one.
"""

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[a-z2-7]{32}\.(?:jpg|png|webp|gif)")
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
TYPES: Final = {suffix: mime for mime, suffix in SUFFIXES.items()}


class MediaStore:
    """Files in a folder, spread over sub-folders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first file is written."""
        self._folder = folder

    def put(self, data: bytes, mime: str) -> str:
        """Keep `data`; its name. Blocking: call it in a thread. Raises KeyError for a type that is never kept."""
        name = f"{''.join(secrets.choice(_ALPHABET) for _ in range(32))}.{SUFFIXES[mime]}"
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
        """Remove files; those that are gone already are fine. Blocking."""
        for name in names:
            if _NAME.fullmatch(name):
                self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
