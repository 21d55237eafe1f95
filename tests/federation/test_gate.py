# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door for activities: what is refused, with which code, and that nothing at all is stored or fetched before."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from aiohttp import web

from node.actors.tables import actors
from node.federation import inbox
from node.federation.tables import activities
from node.kernel.queue import tasks
from tests.support.builders import an_actor
from tests.support.nodes import Node
from tests.support.peers import AS2, Forgery, Peers, Person, key_pair

FULL = ("(request-target)", "host", "date", "digest")


def rows(node: Node) -> tuple[int, int, int]:
    """How many activities from outside, actors and tasks there are."""
    return node.count(activities), node.count(actors), node.count(tasks)


@pytest.fixture
async def ann(gate: Node, peers: Peers) -> Person:
    """Somebody whom the node knows, with her key; what came of that is forgotten."""
    person = peers.person("ann")
    an_actor(gate.db, "bob")
    await gate.services.resolver.actor(person.uri)
    peers.seen.clear()
    return person


def follow(person: Person, gate: Node) -> dict[str, object]:
    return person.says("Follow", gate.actor_named("bob").uri)


WRONG = {
    "no signature": Forgery(unsigned=True),
    "another key": Forgery(key=key_pair(1)),
    "a body that was changed": Forgery(sent_body=b'{"type":"Follow","actor":"ACTOR","object":"x"}'),
    "13 hours old": Forgery(age=timedelta(hours=13)),
    "2 hours ahead": Forgery(age=timedelta(hours=-2)),
    "no target covered": Forgery(covered=("host", "date", "digest")),
    "no host covered": Forgery(covered=("(request-target)", "date", "digest")),
    "no date covered": Forgery(covered=("(request-target)", "host", "digest")),
    "no digest covered": Forgery(covered=("(request-target)", "host", "date")),
    "date alone": Forgery(covered=("date",)),
    "no Date header": Forgery(drop=("Date",)),
    "no Digest header": Forgery(drop=("Digest",)),
    "signed for another path": Forgery(signed_target="/actors/somebody/inbox"),
    "signed without the query": Forgery(signed_target="/inbox", sent_target="/inbox?page=true"),
    "signed for another host": Forgery(signed_host="other.localhost"),
    "a digest of another kind only": Forgery(extra={"Digest": "MD5=1B2M2Y8AsgTpgAmY7PhCfg=="}),
    "a second digest that is wrong": Forgery(extra={"Content-Digest": "sha-256=:AAAA:"}),
    "RFC 9421 with another key": Forgery(scheme="rfc9421", key=key_pair(1)),
    "RFC 9421, 13 hours old": Forgery(scheme="rfc9421", age=timedelta(hours=13)),
    "RFC 9421 without Content-Digest": Forgery(scheme="rfc9421", drop=("Content-Digest",)),
    "RFC 9421 for another path": Forgery(scheme="rfc9421", signed_target="/elsewhere"),
}


@pytest.mark.parametrize("forgery", WRONG.values(), ids=WRONG)
async def test_what_is_not_rightly_signed_is_refused_and_leaves_nothing(gate, peers, ann, forgery):
    before = rows(gate)
    if forgery.sent_body is not None:
        forgery = Forgery(sent_body=forgery.sent_body.replace(b"ACTOR", ann.uri.encode()))

    status, headers = await peers.send(follow(ann, gate), by=ann, to=gate.inbox, forgery=forgery)

    assert status == 401
    assert "created" in headers["Accept-Signature"]
    assert rows(gate) == before
    assert len(peers.gets) <= 1  # a bad signature with a known key may cost one look for a new key


RIGHT = {
    "draft-cavage": Forgery(),
    "RFC 9421": Forgery(scheme="rfc9421"),
    "11 hours old": Forgery(age=timedelta(hours=11)),
    "half an hour ahead": Forgery(age=timedelta(minutes=-30)),
    "with the query signed": Forgery(signed_target="/inbox?a=1&b=%40", sent_target="/inbox?a=1&b=%40"),
    "more headers covered": Forgery(covered=(*FULL, "content-type")),
    "as JSON-LD": Forgery(content_type='application/ld+json; profile="https://www.w3.org/ns/activitystreams"'),
    "with a charset": Forgery(content_type=f"{AS2}; charset=utf-8"),
}


