# SPDX-License-Identifier: AGPL-3.0-or-later
"""What must not pass the door of an inbox: the status that the field expects, and nothing stored.

"Nothing" is meant: the rows of every table are counted before and after. The sender is known to the node already, so
that not even its actor or its key need be stored. The forgeries are made by `harness.stranger`, whose signatures are
its own; the first test shows that it is taken at its word when it forges nothing.
"""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from mastodon import Mastodon

from federation_tests.harness.clients import found
from federation_tests.harness.node import Account, Node
from federation_tests.harness.stranger import AS2, Forgery, Stranger
from federation_tests.harness.waiting import eventually, settled

Json = dict[str, Any]
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def app(tilleuls: Node, camille: Account) -> Mastodon:
    return tilleuls.app(camille.username)


@pytest.fixture(scope="module")
def known(tilleuls: Node, camille: Account, stranger: Stranger, app: Mastodon) -> Stranger:
    """The stranger, once it has followed Camille with nothing forged."""
    our_id = tilleuls.actor_id(camille.username)
    follow = stranger.activity("Follow", our_id, to=[our_id])

    assert stranger.post(tilleuls.inbox(camille.username), follow) == 202

    def accepted() -> list[Json]:
        return [one for one in stranger.posts if one["type"] == "Accept"]

    eventually(accepted, within=10, what="the follow is accepted")
    return stranger


@pytest.fixture(params=["shared", "personal"])
def inbox(request: pytest.FixtureRequest, tilleuls: Node, camille: Account) -> str:
    """Both doors are the same."""
    return tilleuls.shared_inbox if request.param == "shared" else tilleuls.inbox(camille.username)


@pytest.fixture
def unchanged(tilleuls: Node) -> Callable[[], None]:
    """Call it at the end: fails when anything was stored since the beginning of the test."""
    before = settled(tilleuls.contents)

    def check() -> None:
        after = tilleuls.contents()
        assert {name: (before.get(name), rows) for name, rows in after.items() if before.get(name) != rows} == {}

    return check


def test_an_honest_like_is_taken(known: Stranger, app: Mastodon, inbox: str) -> None:
    posted = app.status_post(f"Honnête {inbox}")

    assert known.post(inbox, known.activity("Like", posted.uri)) == 202

    eventually(lambda: app.status(posted.id).favourites_count, within=10, until=lambda count: count == 1)


