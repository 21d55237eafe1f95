# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answering events: who gets a seat, also when a hundred ask for ten at once, and that every question is answered."""

import asyncio
from datetime import datetime, timedelta

import orjson
import pytest
from sqlalchemy import func, select

from activitypub import activity as activity_documents
from activitypub.addressing import Visibility
from node import actors, events, notifications, posts, relationships, timelines
from node.events import EventDraft, State
from node.events.tables import participations
from node.federation import activities
from node.federation.apply import apply_document
from node.kernel import clock
from node.kernel.errors import Conflict, NotAllowed, NotFound
from node.kernel.paging import Page
from node.wiring.handlers import HANDLERS
from tests.support.builders import a_post, a_remote_actor, an_actor
from tests.support.outgoing import deliveries, said


def soon(**parts: float) -> datetime:
    """A wall clock in UTC some time from now."""
    return (clock.now() + timedelta(**(parts or {"days": 30}))).replace(tzinfo=None, microsecond=0)


def an_event(db, organiser, **values):
    draft = {"title": "Summer dinner", "start": soon(), "timezone": "UTC", "place": "The hall", **values}
    return db.write_now(events.publish, organiser, EventDraft(**draft))


def going(db, post_id):
    """(rows that hold a seat, what the event says)."""

    def read(conn):
        rows = conn.execute(
            select(func.count())
            .select_from(participations)
            .where(participations.c.post_id == post_id, participations.c.state == State.GOING)
        ).scalar_one()
        return rows, events.get(conn, post_id, None).going_count

    return db.read_now(read)


def uri_of(db, post_id):
    return db.read_now(posts.find, post_id).uri


def activity(sender, kind, thing, number=1, **more):
    return activity_documents.read(
        {"id": f"{sender.uri}/{kind}/{number}", "type": kind, "actor": sender.uri, "object": thing, **more}
    )


def comes_in(db, sender, kind, thing, number=1, **more):
    """Something that the inbox has taken from another server."""
    document = activity(sender, kind, thing, number, **more)

    def apply(tx):
        activities.store_inbound(tx, [(document, orjson.dumps(document.doc))])
        apply_document(tx, document, HANDLERS)

    db.write_now(apply)


async def test_of_a_hundred_members_ten_get_the_ten_seats(db):
    organiser = an_actor(db)
    people = [an_actor(db) for _ in range(100)]
    post_id = an_event(db, organiser, capacity=10)

    answers = await asyncio.gather(
        *(db.write(events.join, person, post_id) for person in people), return_exceptions=True
    )

    got = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(got) == 10
    assert {type(answer) for answer in answers if isinstance(answer, BaseException)} == {Conflict}
    assert going(db, post_id) == (10, 10)


async def test_of_a_hundred_strangers_ten_are_accepted_and_ninety_told_no(db):
    organiser = an_actor(db)
    people = [a_remote_actor(db) for _ in range(100)]
    post_id = an_event(db, organiser, capacity=10)
    uri = uri_of(db, post_id)

    await asyncio.gather(*(db.write(apply_document, activity(person, "Join", uri), HANDLERS) for person in people))

    assert going(db, post_id) == (10, 10)
    answers = [document for document in said(db) if document["type"] in ("Accept", "Reject")]
    assert sorted(document["type"] for document in answers) == ["Accept"] * 10 + ["Reject"] * 90
    assert {document["to"][0] for document in answers} == {person.uri for person in people}


async def test_people_who_leave_at_once_all_give_their_seats_back(db):
    organiser = an_actor(db)
    people = [an_actor(db) for _ in range(20)]
    post_id = an_event(db, organiser, capacity=20)
    for person in people:
        db.write_now(events.join, person, post_id)

    await asyncio.gather(*(db.write(events.leave, person, post_id) for person in people[:15]))

    assert going(db, post_id) == (5, 5)


async def test_one_who_answers_ten_times_at_once_holds_one_seat_and_hears_no_refusal(db):
    organiser, person = an_actor(db), an_actor(db)
    post_id = an_event(db, organiser, capacity=1)

    answers = await asyncio.gather(*(db.write(events.join, person, post_id) for _ in range(10)))

    assert {answer.state for answer in answers} == {State.GOING}
    assert going(db, post_id) == (1, 1)


