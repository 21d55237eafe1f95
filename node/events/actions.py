# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing and cancelling events, and answering them. Seats are counted and taken in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import case, delete, insert, select, update

from activitypub import activity as activity_documents
from activitypub.accessors import ids
from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from activitypub.events import EventStatus
from activitypub.parse import JsonObject
from node import actors, emojis, federation, notifications, posts, relationships
from node.actors import Actor, Reach
from node.emojis import CustomEmoji
from node.events import cards, documents, queries, rules
from node.events.queries import Event, Participation
from node.events.rules import ANSWERS, EventDraft, State
from node.events.tables import events, participations
from node.kernel import html, text
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.ids import new_id
from node.notifications import Kind as Told
from node.posts import Kind, NewPost, Post, PostId
from node.posts.documents import about
from node.posts.rules import year_of
from node.relationships import Circle, circles


def publish(tx: Tx, organiser: Actor, draft: EventDraft, *, locale: str = "en") -> PostId:
    """Publish an event of a local organiser: the association, or a member. Raises Invalid.

    It goes to the organiser's followers; the association announces a member's event to its own followers, so that every
    member and every partner school hears of it, and the node's actor to the servers that follow the node (Mobilizon and
    Gancio follow nodes, not people). One to a circle goes to the circle, and nobody carries it on.
    """
    starts_at, ends_at = rules.check(draft, tx.now)
    if draft.circle is Circle.CLASS and organiser.type is ActorType.ORGANIZATION:
        raise Invalid("The association is of no class. Please choose other readers.", field="visibility")
    number = posts.new_number(tx, tx.now)
    tags = text.find_hashtags(draft.text)
    post = posts.write(
        tx,
        NewPost(
            uri=tx.site.new_object(),
            url=f"{tx.site.base_url}/events/{number}",
            author=organiser,
            kind=Kind.EVENT,
            visibility=draft.visibility,
            circle=draft.circle,
            circle_year=year_of(draft.circle, organiser.class_year),
            created_at=tx.now,
            title=text.clean_line(draft.title, rules.MAX_TITLE),
            source=text.clean(draft.text, rules.MAX_TEXT),
            language=draft.language or locale,
            tags=tags,
            own_emojis=_emojis(tx, draft),
            post_id=number,
        ),
    )
    assert post is not None
    tx.conn.execute(
        insert(events),
        {
            "post_id": post.id,
            **_columns(draft, starts_at, ends_at),
        },
    )
    after = show(tx, post.id, locale=locale)
    document = documents.event(tx.conn, tx.site, after, organiser, locale=locale)
    create = about("Create", tx.site, organiser, document)
    posts.send(tx, organiser, after, create)
    posts.announce_here(tx, after, organiser)
    _announce(tx, organiser, after, create)
    return post.id


def _emojis(tx: Tx, draft: EventDraft) -> list[CustomEmoji]:
    return emojis.used_in(tx.conn, draft.title, draft.text)


def _columns(draft: EventDraft, starts_at: datetime, ends_at: datetime | None) -> dict[str, object]:
    """What of a draft is kept beside the post."""
    return {
        "title": text.clean_line(draft.title, rules.MAX_TITLE),
        "start_local": _wall_clock(draft.start),
        "end_local": _wall_clock(draft.end) if draft.end else None,
        "timezone": draft.timezone,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "place_name": text.clean_line(draft.place, 255),
        "street": text.clean_line(draft.street, 255),
        "postcode": text.clean_line(draft.postcode, 32),
        "city": text.clean_line(draft.city, 255),
        "country": text.clean_line(draft.country, 64),
        "online_url": draft.online_url.strip() or None,
        "capacity": draft.capacity,
    }


