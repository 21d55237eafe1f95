# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which emoji there are, and which of them stand in a text."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from node.emojis import rules
from node.emojis.tables import custom_emojis
from node.emojis.types import CustomEmoji

_WORDS: BindParameter[Collection[str]] = bindparam("words", expanding=True)
_BY_ID = select(custom_emojis).where(custom_emojis.c.id == bindparam("emoji_id"))
_BY_WORDS = select(custom_emojis).where(custom_emojis.c.shortcode.in_(_WORDS))
# A text is written with the emoji as they are: whoever changes one waits for it, and writes it anew after.
_TO_WRITE = _BY_WORDS.order_by(custom_emojis.c.id).with_for_update(read=True)
_EVERY = select(custom_emojis).order_by(custom_emojis.c.category, custom_emojis.c.shortcode)


def find(conn: Connection, emoji_id: int) -> CustomEmoji | None:
    """The emoji with this number."""
    row = conn.execute(_BY_ID, {"emoji_id": emoji_id}).one_or_none()
    return None if row is None else _emoji(row)


def by_shortcode(conn: Connection, shortcode: str) -> CustomEmoji | None:
    """The emoji that is called so."""
    return by_words(conn, [shortcode]).get(shortcode)


def by_words(conn: Connection, words: Collection[str]) -> dict[str, CustomEmoji]:
    """Those of the words that name emoji, also disabled ones; no statement for no word."""
    if not words:
        return {}
    return {row.shortcode: _emoji(row) for row in conn.execute(_BY_WORDS, {"words": list(words)})}


def used_in(conn: Connection, *texts: str) -> list[CustomEmoji]:
    """The emoji that texts which are about to be written name, also disabled ones. For a transaction that writes them."""
    words = rules.words_in(*texts)
    if not words:
        return []
    known = {row.shortcode: _emoji(row) for row in conn.execute(_TO_WRITE, {"words": words})}
    return [known[word] for word in words if word in known]


def listed(conn: Connection) -> list[CustomEmoji]:
    """Those that members may choose among, by category."""
    wanted = _EVERY.where(custom_emojis.c.disabled.is_(False), custom_emojis.c.visible_in_picker.is_(True))
    return [_emoji(row) for row in conn.execute(wanted)]


def every(conn: Connection) -> list[CustomEmoji]:
    """All of them, by category, for those who look after them."""
    return [_emoji(row) for row in conn.execute(_EVERY)]


def _emoji(row: Row[Any]) -> CustomEmoji:
    return CustomEmoji(**row._mapping)
