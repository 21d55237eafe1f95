# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding an actor by its handle."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

import pytest
from bovine.types.jrd import JrdData
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import webfinger
from activitypub.errors import Malformed, ProtocolError
from activitypub.parse import JsonObject, JsonValue
from activitypub.webfinger import Answer, Kind, Query, SelfLink, parse_resource

SAM = Query(kind=Kind.ACCT, host="school.example", user="sam")
NODE = Query(kind=Kind.DOMAIN, host="school.example")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("acct:sam@school.example", SAM),
        ("sam@school.example", SAM),
        ("@sam@school.example", SAM),
        ("acct:@sam@school.example", SAM),
        ("ACCT:Sam@School.Example", SAM),
        ("acct%3Asam%40school.example", SAM),
        ("acct:sam%40school.example", SAM),
        ("school.example", NODE),
        ("https://school.example", NODE),
        ("HTTPS://School.Example/", NODE),
        ("acct:school.example@school.example", NODE),
        (
            "https://School.example/@Sam",
            Query(kind=Kind.URL, host="school.example", url="https://school.example/@Sam"),
        ),
        (
            "https://school.example/actors/abc",
            Query(kind=Kind.URL, host="school.example", url="https://school.example/actors/abc"),
        ),
        (
            "https://school.example/actor?x=%41#y",
            Query(kind=Kind.URL, host="school.example", url="https://school.example/actor?x=%41#y"),
        ),
        ("acct:sam@lyon.localhost:8001", Query(kind=Kind.ACCT, host="lyon.localhost:8001", user="sam")),
        ("http://127.0.0.1:9001/", Query(kind=Kind.DOMAIN, host="127.0.0.1:9001")),
    ],
)
def test_every_form_of_the_question_is_understood(resource: str, expected: Query) -> None:
    assert parse_resource(resource) == expected


@pytest.mark.parametrize(
    "resource",
    ["", " ", "acct:", "acct:@", "acct:sam@", "@sam@", "acct:s am@school.example", "https://", "https://a@b.example/",
     "https://school.example:x/", "https://[::1", "mailto:sam@school.example:", "acct:sam@a..b", "x" * 2049,
     "acct:%73am%00@school.example"],
)  # fmt: skip
def test_other_questions_are_refused(resource: str) -> None:
    with pytest.raises(Malformed):
        parse_resource(resource)


def our_answer(*, is_node: bool = False) -> JsonObject:
    return webfinger.build(
        "acct:sam@school.example",
        actor_id="https://social.school.example/actors/abc",
        profile_url="https://social.school.example/@sam",
        subscribe="https://social.school.example/authorize_interaction?uri={uri}",
        icon=("https://media.school.example/a.png", "image/png"),
        is_node=is_node,
    )


def test_our_answer_has_the_links_that_peers_look_for() -> None:
    links = our_answer()["links"]

    assert isinstance(links, list)
    assert {entry["rel"]: entry.get("href") or entry.get("template") for entry in links if isinstance(entry, dict)} == {
        "http://webfinger.net/rel/profile-page": "https://social.school.example/@sam",
        "self": "https://social.school.example/actors/abc",
        "http://ostatus.org/schema/1.0/subscribe": "https://social.school.example/authorize_interaction?uri={uri}",
        "http://webfinger.net/rel/avatar": "https://media.school.example/a.png",
    }
    assert None not in [value for entry in links if isinstance(entry, dict) for value in entry.values()]


def test_our_answer_is_read_back_and_by_another_library() -> None:
    doc = our_answer()

    assert webfinger.read(doc) == Answer(
        user="sam",
        host="school.example",
        actors=(SelfLink("https://social.school.example/actors/abc"),),
        subscribe="https://social.school.example/authorize_interaction?uri={uri}",
    )
    parsed = JrdData.model_validate(doc)
    assert parsed.subject == "acct:sam@school.example"
    assert parsed.aliases == ["https://social.school.example/@sam", "https://social.school.example/actors/abc"]


