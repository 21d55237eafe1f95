# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changing our own keys: who knows the former one believes the news, who does not finds the new one."""

from datetime import timedelta

import pytest

from activitypub.signatures import check
from activitypub.signatures.keys import from_pem
from activitypub.signatures.message import Request
from node import actors, relationships
from node.kernel import clock
from tests.support.builders import a_post, an_actor


@pytest.fixture
async def followed(node, peers):
    """(the node, the peers, our Bob, whom somebody at far follows, his key as far knows it)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    a_post(node.db, bob, "Before")
    await node.work()
    peers.seen.clear()
    return node, peers, bob, key_of(actors.document, node, bob)


def key_of(document, node, actor):
    said = node.read(document, node.db.site, actor)["publicKey"]
    return from_pem(said["publicKeyPem"], key_id=said["id"], owner=said["owner"])


def is_signed_with(seen, key, peers) -> bool:
    request = Request(
        method="POST",
        target=f"/{seen.url.split('/', 3)[3]}",
        scheme="http",
        authority=seen.headers["Host"],
        headers=tuple(seen.headers.items()),
        body=seen.body,
    )
    claim = check.claimed(request, now=clock.now(), authorities=frozenset({peers.host("far")}))
    assert claim.key_id == key.id
    try:
        check.verified(claim, [key])
    except check.SignatureInvalid:
        return False
    return True


async def test_the_news_are_signed_with_the_key_that_others_know_and_what_follows_with_the_new_one(followed):
    node, peers, bob, former = followed

    node.write(relationships.rotate_keys, bob, actors.make_keys())
    await node.work()
    a_post(node.db, bob, "After")
    await node.work()

    news, post = peers.posts
    new = from_pem(news.json["object"]["publicKey"]["publicKeyPem"], key_id=former.id, owner=bob.uri)
    assert news.json["type"] == "Update"
    assert is_signed_with(news, former, peers)
    assert is_signed_with(post, new, peers)
    assert not is_signed_with(post, former, peers)


async def test_who_has_fetched_the_new_key_already_gets_the_news_signed_with_it(followed):
    node, peers, bob, former = followed
    peers.script("far", 401, 401, 202)

    node.write(relationships.rotate_keys, bob, actors.make_keys())
    await node.work()
    node.make_due()
    await node.work()

    first, _, last = peers.posts
    assert is_signed_with(first, former, peers)
    assert is_signed_with(last, key_of(actors.document, node, node.actor(bob.uri)), peers)


async def test_the_document_shows_the_new_key_at_once(followed):
    import orjson

    node, peers, bob, former = followed
    await peers.ask("GET", bob.uri)

    node.write(relationships.rotate_keys, bob, actors.make_keys())
    _, _, body = await peers.ask("GET", bob.uri)

    said = orjson.loads(body)["publicKey"]
    assert said["id"] == former.id
    assert from_pem(said["publicKeyPem"], key_id=former.id, owner=bob.uri).public != former.public


async def test_former_keys_are_dropped_after_a_while(followed):
    node, _, bob, former = followed
    node.write(relationships.rotate_keys, bob, actors.make_keys())
    new = key_of(actors.document, node, node.actor(bob.uri))

    node.write(actors.drop_former_keys, replaced_before=clock.now() - timedelta(days=7))
    assert node.read(actors.former_key, node.db.site, bob.id).private.public_key() == former.public
    node.write(actors.drop_former_keys, replaced_before=clock.now() + timedelta(seconds=1))

    assert node.read(actors.former_key, node.db.site, bob.id) is None
    assert node.read(actors.signing_key, node.db.site, bob.id).private.public_key() == new.public
