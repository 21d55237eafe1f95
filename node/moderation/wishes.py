# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members wish to become of their account when they have died. Nobody reads it before that is certain.

    keep      it stays to be read, with the word that it is a memorial: as without a wish
    delete    it is shown to nobody from then on, and deleted once a wrong report can be undone no more
    hand      it stays, and those who decide read the name of whom it is to be spoken of with

`deaths.confirm` goes by it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from node.actors import ActorId
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from node.kernel.text import clean
from node.moderation.tables import memorial_wishes

MAX_WORDS: Final = 500


class Wish(StrEnum):
    """What shall become of an account."""

    KEEP = "keep"
    DELETE = "delete"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Wishes:
    """A wish, and what the member wrote beside it."""

    wish: Wish
    words: str


def of(conn: Connection, member_id: int) -> Wishes | None:
    """What a member wishes; None where they have said nothing."""
    row = conn.execute(select(memorial_wishes).where(memorial_wishes.c.member_id == member_id)).one_or_none()
    return None if row is None else Wishes(Wish(row.wish), row.words)


def say(tx: Tx, member_id: ActorId, wish: Wish | None, words: str) -> None:
    """Write it down, in place of what was said before; without `wish` it is taken back. Raises Invalid."""
    if len(words) > MAX_WORDS:
        raise Invalid(marked("Please write at most 500 characters."), field="words")
    said = clean(words, MAX_WORDS)
    if wish is Wish.HAND and not said:
        raise Invalid(marked("Please say whom the association is to speak with."), field="words")
    before = of(tx.conn, member_id)
    if wish is not None and before == Wishes(wish, said):
        return
    forget_actor(tx, member_id)
    if wish is not None:
        tx.conn.execute(
            insert(memorial_wishes), {"member_id": member_id, "wish": wish, "words": said, "told_at": tx.now}
        )
    was = before.wish if before is not None else ""
    audit.write(tx, "memorial_wishes", member_id, by=member_id, before=was, after=wish or "")


def forget_actor(tx: Tx, member_id: ActorId) -> None:
    """Somebody's account is gone."""
    tx.conn.execute(delete(memorial_wishes).where(memorial_wishes.c.member_id == member_id))
