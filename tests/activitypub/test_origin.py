# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose an id is, and who may act on what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.origin import Origin, may_act_on, normalise_host, origin, same_origin


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://our.example/users/sam", "https://our.example"),
        ("https://our.example", "https://our.example"),
        ("https://our.example/", "https://our.example"),
        ("https://our.example//users/sam", "https://our.example"),
        ("https://our.example/users/sam/", "https://our.example"),
        ("https://our.example/@sam/1?page=true&min_id=1", "https://our.example"),
        ("https://our.example/users/sam#main-key", "https://our.example"),
        ("https://our.example/?author=1", "https://our.example"),
        ("https://our.example/part-4/#activity#activity", "https://our.example"),
        ("https://our.example/users/sam%40other", "https://our.example"),
        ("https://our.example/%E3%81%82", "https://our.example"),
        ("https://our.example/~sam/a..b/.well-known", "https://our.example"),
        ("https://peer.example:8443/u", "https://peer.example:8443"),
        ("https://a_b.example/u", "https://a_b.example"),
        ("https://xn--a.example/u", "https://xn--a.example"),
        ("https://xn--lgbbat1ad8j.example/u", "https://xn--lgbbat1ad8j.example"),
    ],
)
def test_an_id_belongs_to_its_scheme_host_and_port(uri, expected):
    assert str(origin(uri)) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "https://OUR.example/users/sam",
        "https://our.example./users/sam",
        "https://our.example:443/users/sam",
        "https://our.example:/users/sam",
        "https://our.example:0443/users/sam",
        "https://our.example:0/users/sam",
        "https://our.example:65536/users/sam",
        "https://our.example:port/users/sam",
        "HTTPS://our.example/users/sam",
        "https://our.example/users/%73am",
        "https://our.example/users%2Esam",
        "https://our.example/x/../users/sam",
        "https://our.example/./users/sam",
        "https://our.example/users/..",
        "https://our.example/%2e%2e/users/sam",
        "https://our.example/users/sam?",
        "https://our.example/users/sam#",
        "https://our.example/100%",
        "https://our.example/%zz",
        "https://our.example/users/sam avec",
        "https://our.example/users/sam\n",
        "https://our.example/users/é",
        'https://our.example/"',
        "https://peer@our.example/users/sam",
        "https://peer:pass@our.example/users/sam",
        "https://our.example@peer.example/users/sam",
        "https://a@b@evil.example/",
        "https://peer.example\\@our.example/users/sam",
        "https://our.example%2epeer.example/users/sam",
        "https://our.exa\tmple/users/sam",
        "https://our.example%00.peer.example/users/sam",
        "https://ｏur.example/users/sam",
        "https://our。example/users/sam",
        "https://o\u00adur.example/users/sam",
        "https://our.example\u202e/users/sam",
        "http://our.example/users/sam",
        "//our.example/users/sam",
        "our.example/users/sam",
        "acct:sam@our.example",
        "https://[::1]/users/sam",
        "https://127.0.0.1/users/sam",
        "https://127.1/users/sam",
        "https://2130706433/users/sam",
        "https://0x7f000001/users/sam",
        "https://a.0x7f/users/sam",
        "https://localhost/users/sam",
        "https://a..example/u",
        "https://-a.example/u",
        "https://a-.example/u",
        f"https://{'a' * 64}.example/u",
        f"https://{'a.' * 127}example/u",
        "https://аррӏе.example/u",
        "https://🎓.example/u",
        "data:application/activity+json,{}",
        "javascript:1",
        "did:key:z6MkekwC6R9bj9ErToB7AiZJfyCSDhaZe1UxhDbCqJrhqpS5",
        "",
        "https://",
        "https:///u",
        "https:/our.example/u",
        "https://our.example/" + "a" * 2048,
    ],
)
def test_an_id_with_a_second_spelling_or_no_proper_host_is_refused(uri):
    with pytest.raises(Malformed):
        origin(uri)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://lyon.localhost:8001/actors/a", Origin("http", "lyon.localhost", 8001)),
        ("http://127.0.0.1:9001/actors/a", Origin("http", "127.0.0.1", 9001)),
        ("http://[::1]:9001/actors/a", Origin("http", "[::1]", 9001)),
        ("http://localhost/actors/a", Origin("http", "localhost", 80)),
        ("https://our.example/actors/a", Origin("https", "our.example", 443)),
    ],
)
def test_nodes_on_one_machine_have_origins_when_http_is_allowed(uri, expected):
    assert origin(uri, allow_http=True) == expected


