# SPDX-License-Identifier: AGPL-3.0-or-later
"""Delivery: in the form that a host takes, again when it failed, in order, and not slower for others' sake."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select, update

from node import posts
from node.federation import activities, delivery, hosts
from node.federation.tables import hosts as hosts_table
from node.kernel import clock, queue
from node.kernel.queue import tasks
from node.posts import Draft
from tests.support.builders import a_post, an_actor
from tests.support.peers import Peers


@pytest.fixture
async def followed(node, peers: Peers):
    """(the node, the peers, our Bob, whom somebody at far follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    peers.seen.clear()
    return node, peers, bob


def forms(peers):
    return [seen.scheme for seen in peers.posts]


async def test_what_is_sent_is_signed_in_a_form_that_our_own_gate_takes(followed):
    from activitypub.signatures import check
    from activitypub.signatures.message import Request

    node, peers, bob = followed
    a_post(node.db, bob, "Hello")

    await node.work()

    (seen,) = peers.posts
    request = Request(
        method="POST",
        target=f"/{seen.url.split('/', 3)[3]}",
        scheme="http",
        authority=seen.headers["Host"],
        headers=tuple(seen.headers.items()),
        body=seen.body,
    )
    claim = check.claimed(request, now=clock.now(), authorities=frozenset({peers.host("far")}))
    from node import actors

    key = node.read(actors.public_key, claim.key_id)
    assert check.verified(claim, [key]).owner == bob.uri
    assert seen.headers["Content-Type"] == "application/activity+json"
    assert seen.json["type"] == "Create"
    assert "bto" not in seen.json


@pytest.mark.parametrize("no", [400, 401, 403, 500, 502])
async def test_a_no_to_the_first_form_is_followed_by_the_other_which_is_remembered(followed, no):
    node, peers, bob = followed
    peers.script("far", no, 202)

    a_post(node.db, bob, "One")
    await node.work()
    a_post(node.db, bob, "Two")
    await node.work()

    assert forms(peers) == ["cavage", "rfc9421", "rfc9421"]
    assert node.read(hosts.signature_of, peers.host("far"), clock.now()) == "rfc9421"
    assert node.waiting("delivery") == []


async def test_a_host_that_goes_back_to_the_older_form_is_understood(followed):
    node, peers, bob = followed
    node.write(hosts.succeeded, peers.host("far"), signature="rfc9421")
    peers.script("far", 401, 202)

    a_post(node.db, bob, "One")
    await node.work()

    assert forms(peers) == ["rfc9421", "cavage"]
    assert node.read(hosts.signature_of, peers.host("far"), clock.now()) == "cavage"


async def test_a_host_that_takes_the_first_form_is_asked_once(followed):
    node, peers, bob = followed

    for text in ("One", "Two"):
        a_post(node.db, bob, text)
        await node.work()

    assert forms(peers) == ["cavage", "cavage"]


async def test_a_host_that_takes_neither_is_tried_again_later(followed):
    node, peers, bob = followed
    peers.script("far", 500)

    a_post(node.db, bob, "One")
    await node.work()

    (row,) = node.waiting("delivery")
    assert row.parked_at is None
    assert row.attempts == 1
    assert timedelta(seconds=45) < row.run_at - clock.now() < timedelta(seconds=75)

    peers.script("far", 202)
    node.make_due()
    await node.work()
    assert node.waiting("delivery") == []


async def test_a_host_that_takes_something_again_counts_as_well(followed):
    node, peers, bob = followed
    failures = select(hosts_table.c.failures)

    for answer, expected in ((202, 0), (500, 1), (202, 0)):
        peers.script("far", answer)
        a_post(node.db, bob, "Hello")
        node.make_due()
        await node.work()
        assert node.read(lambda conn: conn.execute(failures).scalar()) == expected


@pytest.mark.parametrize("status", [404, 405, 413, 422, 451])
async def test_a_final_no_sets_the_delivery_aside(followed, status):
    node, peers, bob = followed
    peers.script("far", status)

    a_post(node.db, bob, "One")
    await node.work()

    (row,) = node.waiting("delivery")
    assert row.parked_at is not None
    assert str(status) in row.last_error
    assert len(peers.posts) == 1


@pytest.mark.parametrize(("asked", "least", "most"), [("120", 115, 125), ("999999999", 86000, 86500)])
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed_up_to_a_day(followed, status, asked, least, most):
    node, peers, bob = followed

    async def later(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": asked})

    peers.script("far", later)

    a_post(node.db, bob, "One")
    await node.work()

    (row,) = node.waiting("delivery")
    assert least < (row.run_at - clock.now()).total_seconds() < most


async def test_a_delivery_that_fails_alone_is_set_aside_when_its_attempts_are_used_up(followed):
    node, peers, bob = followed

    async def all_but_one(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500 if b"poison" in await request.read() else 202)

    peers.script("far", all_but_one)
    a_post(node.db, bob, "The poison")

    for number in range(delivery.MAX_ATTEMPTS):
        node.make_due()
        await node.work("delivery")
        a_post(node.db, bob, f"Another {number}")
        await node.work("delivery")

    (row,) = node.waiting("delivery")
    assert row.parked_at is not None
    assert row.attempts == delivery.MAX_ATTEMPTS


async def test_the_schedule_takes_about_ten_days():
    total = sum((delivery.pause(attempt) for attempt in range(1, delivery.MAX_ATTEMPTS)), timedelta())

    assert timedelta(days=7) < total < timedelta(days=14)


async def test_a_redirect_is_not_followed(followed):
    node, peers, bob = followed

    async def away(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(peers.at("/inbox", "victim"))

    peers.script("far", away)

    a_post(node.db, bob, "One")
    await node.work()

    assert {seen.headers["Host"] for seen in peers.posts} == {peers.host("far")}


async def test_a_blocked_host_gets_nothing(followed):
    node, peers, bob = followed
    node.write(hosts.block, "far.localhost")

    a_post(node.db, bob, "One")
    await node.work()

    assert peers.posts == []
    assert node.waiting("delivery") == []


async def test_what_is_about_one_post_arrives_in_the_order_in_which_it_was_said(followed):
    node, peers, bob = followed
    peers.script("far", 500)
    post_id = a_post(node.db, bob, "One")
    await node.work()

    node.write(posts.edit, bob, post_id, Draft(text="Two"))
    other = a_post(node.db, bob, "Another")
    await node.work()
    peers.seen.clear()
    peers.script("far", 202)
    node.make_due()
    await node.work()

    said = [(activity["type"], activity["object"]["id"]) for activity in peers.received()]
    uri = node.read(posts.find, post_id).uri
    assert [kind for kind, about in said if about == uri] == ["Create", "Update"]
    assert node.read(posts.find, other).uri in [about for _, about in said]


async def test_a_post_that_is_deleted_before_it_left_never_leaves(followed):
    node, peers, bob = followed
    post_id = a_post(node.db, bob, "Oops")
    node.write(posts.edit, bob, post_id, Draft(text="Oops, a secret"))

    node.write(posts.delete_post, bob, post_id)
    await node.work()

    assert [activity["type"] for activity in peers.received()] == ["Delete"]
    assert b"secret" not in b"".join(seen.body for seen in peers.posts)


async def test_a_host_that_hangs_delays_nobody_else(node, peers):
    bob = an_actor(node.db, "bob")
    for number, server in enumerate(("slow", "quick")):
        person = peers.person("ann", server, key=number)
        await node.services.resolver.actor(person.uri)
        node.followed_by(person.uri, bob)
    release = asyncio.Event()
    arrived = asyncio.Semaphore(0)

    async def hang(_request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response(status=202)

    async def take(_request: web.Request) -> web.StreamResponse:
        arrived.release()
        return web.Response(status=202)

    peers.script("slow", hang)
    peers.script("quick", take)
    await node.services.start()
    try:
        for number in range(12):
            await node.db.write(posts.publish, bob, Draft(text=f"Post {number}"))
        async with asyncio.timeout(30):
            for _ in range(12):
                await arrived.acquire()
    finally:
        release.set()

    assert len(peers.received("quick")) == 12


async def test_after_a_crash_between_sending_and_noting_it_the_same_activity_is_sent_again(followed):
    # The receiver tells it by its id, so it has one effect there.
    node, peers, bob = followed
    a_post(node.db, bob, "One")
    (task,) = await node.db.write(queue.claim, queue.DELIVERY, limit=10, per_lane=4, busy={})
    await node.services.worker._types[task.name].run(task)
    assert await node.db.write(queue.claim, queue.DELIVERY, limit=10, per_lane=4, busy={}) == []

    node.write(queue.release_all)
    await node.work()

    first, second = peers.posts
    assert first.body == second.body
    assert node.waiting("delivery") == []


async def test_a_lease_that_has_run_out_is_taken_up_once(followed):
    node, peers, bob = followed
    a_post(node.db, bob, "One")
    await node.db.write(queue.claim, queue.DELIVERY, limit=10, per_lane=4, busy={})
    assert peers.posts == []

    def pass_time(tx):
        tx.conn.execute(update(tasks).values(leased_until=tx.now - timedelta(seconds=1)))

    node.write(pass_time)
    await node.work()
    await node.work()

    assert len(peers.posts) == 1


async def test_nothing_is_sent_in_the_name_of_somebody_whose_keys_are_gone(followed):
    node, peers, bob = followed
    a_post(node.db, bob, "One")
    from node import actors

    node.write(actors.mark_deleted, bob)
    node.write(actors.drop_keys_of_gone, deleted_before=clock.now() + timedelta(seconds=1))

    await node.work()

    assert peers.posts == []
    (row,) = node.waiting("delivery")
    assert row.parked_at is not None


async def test_an_activity_that_was_forgotten_is_no_fault(followed):
    node, peers, bob = followed
    post_id = a_post(node.db, bob, "One")
    uri = node.read(posts.find, post_id).uri
    node.write(activities.forget_object, bob.uri, uri)

    await node.work()

    assert peers.posts == []
    assert node.waiting("delivery") == []
