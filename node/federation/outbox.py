# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending: the one way for an activity to leave. Stored, with one delivery row per inbox, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from activitypub import activity as activity_documents
from activitypub.parse import JsonObject
from node.actors import Actor, Reach
from node.federation import activities, hosts
from node.kernel import ids, queue
from node.kernel.db import Tx

DELIVER = "federation.deliver"
WITHDRAWING = frozenset({"Delete", "Reject", "Remove", "Undo"})
"""Activities that take something back."""


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
    withdraws: bool = False,
) -> int:
    """Store `document` as an activity of `sender` and have it delivered to each inbox once; its number.

    Inboxes of this node are left out: what happens here is done by the caller. `about` is the object's id, for those
    documents that must reach a host in the order in which they were made (Create before Update before Delete).
    `public` puts it into the sender's outbox collection. With `former_key` the first attempt is signed with the key that
    the sender had before the last change of keys, which others still hold. With `for_followers` each server is told how
    many of its people follow the sender, in the form of a digest (FEP-8fcf). Of a sender whose reach is not open only
    those servers hear that it reaches, but for what takes back what was sent before it was narrowed: `withdraws` says
    that this does, beside what does so by its type.
    """
    withdraws = withdraws or (sender.reach is not Reach.OPEN and _takes_back(tx, sender, document))
    flags = (("former_key", former_key), ("for_followers", for_followers), ("withdraws", withdraws))
    more = {name: True for name, wanted in flags if wanted}
    activity_id = activities.store_outbound(tx, document, public=public)
    activities.tell(tx, activity_id)
    _deliver(tx, sender, activity_id, inboxes, about=about, more=more)
    return activity_id


def forward(tx: Tx, sender: Actor, activity_id: int, inboxes: Iterable[str], *, about: str) -> None:
    """Have a stored activity of somebody else delivered as it came, signed by `sender`, who passes it on."""
    _deliver(tx, sender, activity_id, inboxes, about=about, more={})


def _takes_back(tx: Tx, sender: Actor, document: JsonObject) -> bool:
    """Whether a document takes back what its sender said before their reach was narrowed, or refuses what others asked."""
    activity = activity_documents.read(document)
    if activity.type not in WITHDRAWING or activity.object_id is None or sender.reach_since is None:
        return activity.type == "Reject"
    first = activities.first_about(tx.conn, sender.uri, activity.object_id)
    return activity.type == "Reject" or (first is not None and ids.moment_of(first) < sender.reach_since)


def _deliver(
    tx: Tx, sender: Actor, activity_id: int, inboxes: Iterable[str], *, about: str | None, more: Mapping[str, object]
) -> None:
    targets = sorted({inbox for inbox in inboxes if inbox and not tx.site.is_local(inbox)})
    if sender.reach is Reach.LOCAL and "withdraws" not in more:
        return
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
