# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending: the one way for an activity to leave. Stored, with one delivery row per inbox, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from activitypub.parse import JsonObject
from node.actors import Actor
from node.federation import activities, hosts
from node.kernel import queue
from node.kernel.db import Tx

DELIVER = "federation.deliver"


def host_of(url: str) -> str:
    """Host and port of an address, which is the lane that deliveries to it share."""
    return urlsplit(url).netloc.lower()


def publish(
    tx: Tx,
    sender: Actor,
    document: JsonObject,
    inboxes: Iterable[str],
    *,
    public: bool = False,
    about: str | None = None,
    former_key: bool = False,
    for_followers: bool = False,
) -> int:
    """Store `document` as an activity of `sender` and have it delivered to each inbox once; its number.

    Inboxes of this node are left out: what happens here is done by the caller. `about` is the object's id, for those
    documents that must reach a host in the order in which they were made (Create before Update before Delete).
    `public` puts it into the sender's outbox collection. With `former_key` the first attempt is signed with the key that
    the sender had before the last change of keys, which others still hold. With `for_followers` each server is told how
    many of its people follow the sender, in the form of a digest (FEP-8fcf).
    """
    more = {name: True for name, wanted in (("former_key", former_key), ("for_followers", for_followers)) if wanted}
    activity_id = activities.store_outbound(tx, document, public=public)
    activities.tell(tx, activity_id)
    _deliver(tx, sender, activity_id, inboxes, about=about, more=more)
    return activity_id


def forward(tx: Tx, sender: Actor, activity_id: int, inboxes: Iterable[str], *, about: str) -> None:
    """Have a stored activity of somebody else delivered as it came, signed by `sender`, who passes it on."""
    _deliver(tx, sender, activity_id, inboxes, about=about, more={})


def _deliver(
    tx: Tx, sender: Actor, activity_id: int, inboxes: Iterable[str], *, about: str | None, more: Mapping[str, object]
) -> None:
    targets = sorted({inbox for inbox in inboxes if inbox and not tx.site.is_local(inbox)})
    held, gone = hosts.closed(tx.conn) if targets else (set(), set())
    queue.enqueue_many(
        tx,
        DELIVER,
        [
            (lane, {"activity": activity_id, "inbox": inbox, "sender": sender.id, **more})
            for inbox in targets
            if (lane := host_of(inbox)) not in gone
        ],
        queue=queue.DELIVERY,
        sequence=about[:255] if about else None,
        held=held,
    )
