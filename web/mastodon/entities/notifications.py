# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notification, as JSON text: the status in it is kept as bytes."""

import orjson

from node.actors import Actor
from node.kernel.site import Site
from node.notifications import Notification
from web.mastodon.entities.accounts import account
from web.mastodon.entities.common import moment


def notification(site: Site, told: Notification, from_actor: Actor, status: bytes | None) -> bytes:
    """One notification with whoever caused it and the status it is about, if any."""
    head = orjson.dumps(
        {
            "id": str(told.id),
            "type": told.type,
            "group_key": f"ungrouped-{told.id}",
            "created_at": moment(told.created_at),
            "account": account(site, from_actor),
        }
    )
    return head if status is None else head[:-1] + b',"status":' + status + b"}"
