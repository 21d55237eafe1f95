# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client-to-server outbox as programs meet it: over HTTP, with a token."""

import orjson
import pytest

from node import access, posts, relationships
from node.kernel.paging import Page
from tests.support.builders import a_post, an_actor
from tests.support.peers import AS2, Forgery

NOTE = {"type": "Note", "content": "<p>Hello</p>", "to": ["https://www.w3.org/ns/activitystreams#Public"]}


def token(node, member, *scopes):
    def issue(tx):
        app, _ = access.register_app(
            tx,
            name="Pier",
            redirect_uris=["urn:ietf:wg:oauth:2.0:oob"],
            scopes="read write follow",
            website=None,
        )
        return access.issue_token(tx, app_id=app.id, member_id=member.id, scopes=scopes or ("write",)).secret

    return node.write(issue)


async def post(peers, outbox, document, secret=None, **forgery):
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    extra = {"Authorization": f"Bearer {secret}"} if secret else {}
    return await peers.ask("POST", outbox, body=body, forgery=Forgery(extra=extra, **forgery))


async def test_a_note_is_published_and_its_activity_named(node, peers):
    bob = an_actor(node.db, "bob")

    status, headers, _ = await post(peers, f"{bob.uri}/outbox", NOTE, token(node, bob))

    assert status == 201
    status, _, body = await peers.ask("GET", headers["Location"])
    assert (status, orjson.loads(body)["object"]["content"]) == (200, "<p>Hello</p>")


async def test_somebody_elsewhere_is_looked_up_to_be_followed(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")

    status, _, _ = await post(peers, f"{bob.uri}/outbox", {"type": "Follow", "object": ann.uri}, token(node, bob))
    await node.work()

    assert status == 201
    assert [activity["type"] for activity in peers.received()] == ["Follow"]
    assert node.read(relationships.between, bob.id, [node.actor(ann.uri).id])[node.actor(ann.uri).id].requested


async def test_a_post_elsewhere_is_looked_up_to_be_boosted(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    note = peers.serve(ann.note())

    status, _, _ = await post(peers, f"{bob.uri}/outbox", {"type": "Announce", "object": note["id"]}, token(node, bob))

    assert status == 201
    assert node.read(posts.by_uri, note["id"]).boosts_count == 1


@pytest.fixture
async def door(gate, peers):
    """(the node, the peers, Bob, Carol)."""
    return gate, peers, an_actor(gate.db, "bob"), an_actor(gate.db, "carol")


async def test_without_a_token_nothing_is_taken(door):
    _, peers, bob, _ = door

    for secret in (None, "alm_made_up"):
        assert (await post(peers, f"{bob.uri}/outbox", NOTE, secret))[0] == 401


async def test_a_token_that_may_only_read_posts_nothing(door):
    gate, peers, bob, _ = door

    assert (await post(peers, f"{bob.uri}/outbox", NOTE, token(gate, bob, "read")))[0] == 403


async def test_nobody_posts_to_somebody_elses_outbox(door):
    gate, peers, bob, carol = door
    secret = token(gate, carol)

    assert (await post(peers, f"{bob.uri}/outbox", NOTE, secret))[0] == 403
    assert (await post(peers, f"{gate.base}/actors/{'a' * 26}/outbox", NOTE, secret))[0] in (403, 404)


WRONG = {
    "nothing": (b"", 400),
    "no JSON": (b"hello", 400),
    "no type": (b"{}", 400),
    "somebody else's name": (b'{"type":"Like","actor":"https://far.example/x","object":"https://far.example/1"}', 403),
    "a kind that is not taken": (b'{"type":"Travel","object":"https://far.example/x"}', 422),
    "something that is nowhere": (b'{"type":"Like","object":"http://nowhere.localhost:1/x"}', 404),
    "2 MiB": (orjson.dumps({**NOTE, "content": "x" * 2**21}), 413),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_done_has_its_own_code(door, body, expected):
    gate, peers, bob, _ = door
    mine = a_post(gate.db, bob, "Mine")

    status, _, _ = await post(peers, f"{bob.uri}/outbox", body, token(gate, bob))

    assert status == expected
    assert list(gate.read(posts.of_author, bob.id, None, Page())) == [mine]


async def test_a_signature_of_another_server_is_no_token(door):
    _, peers, bob, _ = door
    ann = peers.person("ann")

    status, _, _ = await peers.ask("POST", f"{bob.uri}/outbox", by=ann, body=orjson.dumps(NOTE))

    assert status == 401


async def test_the_type_of_the_body_does_not_matter_as_long_as_it_is_json(door):
    gate, peers, bob, _ = door

    for kind in (AS2, "application/json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'):
        assert (await post(peers, f"{bob.uri}/outbox", NOTE, token(gate, bob), content_type=kind))[0] == 201
