# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client-to-server outbox: what a member's own programs may have done, in whose name, and what they get back."""

import pytest

from activitypub import activity as activity_documents
from activitypub.addressing import PUBLIC, Visibility
from activitypub.errors import Malformed, ProtocolError
from node import events, federation, posts, relationships
from node.events import State
from node.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from node.kernel.paging import Page
from node.wiring import client_to_server
from tests.support.builders import a_post, a_remote_actor, an_actor, an_event_draft
from tests.support.outgoing import deliveries, said


def do(db, member, document, scopes=("read", "write", "follow")):
    """Post a document to a member's outbox; the id that comes back."""
    activity = activity_documents.read(client_to_server.wrapped(document, member))
    return db.write_now(client_to_server.accept, member, activity, scopes)


def note(**more):
    return {"type": "Note", "content": "<p>Hello <b>there</b></p>", "to": [PUBLIC], **more}


def only_post(db, member):
    (number,) = db.read_now(posts.of_author, member.id, member.id, Page())
    return db.read_now(posts.find, number)


def uri_of(db, number):
    return db.read_now(posts.find, number).uri


@pytest.fixture
def bob(db):
    return an_actor(db, "bob")


@pytest.mark.parametrize("wrapped", [True, False], ids=["as a Create", "as a bare Note"])
def test_a_note_becomes_a_post_with_ids_of_ours(db, bob, wrapped):
    forged = note(
        id="https://evil.example/1", attributedTo="https://evil.example/eve", published="1999-01-01T00:00:00Z"
    )
    document = {"type": "Create", "id": "https://evil.example/2", "object": forged} if wrapped else forged

    location = do(db, bob, document)

    post = only_post(db, bob)
    assert (post.content, post.visibility, post.created_at.year > 2000) == (
        "<p>Hello there</p>",
        Visibility.PUBLIC,
        True,
    )
    stored = db.read_now(federation.activities.document, location)
    assert db.site.is_local(location)
    assert (stored["type"], stored["actor"], stored["object"]["id"]) == ("Create", bob.uri, post.uri)


@pytest.mark.parametrize(
    ("audience", "visibility"),
    [
        ({"to": [PUBLIC]}, Visibility.PUBLIC),
        ({"to": "as:Public"}, Visibility.PUBLIC),
        ({"to": ["FOLLOWERS"], "cc": [PUBLIC]}, Visibility.UNLISTED),
        ({"to": ["FOLLOWERS"]}, Visibility.PRIVATE),
        ({}, Visibility.DIRECT),
    ],
)
def test_the_audience_decides_who_sees_it(db, bob, audience, visibility):
    said_to = {
        name: value if isinstance(value, str) else [bob.followers if one == "FOLLOWERS" else one for one in value]
        for name, value in audience.items()
    }

    do(db, bob, {"type": "Create", **said_to, "object": {"type": "Note", "content": "Hello"}})

    assert only_post(db, bob).visibility is visibility


def test_a_direct_note_reaches_whoever_it_is_addressed_to(db, bob):
    far = a_remote_actor(db, "ann")

    do(db, bob, note(to=[far.uri]))

    ((inbox, create),) = deliveries(db)
    assert (inbox, create["to"]) == (far.inbox, [far.uri])
    assert only_post(db, bob).visibility is Visibility.DIRECT


def test_a_warning_a_language_and_what_is_answered_are_taken_over(db, bob):
    first = uri_of(db, a_post(db, an_actor(db), "A question"))

    do(db, bob, note(summary="<i>Spoiler</i>", contentMap={"fr": "<p>Bonjour</p>"}, inReplyTo=first))

    post = only_post(db, bob)
    assert post.spoiler_text == "Spoiler"
    assert post.sensitive
    assert post.in_reply_to_uri == first


def test_the_source_is_what_was_typed(db, bob):
    do(db, bob, note(source={"content": "Hello #harbour", "mediaType": "text/plain"}))

    assert only_post(db, bob).source == "Hello #harbour"
    assert only_post(db, bob).tags == ("harbour",)


def test_a_follow_of_somebody_elsewhere_is_asked_for(db, bob):
    far = a_remote_actor(db)

    location = do(db, bob, {"type": "Follow", "object": far.uri})

    assert [(inbox, document["id"]) for inbox, document in deliveries(db)] == [(far.inbox, location)]
    assert db.read_now(relationships.between, bob.id, [far.id])[far.id].requested


def test_likes_and_boosts_are_done_and_undone(db, bob):
    number = a_post(db, an_actor(db), "Like me")
    uri = uri_of(db, number)

    like, boost = do(db, bob, {"type": "Like", "object": uri}), do(db, bob, {"type": "Announce", "object": uri})
    post = db.read_now(posts.find, number)
    assert (post.favourites_count, post.boosts_count) == (1, 1)
    assert do(db, bob, {"type": "Like", "object": uri}) == like

    for activity in (like, boost):
        do(db, bob, {"type": "Undo", "object": activity})
    post = db.read_now(posts.find, number)
    assert (post.favourites_count, post.boosts_count) == (0, 0)
    assert [document["type"] for document in said(db) if document["type"] == "Undo"] == ["Undo", "Undo"]


