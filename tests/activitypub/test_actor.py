# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors of other servers read, and ours written."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import actor, contexts
from activitypub.actor import ActorType, LocalActor, PublicKeys
from activitypub.attachments import Picture
from activitypub.errors import Malformed, ProtocolError
from activitypub.parse import JsonObject, JsonValue
from activitypub.signatures import keys
from activitypub.signatures.keys import Algorithm

ALEX = "https://peer.example/users/alex"
RSA = keys.generate(Algorithm.RSA)
ED25519 = cast(Ed25519PrivateKey, keys.generate(Algorithm.ED25519))
PEM = keys.public_pem(RSA)
MULTIBASE = keys.public_multibase(ED25519)


def an_actor(**changes: JsonValue) -> JsonObject:
    """A Person as Mastodon sends it, with the second key of newer servers."""
    doc: JsonObject = {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": ALEX,
        "type": "Person",
        "webfinger": "alex@peer.example",
        "preferredUsername": "alex",
        "name": "Alex Example",
        "summary": "<p>Class of 1998</p>",
        "url": "https://www.peer.example/@alex",
        "inbox": f"{ALEX}/inbox",
        "outbox": f"{ALEX}/outbox",
        "followers": f"{ALEX}/followers",
        "following": f"{ALEX}/following",
        "featured": f"{ALEX}/collections/featured",
        "endpoints": {"sharedInbox": "https://peer.example/inbox"},
        "manuallyApprovesFollowers": True,
        "discoverable": True,
        "indexable": False,
        "published": "2024-03-16T00:00:00Z",
        "alsoKnownAs": ["https://old.example/users/alex"],
        "icon": {
            "type": "Image",
            "mediaType": "image/png",
            "url": "https://files.peer.example/a.png",
            "summary": "Tree",
        },
        "image": {"type": "Image", "url": "https://files.peer.example/h.jpg"},
        "attachment": [
            {"type": "PropertyValue", "name": "Class of", "value": "1998"},
            {"type": "PropertyValue", "name": "Site", "value": '<a href="https://alex.example" rel="me">alex</a>'},
        ],
        "publicKey": {"id": f"{ALEX}#main-key", "owner": ALEX, "publicKeyPem": PEM},
        "assertionMethod": [
            {"id": f"{ALEX}#ed", "type": "Multikey", "controller": ALEX, "publicKeyMultibase": MULTIBASE}
        ],
        "generator": {"type": "Application", "implements": [{"href": "https://datatracker.ietf.org/doc/html/rfc9421"}]},
        "alumnode:classYear": 1998,
        "alumnode:school": "https://peer.example/actors/school",
    }
    return doc | changes


def test_an_actor_is_read_in_full() -> None:
    read = actor.read(an_actor())

    assert (read.id, read.type, read.username, read.name) == (ALEX, ActorType.PERSON, "alex", "Alex Example")
    assert read.url == "https://www.peer.example/@alex"
    assert read.inbox == f"{ALEX}/inbox"
    assert read.shared_inbox == "https://peer.example/inbox"
    assert read.followers == f"{ALEX}/followers"
    assert (read.locked, read.bot, read.discoverable, read.indexable) == (True, False, True, False)
    assert (read.icon, read.icon_description) == ("https://files.peer.example/a.png", "Tree")
    assert read.fields[0] == ("Class of", "1998")
    assert [key.id for key in read.keys] == [f"{ALEX}#main-key", f"{ALEX}#ed"]
    assert {key.owner for key in read.keys} == {ALEX}
    assert read.also_known_as == ("https://old.example/users/alex",)
    assert read.published == datetime(2024, 3, 16, tzinfo=UTC)
    assert read.webfinger == "alex@peer.example"
    assert (read.class_year, read.school) == (1998, "https://peer.example/actors/school")
    assert read.implements == ("https://datatracker.ietf.org/doc/html/rfc9421",)