def change(tx: Tx, organiser: Actor, post_id: int, draft: EventDraft) -> None:
    """Change one's own event; organiser and audience stay. Everybody who has it is told, and those who go are notified.

    Raises NotFound, NotAllowed, Invalid; Conflict for fewer seats than are taken, and for a cancelled event.
    """
    post = posts.visible(tx.conn, post_id, organiser.id)
    event = queries.get(tx.conn, post_id, organiser.id)
    if post.author_id != organiser.id:
        raise NotAllowed("Only the organiser can change this event.")
    if event.status is EventStatus.CANCELLED:
        raise Conflict("This event has been cancelled.")
    starts_at, ends_at = rules.check(draft, tx.now)
    lock(tx, post_id)
    if draft.capacity is not None and draft.capacity < queries.going_count(tx.conn, post_id):
        raise Conflict("More people are going than this number of seats.")
    posts.remember_edit(tx, post)
    tx.conn.execute(update(events).where(events.c.post_id == post_id).values(**_columns(draft, starts_at, ends_at)))
    tags = text.find_hashtags(draft.text)
    posts.set_tags(tx, post.id, tags)
    used = _emojis(tx, draft)
    posts.emojis.keep(tx, post.id, used)
    posts.touch(
        tx,
        post_id,
        title=text.clean_line(draft.title, rules.MAX_TITLE),
        source=text.clean(draft.text, rules.MAX_TEXT),
        tags=tags,
        emojis=emojis.shown_of(tx.site, used),
        edited_at=tx.now,
    )
    _tell_change(tx, organiser, post_id)


def _announce(tx: Tx, organiser: Actor, post: Post, create: JsonObject) -> None:
    """Have the association carry a member's event on, and the node's actor carry the Create to those who follow it.

    Whom the staff has limited is heard by their followers alone.
    """
    if post.visibility is not Visibility.PUBLIC or organiser.limited_at is not None:
        return
    if organiser.type is not ActorType.ORGANIZATION:
        posts.boost(tx, actors.association(tx.conn), post.id)
    node_actor = actors.node_actor(tx.conn)
    inboxes = relationships.follower_inboxes(tx.conn, node_actor.id)
    if inboxes and organiser.reach is Reach.OPEN:
        document = activity_documents.build(
            "Announce",
            id=tx.site.new_activity(),
            actor=node_actor.uri,
            # Gancio resolves no bare id: it wants the Create inside.
            object=create,
            to=ids(create["to"]),
            published=tx.now,
        )
        federation.publish(tx, node_actor, document, inboxes, about=post.uri)


def show(tx: Tx, post_id: int, *, locale: str) -> Post:
    """Write anew what the post of a local event shows: after it was made, changed or answered."""
    post, event = posts.find(tx.conn, post_id), queries.find(tx.conn, post_id)
    assert post is not None
    assert event is not None
    organiser = actors.get(tx.conn, post.author_id)
    body = str(html.render_plain(post.source, tag_url=tx.site.tag_url))
    card = cards.card(event, body=body, url=post.url, provider=organiser.name, locale=locale)
    posts.touch(tx, post_id, content=card.content, card=dict(card.card), details=dict(card.details))
    after = posts.find(tx.conn, post_id)
    assert after is not None
    return after


def cancel_event(tx: Tx, organiser: Actor, post_id: int) -> None:
    """Cancel one's own event: it stays visible, marked, and everybody who has it is told. Twice changes nothing."""
    post = posts.visible(tx.conn, post_id, organiser.id)
    event = queries.get(tx.conn, post_id, organiser.id)
    if post.author_id != organiser.id:
        raise NotAllowed("Only the organiser can cancel this event.")
    if event.status is EventStatus.CANCELLED:
        return
    posts.remember_edit(tx, post)
    tx.conn.execute(update(events).where(events.c.post_id == post_id).values(status=EventStatus.CANCELLED))
    posts.touch(tx, post_id, edited_at=tx.now)
    _tell_change(tx, organiser, post_id)