def test_without_a_signature(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    assert known.post_unsigned(inbox, known.activity("Create", known.note("Who am I?"))) == 401
    unchanged()


FORGERIES = {
    "signed 13 hours ago": Forgery(age=timedelta(hours=13)),
    "signed two hours from now": Forgery(age=timedelta(hours=-2)),
    "signed with another key": Forgery(wrong_key=True),
    "the digest is not signed": Forgery(signed=("(request-target)", "host", "date")),
    "the target is not signed": Forgery(signed=("host", "date", "digest")),
    "the host is not signed": Forgery(signed=("(request-target)", "date", "digest")),
    "no time is signed": Forgery(signed=("(request-target)", "host", "digest")),
    "signed for another path": Forgery(signed_path="/actors/somebodyelse/inbox"),
    "signed for another host": Forgery(signed_host="elsewhere.example"),
    "without its date": Forgery(drop=("Date",)),
    "without its digest": Forgery(drop=("Digest",)),
    "a second, unsigned digest that lies": Forgery(extra={"Content-Digest": "sha-256=:AAAA:"}),
    "a signature of no form at all": Forgery(extra={"Signature": "sesame"}),
}


@pytest.mark.parametrize("fault", FORGERIES)
def test_a_signature_that_does_not_hold(fault: str, known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    activity = known.activity("Create", known.note("Believe me"))

    assert known.post(inbox, activity, FORGERIES[fault]) == 401
    unchanged()


def test_another_body_than_was_signed(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    signed = known.activity("Create", known.note("Believe me"))
    sent = known.activity("Create", known.note("Believe this"), id=signed["id"])

    assert known.post(inbox, signed, Forgery(sent_body=json.dumps(sent).encode())) == 401
    unchanged()


def test_a_stale_signature_of_eleven_hours_is_still_taken(known: Stranger, app: Mastodon, inbox: str) -> None:
    posted = app.status_post(f"Patience {inbox}")

    assert known.post(inbox, known.activity("Like", posted.uri), Forgery(age=timedelta(hours=11))) == 202


def test_an_exact_replay_is_taken_and_has_no_second_effect(
    known: Stranger, app: Mastodon, inbox: str, tilleuls: Node, camille: Account
) -> None:
    # Addressed to her: of people whom nobody here follows, nothing else is kept.
    note = known.note(f"<p>Encore {inbox}</p>", cc=[tilleuls.actor_id(camille.username)])
    create = known.activity("Create", note)

    assert [known.post(inbox, create), known.post(inbox, create)] == [202, 202]

    account = found(app, f"mallory@{known.site.authority}")

    def shown() -> list[str]:
        return [one.uri for one in app.account_statuses(account.id, limit=40)]

    eventually(shown, within=10, until=lambda uris: note["id"] in uris)
    assert shown().count(note["id"]) == 1


def test_in_the_name_of_somebody_else(
    known: Stranger, tilleuls: Node, camille: Account, inbox: str, unchanged: Callable[[], None]
) -> None:
    forged = known.activity("Create", known.note("I resign."), actor=tilleuls.actor_id(camille.username))

    assert known.post(inbox, forged) == 401
    unchanged()


def test_in_the_name_of_an_account_on_the_same_server(
    known: Stranger, inbox: str, unchanged: Callable[[], None]
) -> None:
    forged = known.activity("Create", known.note("Me?"), actor=f"{known.site.url}/actors/honest")

    assert known.post(inbox, forged) == 401
    unchanged()


def test_with_an_id_of_another_origin(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    """It would take the place of the genuine activity and have that one dropped as a repetition."""
    forged = known.activity("Create", known.note("First!"), id="https://elsewhere.example/activities/1")

    assert known.post(inbox, forged) == 401
    unchanged()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "https://elsewhere.example/actors/mallory2"},
        {"publicKey": {"id": "https://elsewhere.example/key", "owner": "https://elsewhere.example/a"}},
    ],
    ids=["an actor document of another id", "a key of another owner"],
)
def test_from_an_actor_whose_document_does_not_stand_by_it(
    changes: Json, known: Stranger, inbox: str, unchanged: Callable[[], None]
) -> None:
    actor = known.add_actor("mallory2", **changes)
    forged = known.activity("Create", known.note("Trust me"), actor=actor)

    assert known.post(inbox, forged, Forgery(key_id=f"{actor}#main-key")) == 401
    unchanged()


def test_from_an_actor_nobody_has_heard_of(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    nobody = f"{known.site.url}/actors/nobody"
    forged = known.activity("Create", known.note("Boo"), actor=nobody)

    assert known.post(inbox, forged, Forgery(key_id=f"{nobody}#main-key")) == 401
    unchanged()


def test_the_farewell_of_somebody_we_never_knew_costs_nothing(
    known: Stranger, inbox: str, unchanged: Callable[[], None]
) -> None:
    """Mastodon tells every server it knows; the key is gone by then. 202, no question asked, nothing kept."""
    gone = f"{known.site.url}/actors/longgone"
    farewell = known.activity("Delete", gone, actor=gone)

    assert known.post(inbox, farewell, Forgery(key_id=f"{gone}#main-key")) == 202
    unchanged()
    assert "/actors/longgone" not in known.reads


def test_two_megabytes(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    assert known.post(inbox, known.activity("Create", known.note("A" * (2 * MEBIBYTE)))) == 413
    unchanged()


def nested(depth: int) -> bytes:
    return b'{"type": "Create", "object": ' + b"[" * depth + b"]" * depth + b"}"


MALFORMED = {
    "nested 200 deep": nested(200),
    "nested 100,000 deep": nested(100_000),
    "not JSON": b"{'type': 'Create'}",
    "not UTF-8": b'{"type": "Cr\xe9ate"}',
    "empty": b"",
    "a list": b"[]",
    "a text": b'"Create"',
    "a number that is none": b'{"type": "Create", "size": NaN}',
    "a member given twice": b'{"type": "Create", "type": "Delete"}',
    "a byte order mark": b'\xef\xbb\xbf{"type": "Create"}',
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_body_that_is_no_activity(fault: str, known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    assert known.post(inbox, MALFORMED[fault]) == 400
    unchanged()


WRONG_TYPES: dict[str, Json] = {
    "type is a number": {"type": 7},
    "type is an object": {"type": {"id": "Create"}},
    "type is missing": {"type": None},
    "actor is a number": {"actor": 7},
    "actor is missing": {"actor": None},
    "actor is a list of two": {"actor": ["https://a.example/1", "https://a.example/2"]},
    "id is an object": {"id": {"is": "this"}},
    "object is a number": {"object": 7},
    "object is missing": {"object": None},
}


@pytest.mark.parametrize("fault", WRONG_TYPES)
def test_an_activity_of_wrong_types(fault: str, known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    activity = known.activity("Create", known.note("Hm")) | WRONG_TYPES[fault]

    assert known.post(inbox, {name: value for name, value in activity.items() if value is not None}) == 400
    unchanged()


def test_a_compressed_body(known: Stranger, inbox: str, unchanged: Callable[[], None]) -> None:
    activity = json.dumps(known.activity("Create", known.note("Zip"))).encode()

    assert known.post(inbox, gzip.compress(activity), Forgery(extra={"Content-Encoding": "gzip"})) == 415
    unchanged()


def test_a_post_to_a_member_who_is_not_here(known: Stranger, tilleuls: Node, unchanged: Callable[[], None]) -> None:
    inbox = f"{tilleuls.url}/actors/aaaaaaaaaaaaaaaaaaaaaaaaaa/inbox"

    assert known.post(inbox, known.activity("Follow", tilleuls.url)) == 404
    unchanged()


def test_a_request_for_another_host(known: Stranger, tilleuls: Node) -> None:
    answer = requests.get(
        f"http://127.0.0.1:{tilleuls.site.port}/", headers={"Host": "elsewhere.example", "Accept": AS2}, timeout=10
    )

    assert answer.status_code == 421


# ---- taken, because the signature holds, and without the effect that was hoped for ----


def test_a_note_of_another_server_is_not_believed_from_this_one(
    known: Stranger, app: Mastodon, harbour: Node, amara: Account, tilleuls: Node
) -> None:
    """Only what its own origin serves counts: here that says something else than the forger."""
    genuine = harbour.app(amara.username).status_post("What I really said")
    forged = known.note("<p>What I never said</p>", id=genuine.uri, attributedTo=harbour.actor_id(amara.username))

    assert known.post(tilleuls.shared_inbox, known.activity("Create", forged)) == 202

    marker = app.status_post("Marqueur")
    known.post(tilleuls.shared_inbox, known.activity("Like", marker.uri))
    eventually(lambda: app.status(marker.id).favourites_count, within=10, until=lambda count: count == 1)
    shown = app.search_v2(genuine.uri, resolve=True, result_type="statuses").statuses
    assert [one.content for one in shown if "never said" in one.content] == []


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_another_servers_post_is_neither_changed_nor_deleted(
    kind: str, known: Stranger, app: Mastodon, tilleuls: Node
) -> None:
    posted = app.status_post(f"Intouchable {kind}")
    changed = known.note("<p>Changed by a stranger</p>", id=posted.uri)

    status = known.post(tilleuls.shared_inbox, known.activity(kind, changed if kind == "Update" else posted.uri))

    assert status in (202, 401)
    marker = app.status_post("Marqueur")
    known.post(tilleuls.shared_inbox, known.activity("Like", marker.uri))
    eventually(lambda: app.status(marker.id).favourites_count, within=10, until=lambda count: count == 1)
    assert "Intouchable" in app.status(posted.id).content


def test_somebody_elses_follow_is_not_undone(
    known: Stranger, tilleuls: Node, camille: Account, harbour: Node, amara: Account, app: Mastodon
) -> None:
    account = found(app, amara.handle)
    amaras = harbour.app(amara.username)
    amaras.account_follow(found(amaras, camille.handle).id)
    eventually(lambda: app.account_relationships([account.id])[0].followed_by, within=10)
    theirs = {
        "type": "Follow",
        "actor": harbour.actor_id(amara.username),
        "object": tilleuls.actor_id(camille.username),
    }

    known.post(tilleuls.shared_inbox, known.activity("Undo", theirs))

    marker = app.status_post("Marqueur")
    known.post(tilleuls.shared_inbox, known.activity("Like", marker.uri))
    eventually(lambda: app.status(marker.id).favourites_count, within=10, until=lambda count: count == 1)
    assert app.account_relationships([account.id])[0].followed_by