@pytest.mark.parametrize("forgery", RIGHT.values(), ids=RIGHT)
async def test_what_is_rightly_signed_is_stored_once_and_answered_202(gate, peers, ann, forgery):
    stored, known, waiting = rows(gate)
    activity = follow(ann, gate)

    first, _ = await peers.send(activity, by=ann, to=gate.inbox, forgery=forgery)
    again, _ = await peers.send(activity, by=ann, to=gate.inbox, forgery=forgery)

    assert (first, again) == (202, 202)
    assert rows(gate) == (stored + 1, known, waiting + 1)
    assert peers.gets == []


async def test_what_a_signer_says_of_somebody_else_is_dropped_and_nothing_is_asked(gate, peers, ann):
    mallory = peers.person("mallory", "evil", key=1)
    await gate.services.resolver.actor(mallory.uri)
    peers.seen.clear()
    before = rows(gate)

    status, _ = await peers.send(follow(ann, gate), by=mallory, to=gate.inbox)

    assert status == 202
    assert rows(gate) == before
    assert peers.seen == []


async def test_a_neighbour_on_the_same_server_cannot_sign_for_another(gate, peers, ann):
    mallory = peers.person("mallory", key=1)
    await gate.services.resolver.actor(mallory.uri)
    before = rows(gate)

    status, _ = await peers.send(follow(ann, gate), by=mallory, to=gate.inbox)

    assert status == 401
    assert rows(gate) == before


async def test_an_activity_whose_id_is_of_another_server_is_refused_and_cannot_shadow_the_genuine_one(gate, peers, ann):
    mallory = peers.person("mallory", "evil", key=1)
    await gate.services.resolver.actor(mallory.uri)
    genuine = follow(ann, gate)
    stored = gate.count(activities)

    forged, _ = await peers.send(
        mallory.says("Follow", genuine["object"], activity_id=genuine["id"]), by=mallory, to=gate.inbox
    )
    taken, _ = await peers.send(genuine, by=ann, to=gate.inbox)

    assert (forged, taken) == (401, 202)
    assert gate.count(activities) == stored + 1


async def test_nobody_outside_speaks_for_our_own_actors(gate, peers, ann):
    before = rows(gate)
    bob = gate.actor_named("bob")

    status, _ = await peers.send({**follow(ann, gate), "actor": bob.uri}, by=ann, to=gate.inbox)

    assert status == 401
    assert rows(gate) == before
    assert peers.seen == []


# -- whose key it is --------------------------------------------------------------------------------------------------


def _foreign_owner(peers: Peers, person: Person) -> None:
    person.document["publicKey"]["owner"] = peers.at("/users/somebody", "evil")


def _other_id(peers: Peers, person: Person) -> None:
    person.document["id"] = f"{person.uri}x"


def _other_origin(peers: Peers, person: Person) -> None:
    person.document["id"] = peers.at("/users/ann", "evil")


def _not_listed(peers: Peers, person: Person) -> None:
    person.document["publicKey"]["id"] = f"{person.uri}#another"


def _no_key(peers: Peers, person: Person) -> None:
    del person.document["publicKey"]