def test_the_node_is_marked_as_a_service() -> None:
    links = our_answer(is_node=True)["links"]

    assert isinstance(links, list)
    assert {
        "rel": "https://www.w3.org/ns/activitystreams#Service",
        "type": "application/activity+json",
        "href": "https://social.school.example/actors/abc",
    } in links


def a_jrd(*links: JsonValue, subject: JsonValue = "acct:alex@peer.example") -> JsonObject:
    return {"subject": subject, "aliases": ["https://peer.example/@alex"], "links": list(links)}


def a_self(href: JsonValue, media_type: JsonValue = "application/activity+json", **more: JsonValue) -> JsonObject:
    doc: JsonObject = {"rel": "self", "type": media_type, "href": href}
    return doc | more


@pytest.mark.parametrize(
    ("link", "actors"),
    [
        (a_self("https://peer.example/ap/users/1/"), ("https://peer.example/ap/users/1/",)),
        (
            a_self("https://p.example/u", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'),
            ("https://p.example/u",),
        ),
        (a_self("https://p.example/u", None), ("https://p.example/u",)),
        (a_self("https://p.example/u", "text/html"), ()),
        (a_self("https://p.example/u", 5), ()),
        (a_self("javascript:1"), ()),
        (a_self(None), ()),
        ({"rel": "profile", "href": "https://p.example/u"}, ()),
        ("https://p.example/u", ()),
        (None, ()),
    ],
)
def test_the_actor_is_the_self_link_byte_for_byte(link: JsonValue, actors: tuple[str, ...]) -> None:
    assert tuple(found.href for found in webfinger.read(a_jrd(link)).actors) == actors


def test_a_person_and_a_group_of_one_name_are_told_apart() -> None:
    kind = "https://www.w3.org/ns/activitystreams#type"

    answer = webfinger.read(
        a_jrd(
            a_self("https://lemmy.example/u/careers", properties={kind: "Person"}),
            a_self("https://lemmy.example/c/careers", properties={kind: "Group"}),
        )
    )

    assert answer.actors == (
        SelfLink("https://lemmy.example/u/careers", "Person"),
        SelfLink("https://lemmy.example/c/careers", "Group"),
    )


@pytest.mark.parametrize(
    ("subject", "user", "host"),
    [
        ("acct:Alex@Peer.Example", "Alex", "peer.example"),
        ("alex@peer.example", "alex", "peer.example"),
        ("https://peer.example/@alex", None, None),
        ("acct:alex", None, None),
        (None, None, None),
        (5, None, None),
    ],
)
def test_the_subject_is_the_canonical_handle(subject: JsonValue, user: str | None, host: str | None) -> None:
    answer = webfinger.read(a_jrd(subject=subject))

    assert (answer.user, answer.host) == (user, host)


@pytest.mark.parametrize(
    ("template", "usable"),
    [
        ("https://peer.example/authorize_interaction?uri={uri}", True),
        ("https://peer.example/follow/{uri}", True),
        ("https://{uri}.peer.example/", False),
        ("https://{uri}/", False),
        ("javascript:x?{uri}", False),
        ("https://peer.example/follow", False),
        ("https://peer.example/{x}?u={uri}", False),
    ],
)
def test_remote_follow_templates_keep_to_their_host(template: str, usable: bool) -> None:
    link: JsonValue = {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": template}

    assert webfinger.read(a_jrd(link)).subscribe == (template if usable else None)


def test_a_long_answer_is_cut() -> None:
    assert len(webfinger.read(a_jrd(*[a_self(f"https://p.example/{n}") for n in range(1000)])).actors) == 5


SHAPES = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["self", "https://p.example/u", "acct:a@b.example"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["rel", "href", "type", "template", "properties"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["subject", "links", "aliases"]), SHAPES), st.text(max_size=40))
@settings(max_examples=150)
def test_anything_is_read_or_refused(doc: dict[str, object], text: str) -> None:
    webfinger.read(cast(JsonObject, doc))
    for resource in (text, f"acct:{text}", f"https://{text}", f"https://school.example/{text}", f"acct:sam@{text}"):
        with suppress(ProtocolError):
            parse_resource(resource)