def test_a_seat_that_was_given_back_can_be_taken(db):
    organiser, first, second = an_actor(db), an_actor(db), an_actor(db)
    post_id = an_event(db, organiser, capacity=1)
    db.write_now(events.join, first, post_id)
    with pytest.raises(Conflict):
        db.write_now(events.join, second, post_id)

    db.write_now(events.leave, first, post_id)

    assert db.write_now(events.join, second, post_id).state is State.GOING
    assert going(db, post_id) == (1, 1)


@pytest.mark.parametrize("kind", ["Leave", "Undo"])
def test_a_stranger_who_leaves_gives_the_seat_back(db, kind):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser, capacity=1)
    uri = uri_of(db, post_id)
    comes_in(db, person, "Join", uri)
    assert going(db, post_id) == (1, 1)

    thing = uri if kind == "Leave" else {"id": f"{person.uri}/Join/1", "type": "Join", "object": uri}
    comes_in(db, person, kind, thing)

    assert going(db, post_id) == (0, 0)
    assert db.read_now(events.participation, post_id, person.id).state is State.CANCELLED


def test_an_undone_join_that_names_only_the_id_is_understood(db):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser)
    comes_in(db, person, "Join", uri_of(db, post_id))

    comes_in(db, person, "Undo", f"{person.uri}/Join/1")

    assert going(db, post_id) == (0, 0)


def test_nobody_can_undo_somebody_elses_join(db):
    organiser, person, mallory = an_actor(db), a_remote_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser)
    uri = uri_of(db, post_id)
    comes_in(db, person, "Join", uri)

    for thing in (
        f"{person.uri}/Join/1",
        {"id": f"{person.uri}/Join/1", "type": "Join", "actor": person.uri, "object": uri},
    ):
        comes_in(db, mallory, "Undo", thing, number=hash(str(thing)))
    comes_in(db, mallory, "Leave", uri)

    assert going(db, post_id) == (1, 1)


def test_a_second_join_is_answered_again_under_its_own_id(db):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser, capacity=1)
    uri = uri_of(db, post_id)

    comes_in(db, person, "Join", uri, 1)
    comes_in(db, person, "Join", uri, 2)

    answers = [document for document in said(db) if document["type"] == "Accept"]
    assert [answer["object"]["id"] for answer in answers] == [f"{person.uri}/Join/1", f"{person.uri}/Join/2"]
    assert going(db, post_id) == (1, 1)


def _cancelled(db, organiser, post_id):
    db.write_now(events.cancel_event, organiser, post_id)


def _full(db, organiser, post_id):
    db.write_now(events.join, an_actor(db), post_id)


def _deleted(db, organiser, post_id):
    db.write_now(posts.delete_post, organiser, post_id)


@pytest.mark.parametrize("change", [_cancelled, _full, _deleted])
def test_a_join_that_cannot_be_is_always_refused_in_words(db, change):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser, capacity=1)
    uri = uri_of(db, post_id)
    change(db, organiser, post_id)

    comes_in(db, person, "Join", uri)

    inbox, answer = deliveries(db)[-1]
    assert inbox == person.inbox
    assert answer["type"] == "Reject"
    assert answer["object"]["id"] == f"{person.uri}/Join/1"
    assert answer["content"]


def test_a_join_by_somebody_whom_the_organiser_blocks_is_refused(db):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser)
    db.write_now(relationships.block, organiser, person)

    comes_in(db, person, "Join", uri_of(db, post_id))

    assert said(db)[-1]["type"] == "Reject"
    assert going(db, post_id) == (0, 0)


def test_a_join_of_an_event_for_followers_by_somebody_who_is_none_is_refused_as_if_it_were_not_there(db):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser, visibility=Visibility.PRIVATE)
    unknown = f"{db.site.base_url}/objects/{'a' * 26}"

    comes_in(db, person, "Join", uri_of(db, post_id), 1)
    comes_in(db, person, "Join", unknown, 2)

    hidden, missing = said(db)[-2:]
    assert (hidden["type"], hidden["actor"], hidden["content"]) == ("Reject", missing["actor"], missing["content"])


