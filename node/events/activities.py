# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers say about events: answers to ours, our answers confirmed, and events of their own."""

from datetime import UTC
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from activitypub import activity as activity_documents
from activitypub.activity import ActivityDocument
from activitypub.events import EventDocument
from activitypub.parse import JsonObject
from node import actors, federation, posts, relationships
from node.actors import Actor
from node.events import actions, cards, queries
from node.events.rules import State
from node.events.tables import events
from node.federation import Received
from node.kernel import html, i18n
from node.kernel.db import Tx
from node.kernel.errors import Refused
from node.kernel.text import clean_line
from node.posts import Kind, Post, RemotePost
from node.posts.queries import OPEN


def joined(tx: Tx, received: Received) -> None:
    """Somebody elsewhere says that they come to an event of ours. Always answered: Accept, or Reject with the reason.

    A Join of something that is no event of ours is answered too, so that nobody waits for ever.
    """
    post = _event_here(tx, received.activity.object_id)
    if post is None or not posts.can_be_read_by(tx.conn, post, received.actor):
        _refuse_unknown(tx, received)
        return
    actions.lock(tx, post.id)
    organiser = actors.get(tx.conn, post.author_id)
    known = queries.participation(tx.conn, post.id, received.actor.id)
    join_id = federation.activities.key_of(received.activity)
    if known is not None and known.state is State.GOING:
        actions.set_state(tx, post.id, received.actor, State.GOING, join_id)
        _answer(tx, "Accept", organiser, received)
        return
    event = queries.find(tx.conn, post.id)
    assert event is not None
    try:
        if relationships.is_blocked_between(tx.conn, organiser.id, received.actor.id):
            raise Refused("You cannot take part in this event.")
        actions.check_open(tx, event, local=True)
    except Refused as refusal:
        actions.set_state(tx, post.id, received.actor, State.REJECTED, join_id)
        _answer(tx, "Reject", organiser, received, reason=refusal.message)
        return
    actions.set_state(tx, post.id, received.actor, State.GOING, join_id)
    _answer(tx, "Accept", organiser, received)


def left(tx: Tx, received: Received) -> None:
    """Somebody elsewhere does not come after all."""
    post = _event_here(tx, received.activity.object_id)
    if post is not None:
        _end(tx, post, received.actor)


def join_undone(tx: Tx, received: Received) -> None:
    """Undo of a Join is a Leave."""
    uri = received.subject.object if received.subject is not None else _inner_object(received)
    post = _event_here(tx, uri)
    if post is not None:
        _end(tx, post, received.actor)


def join_accepted(tx: Tx, received: Received) -> None:
    """The organiser elsewhere has a seat for one of us. Only the event's author can say so."""
    _decide(tx, received, State.GOING)


def join_rejected(tx: Tx, received: Received) -> None:
    """The organiser elsewhere has no seat for one of us, or takes it back."""
    _decide(tx, received, State.REJECTED)


def answered(tx: Tx, received: Received) -> None:
    """Accept or Reject of the event itself: how Friendica and its kin say that they come, or do not."""
    post = _event_here(tx, received.activity.object_id)
    if post is None:
        return
    if received.activity.type == "Accept":
        joined(tx, received)
    else:
        _end(tx, post, received.actor)


def remote_event_kept(tx: Tx, kept: RemotePost) -> None:
    """A remote object was stored: if it is an event, keep its date and place, and show them in the post."""
    if kept.document.event is None or kept.post.kind is not Kind.EVENT:
        return
    _store(tx, kept.post, kept.author, kept.document.event, kept.document.content or "")
    if (
        kept.post.edited_at is None
        and kept.post.visibility in OPEN
        and kept.author.limited_at is None
        and relationships.is_partner(tx.conn, kept.author.id)
    ):
        # A partner school's event is carried to our members by our own association.
        posts.boost(tx, actors.association(tx.conn), kept.post.id)


