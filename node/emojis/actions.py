# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking emoji in, changing them, taking them away. Files are in the media store before, and leave it some time after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, update

from node.emojis import queries, rules
from node.emojis.tables import custom_emojis
from node.emojis.types import CustomEmoji, EmojiChanged, EmojiId
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, NotFound
from node.kernel.ids import new_id

# What was rendered before, here and elsewhere, goes on naming a picture for a while.
KEEP_FORMER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEmoji:
    """A picture that was drawn anew and is in the store: `file`, and `still` if it moves (else the same)."""

    file: str
    still: str
    mime: str
    size: int


def add(
    tx: Tx,
    roles: Collection[str],
    shortcode: str,
    picture: NewEmoji,
    *,
    category: str = "",
    visible_in_picker: bool = True,
) -> CustomEmoji:
    """A new emoji, for what is written from now on. Raises NotAllowed, Invalid; Conflict if the word is taken."""
    rules.check_keeper(roles)
    word = rules.check_shortcode(shortcode)
    number = EmojiId(new_id(tx.now))
    done = tx.conn.execute(
        insert_or_ignore(tx.conn, custom_emojis),
        {
            "id": number,
            "shortcode": word,
            "category": rules.check_category(category),
            "visible_in_picker": visible_in_picker,
            "disabled": False,
            **_columns(picture),
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )
    if done.rowcount == 0:
        raise Conflict("There is an emoji of this name already.")
    return _get(tx, number)


def add_or_replace(
    tx: Tx,
    roles: Collection[str],
    shortcode: str,
    picture: NewEmoji,
    *,
    category: str = "",
    visible_in_picker: bool = True,
) -> CustomEmoji:
    """A new emoji, or the one that is called so with this picture; then an empty category leaves it in its own.

    Raises NotAllowed, Invalid.
    """
    known = queries.by_shortcode(tx.conn, rules.check_shortcode(shortcode))
    if known is None:
        return add(tx, roles, shortcode, picture, category=category, visible_in_picker=visible_in_picker)
    replace_picture(tx, roles, known.id, picture)
    return change(tx, roles, known.id, category=category or None, visible_in_picker=visible_in_picker)


def replace_picture(tx: Tx, roles: Collection[str], emoji_id: int, picture: NewEmoji) -> CustomEmoji:
    """Another picture for the same word, also in what was written before. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    before = _get(tx, emoji_id)
    _set(tx, before, {**_columns(picture), "updated_at": tx.now})
    _drop_files(tx, before)
    return _get(tx, emoji_id)


def change(
    tx: Tx,
    roles: Collection[str],
    emoji_id: int,
    *,
    category: str | None = None,
    visible_in_picker: bool | None = None,
    disabled: bool | None = None,
) -> CustomEmoji:
    """Another category, whether it is offered, whether it is shown at all; None leaves a thing as it is.

    Raises NotAllowed, NotFound, Invalid.
    """
    rules.check_keeper(roles)
    before = _get(tx, emoji_id)
    values: dict[str, object] = {}
    if category is not None and (name := rules.check_category(category)) != before.category:
        values["category"] = name
    if visible_in_picker is not None and visible_in_picker != before.visible_in_picker:
        values["visible_in_picker"] = visible_in_picker
    if disabled is not None and disabled != before.disabled:
        values["disabled"] = disabled
    if not values:
        return before
    _set(tx, before, values)
    return _get(tx, emoji_id)


def remove(tx: Tx, roles: Collection[str], emoji_id: int) -> None:
    """Take an emoji away; its word stays in what was written. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    before = _get(tx, emoji_id)
    tx.conn.execute(delete(custom_emojis).where(custom_emojis.c.id == emoji_id))
    _drop_files(tx, before)
    tx.tell(EmojiChanged(before.id, before.shortcode))


def _get(tx: Tx, emoji_id: int) -> CustomEmoji:
    found = queries.find(tx.conn, emoji_id)
    if found is None:
        raise NotFound
    return found


def _columns(picture: NewEmoji) -> dict[str, object]:
    return {"file": picture.file, "still": picture.still, "mime": picture.mime, "size": picture.size}


def _set(tx: Tx, before: CustomEmoji, values: dict[str, object]) -> None:
    tx.conn.execute(update(custom_emojis).where(custom_emojis.c.id == before.id).values(values))
    tx.tell(EmojiChanged(before.id, before.shortcode))


def _drop_files(tx: Tx, before: CustomEmoji) -> None:
    files = list(dict.fromkeys((before.file, before.still)))
    queue.enqueue(tx, "media.remove", {"files": files}, run_at=tx.now + KEEP_FORMER)