def test_friendicas_accept_of_the_event_itself_is_a_join(db):
    organiser, person = an_actor(db), a_remote_actor(db)
    post_id = an_event(db, organiser)
    uri = uri_of(db, post_id)

    comes_in(db, person, "Accept", uri)
    assert going(db, post_id) == (1, 1)

    comes_in(db, person, "Reject", uri)
    assert going(db, post_id) == (0, 0)


def test_fewer_seats_than_are_taken_cannot_be_set(db):
    organiser = an_actor(db)
    post_id = an_event(db, organiser, capacity=5)
    for _ in range(3):
        db.write_now(events.join, an_actor(db), post_id)

    draft = EventDraft(title="Summer dinner", start=soon(), place="The hall", capacity=2)
    with pytest.raises(Conflict):
        db.write_now(events.change, organiser, post_id, draft)


def test_only_the_organiser_changes_or_cancels(db):
    organiser, other = an_actor(db), an_actor(db)
    post_id = an_event(db, organiser)

    with pytest.raises(NotAllowed):
        db.write_now(events.cancel_event, other, post_id)
    with pytest.raises(NotAllowed):
        db.write_now(events.change, other, post_id, EventDraft(title="Another dinner", start=soon(), place="Elsewhere"))


def test_cancelling_tells_all_who_go_and_all_servers_that_have_it(db):
    organiser, member = an_actor(db), an_actor(db)
    follower, guest = a_remote_actor(db), a_remote_actor(db, host="guests.example")
    db.write_now(relationships.actions.begin, follower, organiser, f"{follower.uri}#f", accepted=True)
    post_id = an_event(db, organiser)
    db.write_now(events.join, member, post_id)
    comes_in(db, guest, "Join", uri_of(db, post_id))

    db.write_now(events.cancel_event, organiser, post_id)

    updates = [(inbox, document) for inbox, document in deliveries(db) if document["type"] == "Update"]
    assert {inbox for inbox, _ in updates} == {follower.shared_inbox, guest.shared_inbox}
    assert {document["object"]["status"] for _, document in updates} == {"CANCELLED"}
    told = db.read_now(notifications.page, member.id, Page())
    assert [item.type for item in told] == ["update"]


def test_who_goes_is_in_no_document_that_leaves(db):
    organiser, member = an_actor(db), an_actor(db, "secretive")
    follower = a_remote_actor(db)
    db.write_now(relationships.actions.begin, follower, organiser, f"{follower.uri}#f", accepted=True)
    post_id = an_event(db, organiser)

    db.write_now(events.join, member, post_id)
    db.write_now(events.cancel_event, organiser, post_id)

    for _, document in deliveries(db):
        assert "secretive" not in str(document)
        assert member.uri not in str(document)


# -- events of other nodes --------------------------------------------------------------------------------------------


def remote_document(organiser, **more):
    return {
        "id": f"{organiser.uri}/events/1",
        "type": "Event",
        "name": "Reunion",
        "attributedTo": organiser.uri,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [organiser.followers],
        "published": "2026-11-01T10:00:00Z",
        "startTime": soon().isoformat() + "Z",
        "timezone": "Europe/Paris",
        "content": "<p>Come one, come all.</p>",
        **more,
    }


def a_remote_event(db, organiser, **more):
    document = remote_document(organiser, **more)
    comes_in(db, organiser, "Create", document)
    found = db.read_now(posts.by_uri, document["id"])
    return found.id if found else None


@pytest.fixture
def elsewhere(db):
    """(a member, an organiser elsewhere whom they follow, the organiser's event)."""
    member, organiser = an_actor(db), a_remote_actor(db, kind=actors.ActorType.ORGANIZATION)
    db.write_now(relationships.actions.begin, member, organiser, f"{member.uri}#f", accepted=True)
    return member, organiser, a_remote_event(db, organiser)