def test_an_actor_may_say_very_little() -> None:
    read = actor.read({"id": ALEX, "type": "Service", "inbox": f"{ALEX}/inbox"})

    assert (read.username, read.name, read.shared_inbox, read.keys, read.bot) == (None, "", None, (), True)


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"url": {"type": "Link", "href": "https://peer.example/@alex"}}, "url", "https://peer.example/@alex"),
        ({"attachment": {"type": "PropertyValue", "name": "class of", "value": 2009}}, "fields", (("class of", "2009"),)),
        ({"endpoints": None, "sharedInbox": "https://peer.example/in"}, "shared_inbox", "https://peer.example/in"),
        ({"icon": [{"type": "Image", "url": "https://p.example/48", "width": 48},
                   {"type": "Image", "url": "https://p.example/120", "width": 120}]}, "icon", "https://p.example/120"),
        ({"icon": "https://p.example/a.png"}, "icon", "https://p.example/a.png"),
        ({"name": None}, "name", ""),
        ({"name": "Alex \u202eelpmaxE"}, "name", "Alex elpmaxE"),
        ({"webfinger": "acct:Alex@Peer.example"}, "webfinger", "Alex@peer.example"),
        ({"webfinger": "alex"}, "webfinger", None),
        ({"preferredUsername": "al ex"}, "username", None),
        ({"preferredUsername": "alex@other.example"}, "username", None),
        ({"movedTo": "https://new.example/u/alex"}, "moved_to", "https://new.example/u/alex"),
        ({"alumnode:classYear": "many"}, "class_year", None),
        ({"alumnode:classYear": 99}, "class_year", None),
        ({"type": ["Person", "sm:Other"]}, "type", ActorType.PERSON),
        ({"suspended": True}, "suspended", True),
    ],
)  # fmt: skip
def test_shapes_of_other_programs(changes: JsonObject, field: str, expected: object) -> None:
    assert getattr(actor.read(an_actor(**changes)), field) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "https://peer.example:443/users/alex"},
        {"id": "http://peer.example/users/alex"},
        {"type": "Note"},
        {"type": None},
        {"inbox": None},
        {"inbox": "https://victim.example/inbox"},
        {"inbox": "http://peer.example/users/alex/inbox"},
        {"inbox": {"type": "Link", "href": "https://victim.example/inbox"}},
        {"preferredUsername": "x" * 2049},
    ],
)
def test_actors_that_cannot_be_used_are_refused(changes: JsonObject) -> None:
    with pytest.raises(Malformed):
        actor.read(an_actor(**changes))


@pytest.mark.parametrize("name", ["outbox", "followers", "following", "featured"])
def test_a_collection_on_another_server_is_left_out(name: str) -> None:
    assert getattr(actor.read(an_actor(**{name: "https://victim.example/box"})), name) is None


def test_a_shared_inbox_on_another_server_is_left_out() -> None:
    doc = an_actor(endpoints={"sharedInbox": "https://victim.example/inbox"})

    assert actor.read(doc).shared_inbox is None


@pytest.mark.parametrize(
    ("key", "accepted"),
    [
        ({"id": f"{ALEX}#main-key", "owner": ALEX, "publicKeyPem": PEM}, True),
        ({"id": f"{ALEX}/main-key", "owner": ALEX, "publicKeyPem": PEM}, True),
        ({"id": ALEX, "owner": ALEX, "publicKeyPem": PEM}, True),
        ({"id": f"{ALEX}#main-key", "publicKeyPem": PEM}, True),
        ([{"id": f"{ALEX}#main-key", "owner": ALEX, "publicKeyPem": PEM}], True),
        ({"id": f"{ALEX}#main-key", "owner": "https://peer.example/users/eve", "publicKeyPem": PEM}, False),
        ({"id": "https://other.example/key", "owner": ALEX, "publicKeyPem": PEM}, False),
        ({"id": f"{ALEX}#main-key", "owner": ALEX, "publicKeyPem": "-----BEGIN PUBLIC KEY-----\nAAAA"}, False),
        ({"id": f"{ALEX}#main-key", "owner": ALEX}, False),
        ({"owner": ALEX, "publicKeyPem": PEM}, False),
        (f"{ALEX}#main-key", False),
        (None, False),
    ],
)
def test_only_keys_of_the_actor_itself_are_taken(key: JsonValue, accepted: bool) -> None:
    assert bool(actor.read(an_actor(publicKey=key, assertionMethod=[])).keys) is accepted


