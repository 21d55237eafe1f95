# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversation, as JSON text: the status in it is kept as bytes."""

from collections.abc import Iterable

import orjson

from node.actors import Actor
from node.kernel.site import Site
from web.mastodon.entities.accounts import account


def conversation(site: Site, number: int, people: Iterable[Actor], last: bytes | None, *, unread: bool) -> bytes:
    """A conversation: who else takes part, and what was said last."""
    head = orjson.dumps({"id": str(number), "unread": unread, "accounts": [account(site, person) for person in people]})
    return head[:-1] + b',"last_status":' + (last or b"null") + b"}"
