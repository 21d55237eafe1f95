# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads between servers: what is shown to whom where signatures are required, and how we read where others require them."""

from dataclasses import replace

import orjson
import pytest
from aiohttp import web

from activitypub.addressing import Visibility
from node import actors, posts
from node.federation import hosts
from node.kernel import clock
from tests.support.builders import a_post, an_actor
from tests.support.peers import Forgery, Peers

FOREIGN = "http://nowhere.localhost/users/x#main-key"


@pytest.fixture
async def strict(gate, peers: Peers):
    """(a node that requires signed reads, the peers, our Bob, a post of his, Ann at far)."""
    settings = gate.services.settings
    gate.services.settings = replace(settings, federation=replace(settings.federation, require_signed_reads=True))
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    post = gate.read(posts.find, a_post(gate.db, bob, "Hello"))
    return gate, peers, bob, post, ann


def addresses(bob, post):
    return [
        post.uri,
        f"{post.uri}/replies",
        f"{post.uri}/likes",
        f"{bob.uri}/outbox",
        f"{bob.uri}/outbox?page=true",
        f"{bob.uri}/followers",
        f"{bob.uri}/following",
        f"{bob.uri}/featured",
    ]


async def test_without_a_signature_nothing_is_read_and_the_answer_says_how_to_sign(strict):
    _, peers, bob, post, _ = strict

    for address in addresses(bob, post):
        status, headers, body = await peers.ask("GET", address)
        assert status == 401, address
        assert '"@method" "@target-uri"' in headers["Accept-Signature"]
        assert "no-store" in headers["Cache-Control"]
        assert b"Hello" not in body


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_with_a_signature_everything_is_read_and_no_cache_keeps_it(strict, scheme):
    _, peers, bob, post, ann = strict

    for address in addresses(bob, post):
        status, headers, _ = await peers.ask("GET", address, by=ann, forgery=Forgery(scheme=scheme))
        assert status == 200, address
        assert "no-store" in headers["Cache-Control"]


async def test_a_signature_that_proves_nothing_is_none(strict):
    _, peers, _bob, post, ann = strict

    for forgery in (Forgery(signed_target="/elsewhere"), Forgery(key_id=FOREIGN)):
        assert (await peers.ask("GET", post.uri, by=ann, forgery=forgery))[0] == 401


async def test_strangers_see_of_an_actor_the_inbox_and_the_keys(strict):
    _, peers, bob, _, ann = strict

    status, headers, body = await peers.ask("GET", bob.uri)
    document = orjson.loads(body)
    assert status == 200
    assert "no-store" in headers["Cache-Control"]
    assert document["inbox"] == f"{bob.uri}/inbox"
    assert document["publicKey"]["owner"] == bob.uri
    assert not {"name", "summary", "attachment", "followers", "icon"} & set(document)

    _, _, body = await peers.ask("GET", bob.uri, by=ann)
    assert orjson.loads(body)["name"] == "Bob"


async def test_what_is_needed_to_find_us_and_to_check_our_signatures_is_open(strict):
    node, peers, _bob, _, _ = strict
    node_actor = node.read(actors.node_actor)

    _, _, body = await peers.ask("GET", node_actor.uri)
    assert orjson.loads(body)["name"]
    for path in (
        f"/.well-known/webfinger?resource=acct:bob@{node.host}",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.1",
        "/.well-known/host-meta",
    ):
        assert (await peers.ask("GET", node.base + path, accept="*/*"))[0] == 200


async def test_browsers_are_led_to_the_page(strict):
    _, peers, _, post, _ = strict

    status, headers, _ = await peers.ask("GET", post.uri, accept="text/html")

    assert (status, headers["Location"]) == (303, post.url)


async def test_two_nodes_that_both_require_signatures_read_each_other(strict):
    # The reader's own server shows its actor to signed readers only; ours signs with an actor that is open.
    node, peers, _bob, post, ann = strict
    node_actor = node.read(actors.node_actor).uri

    async def only_signed(request: web.Request) -> web.StreamResponse:
        if node_actor not in request.headers.get("Signature", ""):
            return web.Response(status=401)
        status, _, body = await peers.ask("GET", node_actor)
        assert status == 200
        assert orjson.loads(body)["publicKey"]["publicKeyPem"]
        return web.Response(body=orjson.dumps(ann.document), content_type="application/activity+json")

    peers.handlers[ann.uri] = only_signed

    assert (await peers.ask("GET", post.uri, by=ann))[0] == 200


async def test_a_blocked_server_is_refused_whatever_it_asks_for(gate, peers):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    post = gate.read(posts.find, a_post(gate.db, bob, "Hello"))
    gate.write(hosts.block, "far.localhost")

    for address in (bob.uri, *addresses(bob, post)):
        assert (await peers.ask("GET", address, by=ann))[0] == 403
        assert (await peers.ask("GET", address))[0] == 200
    assert ann.uri not in peers.gets


# -- how we read ------------------------------------------------------------------------------------------------------


def taking(peers, document, *, forms=("cavage", "rfc9421"), status=401, reader=None):
    """Serve a document to those who sign in one of these forms, and as that actor."""

    async def answer(request: web.Request) -> web.StreamResponse:
        form = "rfc9421" if "Signature-Input" in request.headers else "cavage"
        signature = request.headers.get("Signature-Input", "") + request.headers.get("Signature", "")
        if form not in forms or (reader is not None and f"{reader}#" not in signature):
            return web.Response(status=status)
        return web.Response(body=orjson.dumps(document), content_type="application/activity+json")

    peers.handlers[document["id"]] = answer


@pytest.mark.parametrize("no", [400, 401, 403])
async def test_a_host_that_reads_only_the_newer_form_is_asked_in_it_and_remembered(node, peers, no):
    ann, eve = peers.person("ann"), peers.person("eve")
    for person in (ann, eve):
        taking(peers, person.document, forms=("rfc9421",), status=no)

    assert await node.services.resolver.actor(ann.uri) is not None
    assert await node.services.resolver.actor(eve.uri) is not None

    forms = [seen.scheme for seen in peers.seen if seen.url in (ann.uri, eve.uri)]
    assert forms == ["cavage", "rfc9421", "rfc9421"]
    assert node.read(hosts.signature_of, peers.host("far"), clock.now()) == "rfc9421"


async def test_a_host_that_refuses_both_is_asked_twice(node, peers):
    ann = peers.person("ann")
    taking(peers, ann.document, forms=())

    assert await node.services.resolver.actor(ann.uri) is None

    assert [seen.scheme for seen in peers.seen if seen.url == ann.uri] == ["cavage", "rfc9421"]
    assert node.read(hosts.state, peers.host("far")) is None


@pytest.mark.parametrize("no", [401, 403, 404])
async def test_what_is_for_followers_is_asked_for_by_one_of_them(node, peers, no):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    note = ann.note("For my followers", to=[ann.followers], cc=[])
    taking(peers, note, reader=bob.uri, status=no)

    post_id = await node.services.resolver.post(note["id"])

    assert node.read(posts.find, post_id).visibility is Visibility.PRIVATE


async def test_nobody_is_put_forward_where_nobody_follows(node, peers):
    an_actor(node.db, "bob")
    ann = peers.person("ann")
    note = ann.note("For my followers", to=[ann.followers], cc=[])
    taking(peers, note, reader="http://somebody.localhost", status=404)

    assert await node.services.resolver.post(note["id"]) is None

    assert len([url for url in peers.gets if url == note["id"]]) == 1