def _tell_change(tx: Tx, organiser: Actor, post_id: int) -> None:
    before = posts.find(tx.conn, post_id)
    assert before is not None
    locale = before.language or "en"
    after = show(tx, post_id, locale=locale)
    document = documents.event(tx.conn, tx.site, after, organiser, locale=locale)
    update_document = about("Update", tx.site, organiser, document)
    posts.send(tx, organiser, after, update_document, also=queries.participant_inboxes(tx.conn, post_id))
    posts.tell_changed(tx, post_id)
    for person in _still_inside(tx, after, queries.attendees(tx.conn, post_id)):
        notifications.notify(tx, person, Told.UPDATE, organiser, post_id, place=posts.place_of(after))


def _still_inside(tx: Tx, post: Post, people: Sequence[Actor]) -> Sequence[Actor]:
    """Those of the people who go whom a change concerns: whoever has left the circle may not read of it any more."""
    if post.circle is None:
        return people
    inside = circles.insiders(
        tx.conn, [person.id for person in people], post.circle, post.circle_year, author_id=post.author_id
    )
    return [person for person in people if person.id in inside]


def join(tx: Tx, actor: Actor, post_id: int) -> Participation:
    """Have a member say that they come. For an event of another node that node decides, and says so later.

    Raises NotFound, Conflict (cancelled, over, full, or answers are taken elsewhere).
    """
    lock(tx, post_id)
    event = queries.get(tx.conn, post_id, actor.id)
    post = posts.visible(tx.conn, post_id, actor.id)
    known = queries.participation(tx.conn, post_id, actor.id)
    if known is not None and known.state in (State.GOING, State.PENDING):
        return known
    check_open(tx, event, local=post.local)
    uri = tx.site.new_activity()
    state = State.GOING if post.local else State.PENDING
    set_state(tx, post_id, actor, state, uri)
    organiser = actors.get(tx.conn, post.author_id)
    document = activity_documents.build(
        "Join", id=uri, actor=actor.uri, object=post.uri, to=[organiser.uri], published=tx.now
    )
    federation.publish(tx, actor, document, [organiser.inbox], about=f"{actor.uri} {post_id}")
    found = queries.participation(tx.conn, post_id, actor.id)
    assert found is not None
    return found


def leave(tx: Tx, actor: Actor, post_id: int) -> None:
    """Have a member say that they do not come after all. Nothing to take back is fine. Raises NotFound."""
    lock(tx, post_id)
    queries.get(tx.conn, post_id, actor.id)
    post = posts.visible(tx.conn, post_id, actor.id)
    known = queries.participation(tx.conn, post_id, actor.id)
    if known is None or known.state not in (State.GOING, State.PENDING):
        return
    set_state(tx, post_id, actor, State.CANCELLED, known.uri)
    organiser = actors.get(tx.conn, post.author_id)
    document = activity_documents.build(
        "Leave",
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=post.uri,
        to=[organiser.uri],
        published=tx.now,
    )
    federation.publish(tx, actor, document, [organiser.inbox], about=f"{actor.uri} {post_id}")


def answer(tx: Tx, event_id: int, actor: Actor, *, going: bool) -> None:
    """Join or leave, as one switch for pages and apps."""
    if going:
        join(tx, actor, event_id)
    else:
        leave(tx, actor, event_id)


def vote(tx: Tx, actor: Actor, post_id: int, positions: Collection[int]) -> PostId:
    """Answer an event as a member whose app shows it as a poll, with the position of the answer; the event's number.

    Unlike a vote it may be given again: another answer takes the place of the first, the same one changes nothing.
    Raises NotFound, also for an event that takes no answers here, and Invalid in the words that apps know from polls.
    """
    post = posts.original(tx.conn, post_id, actor.id)
    lock(tx, post.id)
    event = queries.find(tx.conn, post.id)
    if event is None or not event.takes_answers:
        raise NotFound
    chosen = set(positions)
    if len(chosen) != 1 or not chosen <= set(range(len(ANSWERS))):
        raise Invalid("Validation failed: The chosen vote option does not exist", field="choices")
    if event.is_closed(tx.now):
        raise Invalid("Validation failed: The poll has already ended", field="choices")
    if ANSWERS[chosen.pop()] is State.GOING:
        try:
            join(tx, actor, post.id)
        except Conflict:  # all else that it can be was looked at before
            raise Invalid("Validation failed: All seats are taken", field="choices") from None
    else:
        _decline(tx, actor, post.id)
    return post.id