def test_a_members_answer_to_an_event_elsewhere_waits_for_the_organiser(db, elsewhere):
    member, organiser, post_id = elsewhere

    answer = db.write_now(events.join, member, post_id)

    assert answer.state is State.PENDING
    inbox, document = deliveries(db)[-1]
    assert (inbox, document["type"], document["object"]) == (organiser.inbox, "Join", f"{organiser.uri}/events/1")
    comes_in(db, organiser, "Accept", {"id": answer.uri, "type": "Join", "actor": member.uri})
    assert db.read_now(events.participation, post_id, member.id).state is State.GOING


@pytest.mark.parametrize("form", ["id", "object"])
def test_the_organiser_elsewhere_may_say_no(db, elsewhere, form):
    member, organiser, post_id = elsewhere
    answer = db.write_now(events.join, member, post_id)

    comes_in(db, organiser, "Reject", answer.uri if form == "id" else {"id": answer.uri, "type": "Join"})

    assert db.read_now(events.participation, post_id, member.id).state is State.REJECTED


def test_a_third_party_cannot_answer_for_the_organiser(db, elsewhere):
    member, _organiser, post_id = elsewhere
    answer = db.write_now(events.join, member, post_id)
    neighbour, stranger = a_remote_actor(db), a_remote_actor(db, host="evil.example")

    for other in (neighbour, stranger):
        comes_in(db, other, "Accept", {"id": answer.uri, "type": "Join", "actor": member.uri})

    assert db.read_now(events.participation, post_id, member.id).state is State.PENDING


def test_an_answer_that_comes_after_the_member_has_left_changes_nothing(db, elsewhere):
    member, organiser, post_id = elsewhere
    answer = db.write_now(events.join, member, post_id)
    db.write_now(events.leave, member, post_id)

    comes_in(db, organiser, "Accept", {"id": answer.uri, "type": "Join"})

    assert db.read_now(events.participation, post_id, member.id).state is State.CANCELLED
    assert [document["type"] for _, document in deliveries(db)] == ["Join", "Leave"]


@pytest.mark.parametrize(("said", "counted"), [(0, (1, 19)), (1, (1, 19)), (4, (4, 16))])
def test_a_document_older_than_the_organisers_yes_uncounts_nobody(db, elsewhere, said, counted):
    member, organiser, _ = elsewhere
    seats = {"maximumAttendeeCapacity": 20, "participantCount": said, "remainingAttendeeCapacity": 20 - said}
    document = remote_document(organiser, **seats) | {"id": f"{organiser.uri}/events/2"}
    comes_in(db, organiser, "Create", document)
    post_id = db.read_now(posts.by_uri, document["id"]).id
    answer = db.write_now(events.join, member, post_id)
    comes_in(db, organiser, "Accept", {"id": answer.uri, "type": "Join", "actor": member.uri})

    comes_in(db, organiser, "Update", document | {"updated": "2026-11-02T10:00:00Z"})

    event = db.read_now(events.get, post_id, None)
    assert (event.going_count, event.seats_left) == counted


async def test_changes_of_an_event_uncount_nobody_whose_yes_arrives_at_the_same_moment(db, elsewhere):
    _, organiser, _ = elsewhere
    people = [an_actor(db) for _ in range(12)]
    seats = {"maximumAttendeeCapacity": 20, "participantCount": 0, "remainingAttendeeCapacity": 20}
    document = remote_document(organiser, **seats) | {"id": f"{organiser.uri}/events/2"}
    comes_in(db, organiser, "Create", document)
    post_id = db.read_now(posts.by_uri, document["id"]).id
    answers = [db.write_now(events.join, person, post_id) for person in people]

    def applied(kind, thing, number):
        said = activity(organiser, kind, thing, number)

        def apply(tx):
            activities.store_inbound(tx, [(said, orjson.dumps(said.doc))])
            apply_document(tx, said, HANDLERS)

        return db.write(apply)

    await asyncio.gather(
        *(
            applied("Accept", {"id": answer.uri, "type": "Join", "actor": person.uri}, number)
            for number, (person, answer) in enumerate(zip(people, answers, strict=True))
        ),
        *(applied("Update", document | {"updated": f"2026-11-02T10:00:{n:02}Z"}, n) for n in range(12)),
    )

    event = db.read_now(events.get, post_id, None)
    assert (event.going_count, event.seats_left) == (12, 8)