def _store(tx: Tx, post: Post, author: Actor, document: EventDocument, body: str) -> None:
    actions.lock(tx, post.id)
    zone = document.zone or "UTC"
    place = document.place
    # A document can be older than the organiser's answer to one of us: nobody we know to go is uncounted by it.
    said = document.participants or 0
    uncounted = max(0, queries.going_count(tx.conn, post.id) - said)
    values: dict[str, object] = {
        "title": clean_line(document.name, 500),
        "start_local": document.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds"),
        "end_local": document.end.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds")
        if document.end
        else None,
        "timezone": zone,
        "starts_at": document.start.astimezone(UTC),
        "ends_at": document.end.astimezone(UTC) if document.end else None,
        "place_name": clean_line((place.name if place else None) or "", 255),
        "street": clean_line((place.street if place else None) or "", 255),
        "postcode": clean_line((place.postcode if place else None) or "", 32),
        "city": clean_line((place.city if place else None) or "", 255),
        "country": clean_line((place.country if place else None) or "", 64),
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "online_url": document.online_url,
        "capacity": document.capacity,
        "remaining": None if document.remaining is None else max(0, document.remaining - uncounted),
        "going_count": said + uncounted,
        "join_mode": document.join_mode,
        "external_url": document.external_url,
        "status": document.status,
    }
    changed = tx.conn.execute(update(events).where(events.c.post_id == post.id).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert(events), {"post_id": post.id, **values})
    event = queries.find(tx.conn, post.id)
    assert event is not None
    locale = i18n.negotiate(preferred=post.language or "", default="en")
    # Networks like this one put date and place at the head of the text; here they stand there already.
    words = str(html.sanitise(body)).removeprefix(str(html.sanitise(cards.head(event, locale))))
    tx.conn.execute(update(events).where(events.c.post_id == post.id).values(text=words))
    card = cards.card(event, body=words, url=post.url, provider=author.name, locale=locale)
    posts.touch(
        tx,
        post.id,
        content=card.content,
        card=dict(card.card),
        details=dict(card.details),
    )


def _event_here(tx: Tx, uri: str | None) -> Post | None:
    if uri is None or not tx.site.is_local(uri):
        return None
    post = posts.by_uri(tx.conn, uri)
    return post if post is not None and post.kind is Kind.EVENT else None


def _end(tx: Tx, post: Post, actor: Actor) -> None:
    actions.lock(tx, post.id)
    known = queries.participation(tx.conn, post.id, actor.id)
    if known is not None and known.state in (State.GOING, State.PENDING):
        actions.set_state(tx, post.id, actor, State.CANCELLED, known.uri)


def _decide(tx: Tx, received: Received, state: State) -> None:
    """Apply an organiser's word to the Join of ours that it names. A Join that was taken back stays so."""
    if received.subject is None or not received.subject.local:
        return
    known = queries.by_join(tx.conn, received.subject.uri)
    if known is None or known.state not in (State.PENDING, State.GOING):
        return
    post = posts.find(tx.conn, known.post_id)
    if post is None or post.author_id != received.actor.id:
        return
    actions.lock(tx, post.id)
    known = queries.by_join(tx.conn, received.subject.uri)
    if known is None or known.state not in (State.PENDING, State.GOING):
        return
    participant = actors.get(tx.conn, known.actor_id)
    actions.set_state(tx, known.post_id, participant, state, known.uri)


def _answer(tx: Tx, kind: str, organiser: Actor, received: Received, *, reason: str = "") -> None:
    """Accept or Reject a Join, with the Join inside."""
    inner = _join_of(received.activity)
    document = activity_documents.build(
        kind, id=tx.site.new_activity(), actor=organiser.uri, object=inner, to=[received.actor.uri]
    )
    if reason:
        document["content"] = reason
    federation.publish(tx, organiser, document, [received.actor.inbox], about=f"{received.actor.uri} event")


def _join_of(activity: ActivityDocument) -> JsonObject:
    inner: JsonObject = {"type": activity.type, "actor": activity.actor, "object": activity.object_id}
    return {"id": activity.id, **inner} if activity.id else inner


def _refuse_unknown(tx: Tx, received: Received) -> None:
    """Say no to a Join of something that was deleted here, or never was: in the name of the association."""
    uri = received.activity.object_id
    if uri is not None and tx.site.is_local(uri):
        _answer(tx, "Reject", actors.association(tx.conn), received, reason="This event does not exist any more.")


def _inner_object(received: Received) -> str | None:
    inner = received.activity.embedded
    if inner is None or inner.get("actor") not in (None, received.actor.uri):
        return None
    value = inner.get("object")
    return value if isinstance(value, str) else None
