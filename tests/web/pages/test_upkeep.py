# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's page of the queue and of other servers."""

import pytest

from node.federation import hosts
from node.kernel import queue
from node.kernel.queue import Chosen
from tests.support.builders import a_member


@pytest.fixture
async def admin(services, browser, password_hash):
    """A browser with an administrator, a queue with deliveries to three hosts, one of them held."""

    def write(tx):
        for lane in ("far.example", "down.example:8443", "no.example"):
            queue.enqueue_many(tx, "federation.deliver", [(lane, {})], queue=queue.DELIVERY)
        for _ in range(hosts.HOLD_AFTER):
            hosts.failed(tx, "down.example:8443", "the host did not answer in time")
        hosts.succeeded(tx, "far.example")
        (given_up,) = queue.listing(tx.conn, Chosen(lane="no.example"))
        queue.park(tx, given_up.id, error="HTTP 404")

    services.db.write_now(write)
    await browser.log_in(a_member(services.db, "captain", roles=("member", "admin"), password_hash=password_hash))
    return browser


def lanes(services, **chosen):
    return [entry.lane for entry in services.db.read_now(queue.listing, Chosen(queue=queue.DELIVERY, **chosen))]


async def test_the_page_shows_what_waits_and_why(admin):
    words = (await admin.get("/staff/queue")).words

    assert "down.example:8443 1 waiting · held until the server answers" in words
    assert "HTTP 404" in words
    assert "the host did not answer in time" in words
    assert "federation.deliver 2 waiting · 1 given up" in words


async def test_what_waits_for_a_host_is_tried_again(services, admin):
    await admin.get("/staff/queue")

    await admin.post("/staff/queue/hosts/down.example:8443/retry")

    claimed = services.db.write_now(queue.claim, queue.DELIVERY, limit=9, per_lane=4, busy={})
    assert "down.example:8443" in {task.lane for task in claimed}


async def test_what_waits_for_a_host_is_dropped(services, admin):
    await admin.get("/staff/queue")

    await admin.post("/staff/queue/hosts/far.example/drop")

    assert lanes(services) == ["down.example:8443", "no.example"]


@pytest.mark.parametrize(("what", "left"), [("retry", 3), ("drop", 2)])
async def test_what_was_given_up_of_a_task(services, admin, what, left):
    await admin.get("/staff/queue")

    await admin.post(f"/staff/queue/tasks/federation.deliver/{what}")

    assert lanes(services, parked=True) == []
    assert len(lanes(services)) == left


async def test_a_server_is_blocked_and_unblocked(services, admin):
    assert "far.example answers" in (await admin.get("/staff/queue")).words

    await admin.post("/staff/queue/domains/far.example/block")
    assert services.db.read_now(hosts.all_blocked) == ["far.example"]
    assert "far.example blocked" in admin.page.words

    await admin.post("/staff/queue/domains/far.example/unblock")
    assert services.db.read_now(hosts.all_blocked) == []


async def test_a_domain_that_was_blocked_before_anything_was_sent_is_shown(services, admin):
    services.db.write_now(hosts.block, "spam.example")

    assert "spam.example blocked" in (await admin.get("/staff/queue")).words


@pytest.mark.parametrize("roles", [("member",), ("member", "moderator"), ("member", "board")])
async def test_others_see_and_do_nothing_here(services, browser, password_hash, roles):
    services.db.write_now(queue.enqueue, "federation.deliver", {}, queue=queue.DELIVERY, lane="far.example")
    await browser.log_in(a_member(services.db, "other", roles=roles, password_hash=password_hash))
    assert "/staff/queue" not in browser.page.text
    csrf = browser.page.csrf

    assert (await browser.get("/staff/queue")).status == 403
    for path in ("hosts/far.example/drop", "tasks/federation.deliver/drop", "domains/far.example/block"):
        assert (await browser.post(f"/staff/queue/{path}", csrf=csrf)).status == 403
    assert lanes(services) == ["far.example"]


async def test_a_form_from_elsewhere_does_nothing(services, admin):
    await admin.get("/staff/queue")

    answer = await admin.post("/staff/queue/hosts/far.example/drop", csrf="forged")

    assert answer.status == 403
    assert "far.example" in lanes(services)


async def test_many_servers_are_shown_in_pages(services, admin):
    def many(tx):
        for number in range(150):
            hosts.succeeded(tx, f"school-{number:03}.example")

    services.db.write_now(many)

    first = await admin.get("/staff/queue")
    assert "school-149.example" not in first.words
    assert "school-149.example" in (await admin.get("/staff/queue?after=school-090.example")).words
