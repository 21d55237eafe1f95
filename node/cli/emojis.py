# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the commands do about emoji: pictures become small ones of our own making, as when somebody uploads them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.cli.context import Failed
from node.emojis import CustomEmoji
from node.kernel.config import Settings
from node.kernel.db import Database
from node.kernel.errors import Conflict, Invalid
from node.media.service import MAX_EMOJI, Uploads
from node.media.store import MediaStore

# Whoever may run commands here runs the node.
AS_ADMIN: Final = frozenset({"admin"})
SUFFIXES: Final = frozenset({".png", ".gif", ".webp"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An emoji to be, and the file of its picture."""

    shortcode: str
    file: Path
    category: str = ""
    visible_in_picker: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one; `refusal` is why nothing did, and `is_known` that the word was taken."""

    wanted: Wanted
    refusal: str = ""
    is_known: bool = False


def found_in(folder: Path, category: str) -> list[Wanted]:
    """The pictures in a folder, each by the name of its file; those of a folder in it belong to a category of that name.

    Raises Failed if there are none.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise Failed(f"{folder} holds no PNG, GIF or WebP.")
    return [
        Wanted(file.stem, file, category=category or " ".join(file.relative_to(folder).parent.parts)) for file in files
    ]


def add_all(
    settings: Settings,
    db: Database,
    wanted: Sequence[Wanted],
    *,
    replace: bool,
    tell: Callable[[Outcome], None],
) -> None:
    """Add emoji one after the other; `tell` hears of each."""
    asyncio.run(_add_all(settings, db, wanted, replace, tell))


def add_one(settings: Settings, db: Database, wanted: Wanted, *, replace: bool) -> None:
    """Add one. Raises Failed with the reason why it cannot be."""
    outcomes: list[Outcome] = []
    add_all(settings, db, [wanted], replace=replace, tell=outcomes.append)
    if outcomes[0].refusal:
        raise Failed(outcomes[0].refusal)


def line(emoji: CustomEmoji) -> str:
    """An emoji in one line."""
    state = "off" if emoji.disabled else "shown" if emoji.visible_in_picker else "hidden"
    return f":{emoji.shortcode}:{' ' * max(24 - len(emoji.shortcode), 1)}{state:8}{emoji.size:8}  {emoji.category}".rstrip()


async def _add_all(
    settings: Settings, db: Database, wanted: Sequence[Wanted], replace: bool, tell: Callable[[Outcome], None]
) -> None:
    uploads = Uploads(db, MediaStore(settings.data_dir / "media"), max_size=settings.limits.max_upload)
    try:
        for one in wanted:
            tell(await _add(uploads, one, replace))
    finally:
        await uploads.close()


async def _add(uploads: Uploads, one: Wanted, replace: bool) -> Outcome:
    try:
        await uploads.add_emoji(
            AS_ADMIN,
            one.shortcode,
            _read(one.file),
            category=one.category,
            visible_in_picker=one.visible_in_picker,
            replace=replace,
        )
    except Conflict as refused:
        return Outcome(one, refused.message, is_known=True)
    except Invalid as refused:
        return Outcome(one, refused.message)
    except OSError as error:
        return Outcome(one, f"It cannot be read: {error.strerror}.")
    return Outcome(one)


def _read(file: Path) -> bytes:
    """The file, if it is no larger than an emoji may be."""
    with file.open("rb") as opened:
        data = opened.read(MAX_EMOJI + 1)
    if len(data) > MAX_EMOJI:
        raise Invalid("An emoji can have up to 256 KB.", field="file")
    return data