@pytest.mark.parametrize(
    "uri", ["http://our.example:80/a", "http://127.1/a", "http://0x7f.1/a", "ftp://our.example/a", "http://a@b/"]
)
def test_allowing_http_allows_no_second_spelling(uri):
    with pytest.raises(Malformed):
        origin(uri, allow_http=True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("Our.Example", "our.example"),
        ("our.example.", "our.example"),
        ("école.example", "xn--cole-9oa.example"),
        ("ÉCOLE.example", "xn--cole-9oa.example"),
        ("ｏur。example", "our.example"),
        ("xn--i-7iq.example", "xn--i-7iq.example"),
        ("a_b.example", "a_b.example"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_has_one_spelling(host, expected):
    assert normalise_host(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "our.example..",
        ".our.example",
        "a..b",
        "-a.example",
        "a" * 64 + ".example",
        "a." * 127 + "example",
        "a" * 5000,
        "127.0.0.1",
        "１２７.0.0.1",
        "1",
        "[::1]",
        "our.example:443",
        "me@our.example",
        "our%2eexample",
        "our\\example",
        "our example",
        "our.example\n",
        "our.\x00example",
        "🎓.example",
        "\u202eour.example",
        "\ud800.example",
    ],
)
def test_what_is_no_host_name_is_refused(host):
    with pytest.raises(Malformed):
        normalise_host(host)


@given(st.text(st.characters(), max_size=30) | st.text("aÉ🎓xn-_.。:%0", max_size=30))
def test_normalising_a_host_twice_changes_nothing(host):
    try:
        once = normalise_host(host)
    except Malformed:
        return
    assert normalise_host(once) == once
    assert str(origin(f"https://a.{once}/")) == f"https://a.{once}"


@given(
    st.text(st.characters(), max_size=40) | st.text("htps:/our.exampl@%2e#?[]0:", max_size=30).map("https://".__add__)
)
def test_any_string_has_an_origin_or_is_refused(uri):
    try:
        found = origin(uri, allow_http=True)
    except Malformed:
        return
    assert uri.startswith(str(found))


def test_same_origin_compares_scheme_host_and_port():
    assert same_origin("https://peer.example/users/a", "https://peer.example/notes/1#x")
    assert not same_origin("https://peer.example/a", "https://peer.example:8443/a")
    assert not same_origin("https://peer.example/a", "http://peer.example/a")
    assert not same_origin("https://peer.example/a", "https://www.peer.example/a")
    assert same_origin("http://lyon.localhost:8001/a", "http://lyon.localhost:8001/b")


PEER = "https://peer.example/users/alex"
NEIGHBOUR = "https://peer.example/users/bea"
OUTSIDER = "https://evil.example/users/eve"
NOTE = "https://peer.example/notes/1"
FOREIGN_NOTE = "https://other.example/notes/1"
OUR_FOLLOW = "https://our.example/activities/1"
OURS = "https://our.example/actors/a"
FEATURED = "https://peer.example/users/alex/featured"

OWNER_VERBS = ["Create", "Update", "Delete", "Undo", "Add", "Remove"]
ANSWERS = ["Accept", "Reject", "TentativeAccept", "TentativeReject"]
REFERENCES = ["Announce", "Like", "Dislike", "EmojiReact", "Flag", "Follow", "Block", "Join", "Leave", "Offer"]


@pytest.mark.parametrize("verb", OWNER_VERBS)
@pytest.mark.parametrize(
    ("actor", "object_id", "owner", "allowed"),
    [
        pytest.param(PEER, NOTE, PEER, True, id="its own object"),
        pytest.param(NEIGHBOUR, NOTE, PEER, False, id="a neighbour's object"),
        pytest.param(NEIGHBOUR, NOTE, None, False, id="an object on the same server of nobody known"),
        pytest.param(PEER, FOREIGN_NOTE, PEER, False, id="an object elsewhere that names it"),
        pytest.param(OUTSIDER, NOTE, PEER, False, id="a stranger's object"),
        pytest.param(OUTSIDER, NOTE, OUTSIDER, False, id="a foreign object claimed as its own"),
        pytest.param(OUTSIDER, OUR_FOLLOW, OURS, False, id="an object of ours"),
        pytest.param(PEER, "https://peer.example:8443/notes/1", PEER, False, id="another port"),
        pytest.param(PEER, "http://peer.example/notes/1", PEER, False, id="another scheme"),
        pytest.param(PEER, "https://peer.example./notes/1", PEER, False, id="another spelling"),
        pytest.param(PEER, "https://PEER.example/notes/1", PEER, False, id="upper case"),
        pytest.param(PEER, NOTE, PEER + "/", False, id="an owner spelled otherwise"),
        pytest.param(PEER, "", PEER, False, id="no id"),
        pytest.param("", NOTE, "", False, id="no actor"),
        pytest.param("acct:alex@peer.example", NOTE, "acct:alex@peer.example", False, id="no URL"),
        pytest.param(PEER, NEIGHBOUR, None, False, id="a neighbour itself"),
        pytest.param(PEER, PEER + "#main-key", None, False, id="a fragment of it without an owner"),
    ],
)
def test_only_the_owner_changes_what_exists(verb, actor, object_id, owner, allowed):
    assert may_act_on(actor, object_id, owner, verb) is allowed


@pytest.mark.parametrize("verb", ["Update", "Delete", "Move"])
def test_an_actor_may_change_itself(verb):
    assert may_act_on(PEER, PEER, None, verb)
    assert may_act_on(PEER, PEER, "https://peer.example/users/alex/moderators", verb)
    assert not may_act_on(PEER, NEIGHBOUR, None, verb)
    assert not may_act_on(OUTSIDER, PEER, None, verb)


@pytest.mark.parametrize("verb", ["Create", "Undo", "Add", "Remove", "Accept"])
def test_naming_oneself_gives_no_other_right(verb):
    assert not may_act_on(PEER, PEER, None, verb)


def test_a_collection_is_changed_by_its_owner_only():
    assert may_act_on(PEER, FEATURED, PEER, "Add")
    assert not may_act_on(NEIGHBOUR, FEATURED, PEER, "Remove")


def test_only_the_actor_itself_moves():
    assert not may_act_on(PEER, NOTE, PEER, "Move")


@pytest.mark.parametrize("verb", ANSWERS)
@pytest.mark.parametrize(
    ("actor", "asked", "allowed"),
    [(PEER, PEER, True), (NEIGHBOUR, PEER, False), (OUTSIDER, PEER, False), (PEER, None, False)],
)
def test_only_the_one_who_was_asked_answers(verb, actor, asked, allowed):
    assert may_act_on(actor, OUR_FOLLOW, asked, verb) is allowed


@pytest.mark.parametrize("verb", REFERENCES)
@pytest.mark.parametrize("object_id", [NOTE, FOREIGN_NOTE, OURS])
def test_anything_may_be_referred_to(verb, object_id):
    assert may_act_on(PEER, object_id, None, verb)
    assert not may_act_on(PEER, "not an id", None, verb)


@pytest.mark.parametrize("verb", ["", "create", "Destroy", "Note"])
def test_an_unknown_verb_may_do_nothing(verb):
    assert not may_act_on(PEER, NOTE, PEER, verb)
