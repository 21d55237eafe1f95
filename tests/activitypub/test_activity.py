# SPDX-License-Identifier: AGPL-3.0-or-later
"""The envelope: who does what to which object."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import activity, contexts
from activitypub.errors import Malformed, ProtocolError
from activitypub.parse import JsonObject, JsonValue

ALEX = "https://peer.example/users/alex"
SAM = "https://our.example/actors/sam"


def a_follow(**changes: JsonValue) -> JsonObject:
    doc: JsonObject = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{ALEX}#follows/4",
        "type": "Follow",
        "actor": ALEX,
        "object": SAM,
    }
    return doc | changes


def test_a_follow_is_read() -> None:
    read = activity.read(a_follow())

    assert (read.type, read.id, read.actor) == ("Follow", f"{ALEX}#follows/4", ALEX)
    assert (read.object_id, read.object_type, read.embedded) == (SAM, None, None)


def test_an_embedded_object_is_named_and_typed() -> None:
    read = activity.read(
        a_follow(
            type="Undo",
            object=a_follow(),
            to=["as:Public"],
            cc=SAM,
            target={"id": "https://peer.example/featured"},
            published="2026-11-20T10:00:00Z",
        )
    )

    assert (read.object_id, read.object_type) == (f"{ALEX}#follows/4", "Follow")
    assert read.embedded == a_follow()
    assert (read.to, read.cc) == (("https://www.w3.org/ns/activitystreams#Public",), (SAM,))
    assert read.target_id == "https://peer.example/featured"
    assert read.published == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize("actor", [ALEX, [ALEX], {"id": ALEX, "type": "Person"}, [{"id": ALEX}, ALEX]])
def test_the_one_actor_is_found_in_any_shape(actor: JsonValue) -> None:
    assert activity.read(a_follow(actor=actor)).actor == ALEX


@pytest.mark.parametrize("actor", [None, [], "", 5, {}, [ALEX, SAM]])
def test_an_activity_has_exactly_one_actor(actor: JsonValue) -> None:
    with pytest.raises(Malformed):
        activity.read(a_follow(actor=actor))


@pytest.mark.parametrize("kind", [None, "", [], 5, {}])
def test_an_activity_has_a_type(kind: JsonValue) -> None:
    with pytest.raises(Malformed):
        activity.read(a_follow(type=kind))


@pytest.mark.parametrize("uri", [None, 5, ""])
def test_an_activity_may_lack_an_id(uri: JsonValue) -> None:
    assert activity.read(a_follow(id=uri)).id is None


@pytest.mark.parametrize("uri", [[f"{ALEX}#1"], {"id": f"{ALEX}#1"}])
def test_an_id_that_is_no_text_is_refused(uri: JsonValue) -> None:
    with pytest.raises(Malformed):
        activity.read(a_follow(id=uri))


@pytest.mark.parametrize("item", [7, 0.5, True, None, "", [], {}])
def test_an_activity_has_an_object(item: JsonValue) -> None:
    with pytest.raises(Malformed):
        activity.read(a_follow(object=item))


@pytest.mark.parametrize("kind", ["Arrive", "Travel", "Question"])
def test_an_intransitive_activity_has_none(kind: str) -> None:
    assert activity.read(a_follow(type=kind, object=None)).object_id is None


def test_an_unknown_activity_is_read_like_any_other() -> None:
    read = activity.read(a_follow(type="Arrive", object={"type": "Place", "name": "Lyon"}))

    assert (read.type, read.object_id, read.object_type) == ("Arrive", None, "Place")


def test_a_report_names_an_actor_and_posts() -> None:
    assert activity.read(a_follow(type="Flag", object=[SAM, f"{SAM}/1"])).object_id == SAM


def test_too_many_recipients_are_refused() -> None:
    with pytest.raises(Malformed):
        activity.read(a_follow(to=[f"https://peer.example/{n}" for n in range(501)]))


def test_an_accept_holds_the_whole_follow() -> None:
    built = activity.build(
        "Accept", id="https://our.example/activities/1", actor=SAM, object=a_follow(bto=["x"]), to=[ALEX]
    )

    assert built == {
        "@context": contexts.OBJECT,
        "id": "https://our.example/activities/1",
        "type": "Accept",
        "actor": SAM,
        "object": {"id": f"{ALEX}#follows/4", "type": "Follow", "actor": ALEX, "object": SAM},
        "to": [ALEX],
    }


def test_an_undo_of_an_accept_has_one_context_only() -> None:
    accept = activity.build("Accept", id="https://our.example/activities/1", actor=SAM, object=a_follow())

    undo = activity.build("Undo", id="https://our.example/activities/2", actor=SAM, object=accept)

    accepted = undo["object"]
    assert isinstance(accepted, dict)
    assert "@context" not in accepted
    assert accepted["object"] == {name: value for name, value in a_follow().items() if name != "@context"}


def test_a_strangers_context_is_not_put_over_our_activity() -> None:
    hostile: JsonObject = {"@context": {"Accept": "https://evil.example/Reject"}}
    follow = a_follow() | hostile

    built = activity.build("Accept", id="https://our.example/activities/1", actor=SAM, object=follow)

    assert built["@context"] == contexts.OBJECT


def test_an_event_brings_its_terms_along() -> None:
    event: JsonObject = {"@context": contexts.EVENT, "id": "https://our.example/objects/1", "type": "Event"}

    built = activity.build(
        "Create",
        id="https://our.example/activities/1",
        actor=SAM,
        object=event,
        target="https://our.example/x",
        published=datetime(2026, 11, 25, 10, tzinfo=UTC),
        summary="extra",
    )

    assert built["@context"] == contexts.EVENT
    assert (built["published"], built["summary"], built["target"]) == (
        "2026-11-25T10:00:00Z",
        "extra",
        "https://our.example/x",
    )
    assert "to" not in built


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(ALEX),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "href"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted([*a_follow(), "to", "cc", "target", "published"])), SHAPES))
@settings(max_examples=100)
def test_any_shape_is_read_or_refused(changes: dict[str, object]) -> None:
    for doc in (a_follow() | cast(JsonObject, changes), cast(JsonObject, changes)):
        with suppress(ProtocolError):
            activity.read(doc)