def _redirect(peers: Peers, person: Person) -> None:
    mallory = peers.person("mallory", "evil", key=0)

    async def away(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(mallory.uri)

    peers.handlers[person.uri] = away


def _wrong_type(peers: Peers, person: Person) -> None:
    async def upload(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=orjson.dumps(person.document), content_type="application/json")

    peers.handlers[person.uri] = upload


def _foreign_inbox(peers: Peers, person: Person) -> None:
    person.document["inbox"] = peers.at("/inbox", "victim")


def _key_elsewhere(peers: Peers, person: Person) -> None:
    person.document["publicKey"]["id"] = peers.at("/key", "evil")


@pytest.mark.parametrize(
    "spoil",
    [
        _foreign_owner,
        _other_id,
        _other_origin,
        _not_listed,
        _no_key,
        _redirect,
        _wrong_type,
        _foreign_inbox,
        _key_elsewhere,
    ],
)
async def test_a_key_counts_only_if_the_actors_own_document_lists_it(gate, peers, spoil):
    bob = an_actor(gate.db, "bob")
    person = peers.person("ann")
    spoil(peers, person)
    before = rows(gate)

    status, _ = await peers.send(person.says("Follow", bob.uri), by=person, to=gate.inbox)

    assert status == 401
    assert rows(gate) == before


async def test_a_key_id_of_another_server_is_refused_without_a_fetch(gate, peers, ann):
    forgery = Forgery(key_id=peers.at("/users/ann#main-key", "evil"))

    status, _ = await peers.send(follow(ann, gate), by=ann, to=gate.inbox, forgery=forgery)

    assert status == 401
    assert peers.seen == []


async def test_a_key_at_an_address_of_its_own_is_found_in_the_actors_document(gate, peers):
    # GoToSocial names its keys so.
    bob = an_actor(gate.db, "bob")
    person = peers.person("ann")
    person.document["publicKey"]["id"] = f"{person.uri}/main-key"

    status, _ = await peers.send(
        person.says("Follow", bob.uri), by=person, to=gate.inbox, forgery=Forgery(key_id=f"{person.uri}/main-key")
    )

    assert status == 202


# -- keys that change, and floods -------------------------------------------------------------------------------------


async def test_a_new_key_is_looked_up_once_and_then_known(gate, peers, ann):
    peers.rotate(ann, key=2)

    first, _ = await peers.send(follow(ann, gate), by=ann, to=gate.inbox)
    second, _ = await peers.send(follow(ann, gate), by=ann, to=gate.inbox)

    assert (first, second) == (202, 202)
    assert peers.gets.count(ann.uri) == 1


async def test_many_bad_signatures_with_a_known_key_cost_one_fetch(gate, peers, ann):
    statuses = {
        (await peers.send(follow(ann, gate), by=ann, to=gate.inbox, forgery=Forgery(key=key_pair(1))))[0]
        for _ in range(30)
    }

    assert statuses == {401}
    assert peers.gets.count(ann.uri) == 1


async def test_many_bad_signatures_in_the_name_of_a_stranger_cost_one_fetch(gate, peers):
    bob = an_actor(gate.db, "bob")
    stranger = peers.person("stranger")

    answers = await asyncio.gather(
        *(
            peers.send(stranger.says("Follow", bob.uri), by=stranger, to=gate.inbox, forgery=Forgery(key=key_pair(1)))
            for _ in range(30)
        )
    )

    assert {status for status, _ in answers} == {401}
    assert peers.gets.count(stranger.uri) == 1


async def test_an_actor_that_is_gone_is_asked_for_once(gate, peers):
    bob = an_actor(gate.db, "bob")
    ghost = peers.person("ghost")
    del peers.documents[ghost.uri]

    for _ in range(5):
        status, _ = await peers.send(ghost.says("Like", bob.uri), by=ghost, to=gate.inbox)
        assert status == 401

    assert peers.gets.count(ghost.uri) == 1


async def test_a_server_that_cannot_be_asked_now_is_told_to_try_again(gate, peers):
    bob = an_actor(gate.db, "bob")
    person = peers.person("ann")

    async def down(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    peers.handlers[person.uri] = down
    status, headers = await peers.send(person.says("Follow", bob.uri), by=person, to=gate.inbox)
    assert status == 503
    assert int(headers["Retry-After"]) > 0

    del peers.handlers[person.uri]
    status, _ = await peers.send(person.says("Follow", bob.uri), by=person, to=gate.inbox)
    assert status == 202


async def test_the_first_activities_of_a_stranger_at_once_cost_one_look_up(gate, peers):
    bob = an_actor(gate.db, "bob")
    person = peers.person("ann")

    answers = await asyncio.gather(
        *(peers.send(person.says("Like", f"{bob.uri}/{n}"), by=person, to=gate.inbox) for n in range(10))
    )

    assert {status for status, _ in answers} == {202}
    assert peers.gets.count(person.uri) == 1


async def test_only_so_many_requests_of_one_server_wait_for_a_key(gate, peers, monkeypatch):
    monkeypatch.setattr(inbox, "HELD_PER_HOST", 1)
    slow, quick, other = peers.person("slow"), peers.person("quick"), peers.person("other", "elsewhere")
    asked, answer = asyncio.Event(), asyncio.Event()

    async def answer_late(_request: web.Request) -> web.Response:
        asked.set()
        await answer.wait()
        return web.Response(body=orjson.dumps(slow.document), content_type=AS2)

    peers.handlers[slow.uri] = answer_late
    held = asyncio.create_task(peers.send(slow.create(slow.note()), by=slow, to=gate.inbox))
    await asked.wait()

    refused, headers = await peers.send(quick.create(quick.note()), by=quick, to=gate.inbox)
    taken, _ = await peers.send(other.create(other.note()), by=other, to=gate.inbox)
    answer.set()

    assert (refused, headers["Retry-After"], taken) == (503, "60", 202)
    assert (await held)[0] == 202
    assert (await peers.send(quick.create(quick.note()), by=quick, to=gate.inbox))[0] == 202


async def test_the_deletion_of_somebody_unknown_is_taken_and_forgotten(gate, peers):
    ghost = peers.person("ghost")
    before = rows(gate)

    for forgery in (Forgery(), Forgery(unsigned=True)):
        status, _ = await peers.send(ghost.says("Delete", ghost.uri), by=ghost, to=gate.inbox, forgery=forgery)
        assert status == 202

    assert rows(gate) == before
    assert peers.seen == []


async def test_the_deletion_of_somebody_known_is_proved_with_the_key_that_is_here(gate, peers, ann):
    del peers.documents[ann.uri]
    deletion = ann.says("Delete", ann.uri)

    assert (await peers.send(deletion, by=ann, to=gate.inbox))[0] == 202
    await gate.work()
    repeated = await peers.send(deletion, by=ann, to=gate.inbox)

    assert gate.actor(ann.uri).deleted_at is not None
    assert repeated[0] == 202
    assert peers.gets == []


async def test_a_forged_deletion_of_somebody_known_changes_nothing(gate, peers, ann):
    status, _ = await peers.send(ann.says("Delete", ann.uri), by=ann, to=gate.inbox, forgery=Forgery(key=key_pair(1)))

    assert status == 401
    assert gate.actor(ann.uri).deleted_at is None


async def test_what_a_blocked_server_sends_is_taken_and_forgotten(gate, peers, ann):
    from node.federation import hosts

    gate.write(hosts.block, "far.localhost")
    before = rows(gate)

    status, _ = await peers.send(follow(ann, gate), by=ann, to=gate.inbox)

    assert status == 202
    assert rows(gate) == before
    assert peers.seen == []


# -- what is no activity ----------------------------------------------------------------------------------------------

DEEP = b'{"type":"Like","actor":"ACTOR","object":' + b'{"object":' * 200 + b"1" + b"}" * 200 + b"}"

BODIES = {
    "nothing": (b"", 400),
    "no JSON": (b"hello", 400),
    "a list": (b"[]", 400),
    "half": (b'{"type":"Like"', 400),
    "no type": (b'{"actor":"ACTOR","object":"x"}', 400),
    "no actor": (b'{"type":"Like","object":"x"}', 400),
    "two actors": (b'{"type":"Like","actor":["ACTOR","http://x.localhost/y"],"object":"x"}', 400),
    "an actor that is a number": (b'{"type":"Like","actor":7,"object":"x"}', 400),
    "an actor that is no address": (b'{"type":"Like","actor":"ann","object":"x"}', 400),
    "a key twice": (b'{"type":"Like","actor":"ACTOR","actor":"ACTOR","object":"x"}', 400),
    "not a number": (b'{"type":"Like","actor":"ACTOR","object":NaN}', 400),
    "too deep": (DEEP, 400),
    "invalid UTF-8": (b'{"type":"Like","actor":"ACTOR","object":"\xff"}', 400),
    "2 MiB": (b'{"type":"Like","actor":"ACTOR","object":"' + b"x" * 2**21 + b'"}', 413),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
async def test_what_is_no_activity_is_refused_with_its_own_code(gate, peers, ann, body, expected):
    before = rows(gate)

    status, _ = await peers.send(body.replace(b"ACTOR", ann.uri.encode()), by=ann, to=gate.inbox)

    assert status == expected
    assert rows(gate) == before


@pytest.mark.parametrize(
    ("forgery", "expected"),
    [
        (Forgery(content_type="text/html"), 415),
        (Forgery(content_type="application/x-www-form-urlencoded"), 415),
        (Forgery(extra={"Content-Encoding": "gzip"}), 415),
        (Forgery(extra={"Content-Encoding": "br"}), 400),
        (Forgery(extra={"Host": "elsewhere.example"}), 421),
    ],
    ids=["a page", "a form", "gzip", "brotli", "another host"],
)
async def test_other_forms_and_other_hosts_are_refused(gate, peers, ann, forgery, expected):
    before = rows(gate)

    status, _ = await peers.send(follow(ann, gate), by=ann, to=gate.inbox, forgery=forgery)

    assert status == expected
    assert rows(gate) == before


async def test_an_inbox_of_nobody_is_not_there(gate, peers, ann):
    status, _ = await peers.send(follow(ann, gate), by=ann, to=f"{gate.base}/actors/{'a' * 26}/inbox")

    assert status == 404


async def test_an_activity_of_a_kind_that_nobody_knows_is_taken_and_dropped(gate, peers, ann):
    status, _ = await peers.send(ann.says("Travel", {"type": "Place"}), by=ann, to=gate.inbox)
    await gate.work()

    assert status == 202
    assert gate.waiting() == []


# -- the same activity more than once ---------------------------------------------------------------------------------


async def test_copies_to_the_shared_and_the_personal_inbox_at_once_are_one(node, peers):
    ann = peers.person("ann")
    bob, carol = an_actor(node.db, "bob"), an_actor(node.db, "carol")
    note = ann.note(
        to=["https://www.w3.org/ns/activitystreams#Public"],
        cc=[bob.uri, carol.uri],
        tag=[{"type": "Mention", "href": person.uri, "name": f"@{person.username}"} for person in (bob, carol)],
    )
    create = ann.create(note)

    answers = await asyncio.gather(
        *(peers.send(create, by=ann, to=inbox) for inbox in [node.inbox, bob.inbox, carol.inbox] * 10)
    )

    assert {status for status, _ in answers} == {202}
    assert len(node.waiting()) == 1
    await node.work()
    from node import notifications, posts
    from node.kernel.paging import Page

    assert node.read(posts.by_uri, note["id"]) is not None
    assert [len(node.read(notifications.page, person.id, Page())) for person in (bob, carol)] == [1, 1]


async def test_one_id_for_a_join_and_its_leave_is_two_activities(gate, peers, ann):
    # Mobilizon writes them so.
    same = f"{ann.uri}/participations/1"
    before = gate.count(activities)

    for kind in ("Join", "Leave"):
        activity = ann.says(kind, f"{gate.base}/objects/{'a' * 26}", activity_id=same)
        assert (await peers.send(activity, by=ann, to=gate.inbox))[0] == 202

    assert gate.count(activities) == before + 2


async def test_an_activity_without_an_id_is_told_apart_by_what_it_says(gate, peers, ann):
    before = gate.count(activities)

    for thing in ("1", "1", "2"):
        activity = ann.says("Delete", f"{ann.uri}/statuses/{thing}")
        del activity["id"]
        assert (await peers.send(activity, by=ann, to=gate.inbox))[0] == 202

    assert gate.count(activities) == before + 2
