# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members' filters, ready to be held against statuses, and the text of a status that they are held against."""

from typing import Final

import orjson
from sqlalchemy import Connection

from node.kernel import html
from node.kernel.bus import Bus
from node.relationships import filters
from node.relationships.filters import Matcher

_MOST: Final = 2_000


class Matchers:
    """Kept per member until their filters change, so that whoever has none costs nothing. One for each application."""

    def __init__(self, bus: Bus) -> None:
        """Hears of changes on the bus."""
        self._kept: dict[int, Matcher] = {}
        self._changes = 0
        bus.subscribe(filters.CHANGED, self._forget)

    def of(self, conn: Connection, owner_id: int) -> Matcher:
        """The filters of a member; one statement the first time."""
        found = self._kept.get(owner_id)
        if found is None:
            changes = self._changes
            found = Matcher(filters.own(conn, owner_id))
            if len(self._kept) >= _MOST:
                self._kept.clear()
            if changes == self._changes:  # else what was read may be of before a change
                self._kept[owner_id] = found
        return found

    def _forget(self, owner_id: object) -> None:
        self._changes += 1
        if isinstance(owner_id, int):
            self._kept.pop(owner_id, None)


def words_of(body: bytes) -> str:
    """What of a status is read: warning, text and what its pictures show, without markup; `body` is its JSON without the
    closing brace."""
    said = orjson.loads(body + b"}")
    shown = [said["spoiler_text"], html.plain_text(said["content"])]
    shown += [item["description"] for item in said["media_attachments"] if item["description"]]
    return filters.folded("\n".join(shown))