def test_a_follow_is_undone_by_its_id_or_with_it_inside(db, bob):
    for inside in (False, True):
        other = an_actor(db)
        follow = do(db, bob, {"type": "Follow", "object": other.uri})

        do(db, bob, {"type": "Undo", "object": {"id": follow, "type": "Follow"} if inside else follow})

        assert not db.read_now(relationships.is_following, bob.id, other.id)


def test_an_event_is_joined_and_left(db, bob):
    number = db.write_now(events.publish, an_actor(db), an_event_draft())
    uri = uri_of(db, number)

    join = do(db, bob, {"type": "Join", "object": uri})
    assert db.read_now(events.participation, number, bob.id).state is State.GOING
    do(db, bob, {"type": "Leave", "object": uri})
    assert db.read_now(events.participation, number, bob.id).state is State.CANCELLED
    assert db.site.is_local(join)

    again = do(db, bob, {"type": "Join", "object": uri})
    do(db, bob, {"type": "Undo", "object": again})
    assert db.read_now(events.participation, number, bob.id).state is State.CANCELLED


def test_ones_own_post_is_deleted(db, bob):
    number = a_post(db, bob, "Oops")

    location = do(db, bob, {"type": "Delete", "object": uri_of(db, number)})

    assert db.read_now(posts.find, number) is None
    assert said(db)[-1]["id"] == location


REFUSED = {
    "another actor": ({"type": "Like", "actor": "https://evil.example/eve", "object": "POST"}, NotAllowed),
    "another member": ({"type": "Like", "actor": "CAROL", "object": "POST"}, NotAllowed),
    "a type that nobody takes": ({"type": "Travel", "object": "CAROL"}, Invalid),
    "an Accept of what is no Follow": ({"type": "Accept", "object": "POST"}, NotFound),
    "a Create of an actor": ({"type": "Create", "object": {"type": "Person", "name": "Eve"}}, Invalid),
    "a Create of a bare id": ({"type": "Create", "object": "POST"}, Invalid),
    "a Create of nothing": ({"type": "Create"}, Malformed),
    "an empty Note": ({"type": "Note", "content": "<p> </p>", "to": [PUBLIC]}, Invalid),
    "an answer to something unknown": (
        {"type": "Note", "content": "x", "inReplyTo": "https://far.example/1"},
        NotFound,
    ),
    "a Like of something unknown": ({"type": "Like", "object": "https://far.example/1"}, NotFound),
    "a Like of nothing": ({"type": "Like"}, Malformed),
    "a Like of what is hidden": ({"type": "Like", "object": "HIDDEN"}, NotFound),
    "a boost of what is hidden": ({"type": "Announce", "object": "HIDDEN"}, NotFound),
    "a Follow of somebody unknown": ({"type": "Follow", "object": "https://far.example/ann"}, NotFound),
    "a Follow of oneself": ({"type": "Follow", "object": "BOB"}, Invalid),
    "a Join of a post": ({"type": "Join", "object": "POST"}, NotFound),
    "a Delete of another's post": ({"type": "Delete", "object": "POST"}, NotAllowed),
    "an Undo of nothing": ({"type": "Undo"}, Malformed),
    "an Undo of something unknown": ({"type": "Undo", "object": "https://far.example/1"}, NotFound),
    "an Undo of another's Like": ({"type": "Undo", "object": "LIKE"}, NotFound),
    "an Undo of a Create": ({"type": "Undo", "object": "CREATE"}, Invalid),
    "no type": ({"object": "POST"}, Malformed),
    "two actors": ({"type": "Like", "actor": ["BOB", "CAROL"], "object": "POST"}, Malformed),
}


@pytest.mark.parametrize(("document", "refusal"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_theirs_to_do_is_refused_and_nothing_is_said(db, bob, document, refusal):
    carol = an_actor(db, "carol")
    post = uri_of(db, a_post(db, carol, "Carol's"))
    names = {
        "BOB": bob.uri,
        "CAROL": carol.uri,
        "POST": post,
        "HIDDEN": uri_of(db, a_post(db, carol, "Hidden", visibility=Visibility.PRIVATE)),
        "LIKE": do(db, carol, {"type": "Like", "object": post}),
        "CREATE": do(db, bob, note()),
    }
    before = len(said(db))

    def filled(value):
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return names.get(value, value)

    with pytest.raises((Refused, ProtocolError)) as refused:
        do(db, bob, filled(document))

    assert refused.type is refusal
    assert len(said(db)) == before


def test_what_must_be_looked_up_before_is_named(bob):
    follow = activity_documents.read({"type": "Follow", "actor": bob.uri, "object": "https://far.example/ann"})
    answer = note(inReplyTo="https://far.example/1", to=[PUBLIC, "https://far.example/ann"])
    create = activity_documents.read({"type": "Create", "actor": bob.uri, "object": answer})
    undo = activity_documents.read({"type": "Undo", "actor": bob.uri, "object": "https://far.example/1"})

    assert client_to_server.documents_needed(follow) == ("https://far.example/ann",)
    assert client_to_server.documents_needed(create) == ("https://far.example/1", "https://far.example/ann")
    assert client_to_server.documents_needed(undo) == ()