def test_an_event_that_takes_answers_elsewhere_takes_none_here(db):
    member, organiser = an_actor(db), a_remote_actor(db)
    db.write_now(relationships.actions.begin, member, organiser, f"{member.uri}#f", accepted=True)
    post_id = a_remote_event(db, organiser, joinMode="external", externalParticipationUrl="https://tickets.example/42")

    with pytest.raises(Conflict):
        db.write_now(events.join, member, post_id)


def test_an_event_of_nobody_who_is_followed_here_is_not_kept(db):
    assert a_remote_event(db, a_remote_actor(db)) is None


def test_an_invitation_brings_its_event(db):
    member, organiser = an_actor(db), a_remote_actor(db)
    uri = f"{organiser.uri}/events/7"
    event = {
        "id": uri,
        "type": "Event",
        "attributedTo": organiser.uri,
        "name": "Garden party",
        "startTime": soon(days=3).isoformat(),
        "location": {"type": "Place", "name": "The garden"},
        "to": [member.uri],
    }

    comes_in(db, organiser, "Invite", event, to=[member.uri])

    post = db.read_now(posts.by_uri, uri)
    assert post.title == "Garden party"
    assert db.read_now(posts.visible, post.id, member.id)


def test_a_join_of_a_post_that_is_no_event_is_not_there(db):
    member = an_actor(db)

    with pytest.raises(NotFound):
        db.write_now(events.join, member, a_post(db, member))


# -- events of partner schools ----------------------------------------------------------------------------------------


@pytest.fixture
def partner(db):
    """The association of a school with which a partnership is in force."""
    ours = db.read_now(actors.association)
    theirs = a_remote_actor(db, "association", host="quays.example", kind=actors.ActorType.ORGANIZATION)
    db.write_now(relationships.want_partner, theirs)
    comes_in(db, theirs, "Accept", {"type": "Follow", "actor": ours.uri, "object": theirs.uri})
    comes_in(db, theirs, "Follow", ours.uri)
    return theirs


def test_an_event_of_a_partner_school_is_carried_to_our_members_once(db, partner):
    ours, member = db.read_now(actors.association), an_actor(db)
    db.write_now(relationships.follow, member, ours)

    post_id = a_remote_event(db, partner)
    comes_in(db, partner, "Update", {**remote_document(partner), "name": "Reunion!", "updated": "2026-11-02T10:00:00Z"})

    announces = [document for document in said(db) if document["type"] == "Announce"]
    assert [document["object"] for document in announces] == [f"{partner.uri}/events/1"]
    (shown,) = db.read_now(timelines.home, member.id, Page())
    assert db.read_now(posts.find, shown).boost_of_id == post_id
    assert db.read_now(events.get, post_id, member.id).title == "Reunion!"


def test_an_event_of_a_school_that_is_no_partner_any_more_is_not_carried(db, partner):
    db.write_now(relationships.end_partnership, partner)
    member = an_actor(db)
    db.write_now(relationships.actions.begin, member, partner, f"{member.uri}#f", accepted=True)

    a_remote_event(db, partner)

    assert [document for document in said(db) if document["type"] == "Announce"] == []


def test_an_event_of_an_association_that_the_staff_has_limited_is_not_carried(db, partner):
    db.write_now(actors.limit, partner, on=True)

    assert a_remote_event(db, partner) is not None

    assert [document for document in said(db) if document["type"] == "Announce"] == []


def test_a_members_event_is_announced_by_the_association_and_reaches_the_partner(db, partner):
    organiser = an_actor(db)

    an_event(db, organiser)

    ours = db.read_now(actors.association)
    sent = [(inbox, document) for inbox, document in deliveries(db) if document["type"] == "Announce"]
    assert [(inbox, document["actor"]) for inbox, document in sent] == [(partner.shared_inbox, ours.uri)]


def test_a_partners_post_that_is_no_event_is_not_carried(db, partner):
    note = {
        "id": f"{partner.uri}/notes/1",
        "type": "Note",
        "attributedTo": partner.uri,
        "content": "<p>News</p>",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "published": "2026-11-01T10:00:00Z",
    }
    comes_in(db, partner, "Create", note)

    assert [document for document in said(db) if document["type"] == "Announce"] == []