def _decline(tx: Tx, actor: Actor, post_id: int) -> None:
    """Keep that a member does not come, also if they never said that they would: then nobody else is told."""
    known = queries.participation(tx.conn, post_id, actor.id)
    if known is not None and known.state in (State.GOING, State.PENDING):
        leave(tx, actor, post_id)
    elif known is None or known.state is State.REJECTED:
        set_state(tx, post_id, actor, State.CANCELLED, known.uri if known is not None else tx.site.new_activity())


def lock(tx: Tx, post_id: int) -> None:
    """Let nobody else count this event's seats, or answer it, until we are done (PostgreSQL; SQLite has one writer).

    Whatever is decided by what is read comes after it: before, it may be out of date. It is the post that is locked, as
    by whoever changes it: with two rows to lock, two who take them in turn would wait for each other.
    """
    if tx.conn.dialect.name != "sqlite":
        posts.lock(tx, post_id)


def check_open(tx: Tx, event: Event, *, local: bool) -> None:
    """Raises Conflict with the reason why nobody can join now. Seats elsewhere are counted elsewhere."""
    rules.check_may_join(
        status=event.status,
        join_mode=event.join_mode,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        capacity=event.capacity if local else None,
        going=queries.going_count(tx.conn, event.post_id) if local else 0,
        now=tx.now,
    )


def set_state(tx: Tx, post_id: int, actor: Actor, state: State, uri: str) -> None:
    """Write where somebody's answer stands, count the seats anew, and let open streams show both."""
    before = queries.going_count(tx.conn, post_id)
    changed = tx.conn.execute(
        update(participations)
        .where(participations.c.post_id == post_id, participations.c.actor_id == actor.id)
        .values(state=state, uri=uri, updated_at=tx.now)
    )
    if changed.rowcount == 0:
        tx.conn.execute(
            insert_or_ignore(tx.conn, participations),
            {
                "id": new_id(tx.now),
                "post_id": post_id,
                "actor_id": actor.id,
                "state": state,
                "uri": uri,
                "created_at": tx.now,
                "updated_at": tx.now,
            },
        )
    post = posts.find(tx.conn, post_id)
    going = queries.going_count(tx.conn, post_id)
    if post is not None and post.local:
        tx.conn.execute(update(events).where(events.c.post_id == post_id).values(going_count=going))
        show(tx, post_id, locale=post.language or "en")
    else:
        # The organiser's network knows how many go in all, and says so now and then; what changed here we add ourselves.
        more = going - before
        tx.conn.execute(
            update(events)
            .where(events.c.post_id == post_id)
            .values(
                going_count=case((events.c.going_count + more < going, going), else_=events.c.going_count + more),
                remaining=case((events.c.remaining < more, 0), else_=events.c.remaining - more),
            )
        )
        posts.touch(tx, post_id)
    posts.tell_changed(tx, post_id)


def forget_participant(tx: Tx, actor: Actor) -> None:
    """Give back the seats of somebody who is gone, and forget that they answered."""
    rows = tx.conn.execute(select(participations).where(participations.c.actor_id == actor.id)).all()
    for row in rows:
        if row.state in (State.GOING, State.PENDING):
            lock(tx, row.post_id)
            set_state(tx, row.post_id, actor, State.CANCELLED, row.uri)
    tx.conn.execute(delete(participations).where(participations.c.actor_id == actor.id))


def _wall_clock(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat(timespec="seconds")