@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ({}, True),
        ({"controller": "https://peer.example/users/eve"}, False),
        ({"id": "https://other.example/key"}, False),
        ({"type": "Ed25519VerificationKey2020"}, False),
        ({"publicKeyMultibase": "zPLACEHOLDER"}, False),
        ({"revoked": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_a_multikey_is_taken_when_it_is_the_actors_and_valid(changes: JsonObject, accepted: bool) -> None:
    key: JsonObject = {
        "id": f"{ALEX}#ed",
        "type": "Multikey",
        "controller": ALEX,
        "publicKeyMultibase": MULTIBASE,
    }
    doc = an_actor(publicKey=None, assertionMethod=[f"{ALEX}#by-reference", key | changes])

    assert bool(actor.read(doc).keys) is accepted


def test_long_lists_are_cut() -> None:
    doc = an_actor(
        attachment=[{"type": "PropertyValue", "name": f"n{n}", "value": "v" * 5000} for n in range(200)],
        alsoKnownAs=[f"https://old.example/{n}" for n in range(2560)],
        publicKey=[{"id": f"{ALEX}#{n}", "owner": ALEX, "publicKeyPem": PEM} for n in range(80)],
        summary="x" * 60_000,
    )

    read = actor.read(doc)

    assert (len(read.fields), len(read.fields[0][1])) == (20, 2047)
    assert len(read.also_known_as) == 256
    assert len(read.keys) <= 16
    assert len(read.summary) == 20_000


SAM = LocalActor(
    id="https://social.school.example/actors/abcdefghijklmnopqrstuvwxyz",
    type=ActorType.PERSON,
    username="sam",
    domain="school.example",
    name="Sam Example",
    summary="<p>Hello</p>",
    url="https://social.school.example/@sam",
    shared_inbox="https://social.school.example/inbox",
    keys=PublicKeys(
        key_id="https://social.school.example/actors/abcdefghijklmnopqrstuvwxyz#main-key",
        pem=PEM,
        multibase_key_id="https://social.school.example/actors/abcdefghijklmnopqrstuvwxyz#ed25519-key",
        multibase=MULTIBASE,
    ),
    icon=Picture(url="https://media.school.example/a.png", media_type="image/png", description="A tree"),
    fields=(("Class of", "2009"),),
    locked=True,
    indexable=False,
    published=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    also_known_as=("https://old.example/users/sam",),
    class_year=2009,
    school="https://social.school.example/actors/school",
)


def test_our_actor_is_read_back_as_it_was_meant() -> None:
    read = actor.read(actor.build(SAM))

    assert (read.id, read.username, read.name, read.summary) == (SAM.id, "sam", "Sam Example", "<p>Hello</p>")
    assert read.webfinger == "sam@school.example"
    assert (read.inbox, read.outbox) == (SAM.inbox, SAM.outbox)
    assert (read.followers, read.following, read.featured) == (SAM.followers, SAM.following, SAM.featured)
    assert read.shared_inbox == SAM.shared_inbox
    assert [key.id for key in read.keys] == [SAM.keys.key_id, SAM.keys.multibase_key_id]
    assert read.published == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (read.icon, read.icon_description) == ("https://media.school.example/a.png", "A tree")
    assert (read.class_year, read.school) == (2009, SAM.school)
    assert contexts.CAPABILITY in read.implements
    assert read.locked


def test_our_actor_has_what_strict_servers_ask_for() -> None:
    doc = actor.build(SAM)

    context = doc["@context"]
    assert isinstance(context, list)
    assert "https://www.w3.org/ns/activitystreams" in context
    assert isinstance(doc["publicKey"], dict)
    assert doc["published"] == "2026-01-02T03:04:05Z"
    assert doc["attachment"] == [{"type": "PropertyValue", "name": "Class of", "value": "2009"}]
    assert {"inbox", "outbox", "followers", "following", "preferredUsername"} <= doc.keys()


def test_an_actor_without_a_class_year_does_not_mention_one() -> None:
    doc = actor.build(
        LocalActor(
            id=SAM.id, type=ActorType.APPLICATION, username="school.example", domain="school.example",
            url="https://social.school.example/about", shared_inbox=SAM.shared_inbox, keys=SAM.keys,
        )
    )  # fmt: skip

    assert not [name for name in doc if name.startswith("alumnode:")]
    assert doc["webfinger"] == "school.example@school.example"
    assert doc["name"] == "school.example"


SHAPES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([ALEX, PEM, MULTIBASE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "owner", "url", "href", "name", "value"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(an_actor())), SHAPES, max_size=6))
@settings(max_examples=150)
def test_any_shape_is_read_or_refused(changes: dict[str, object]) -> None:
    for doc in (an_actor() | cast(JsonObject, changes), cast(JsonObject, changes)):
        with suppress(ProtocolError):
            actor.read(doc)
