# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts on the pages: a button on a profile, a question, an answer."""

import pytest

from node import contacts
from node.contacts import State
from node.kernel import clock
from tests.support.builders import a_member


@pytest.fixture
def people(services, password_hash):
    """Two members."""
    return [a_member(services.db, name, password_hash=password_hash) for name in ("ana", "bo")]


async def test_one_asks_on_a_profile_and_the_other_says_yes(services, browser, people):
    ana, bo = people
    await browser.log_in(ana)
    assert f'href="/people/{bo.id}/contact"' in (await browser.get("/@bo")).text
    await browser.get(f"/people/{bo.id}/contact")
    page = await browser.post(f"/people/{bo.id}/contact", message="x" * 501, how_met="Choir")
    assert (page.status, "x" * 501 in page.text, 'value="Choir"' in page.text) == (422, True, True)
    page = await browser.post(f"/people/{bo.id}/contact", message="The choir!", how_met="Choir")
    assert "Asked to be a contact" in page.words
    assert "@bo" in (await browser.get("/contacts")).words

    browser.cookie = ""
    await browser.log_in(bo)
    assert "Answer their request" in (await browser.get("/@ana")).words
    assert "The choir!" in (await browser.get("/contacts")).words
    page = await browser.post(f"/contacts/{ana.id}/accept", follow="1")

    assert "You are in contact now." in page.words
    assert "Your contact" in (await browser.get("/@ana")).words
    page = await browser.post(f"/contacts/{ana.id}/remove")
    assert "Ask people on their profiles." in page.words


async def test_one_may_decline_and_one_may_take_it_back(services, browser, people):
    ana, bo = people
    services.db.write_now(contacts.ask, ana.actor, bo.actor)
    await browser.log_in(bo)
    await browser.get("/contacts")
    await browser.post(f"/contacts/{ana.id}/decline")
    assert "The other side is not told why." in browser.page.words

    browser.cookie = ""
    await browser.log_in(ana)
    assert "Asked to be a contact" in (await browser.get("/@bo")).words
    services.db.write_now(contacts.ask, bo.actor, ana.actor)
    await browser.get("/contacts")
    await browser.post(f"/contacts/{bo.id}/withdraw")

    found = services.db.read_now(contacts.between, ana.id, [bo.id], clock.now())[bo.id]
    assert found.state is State.REQUESTED


async def test_contacts_are_for_members(services, browser, people):
    ana, bo = people
    for path in ("/contacts", f"/people/{ana.id}/contact"):
        assert (await browser.get(path)).path.startswith("/login")
    await browser.log_in(ana)

    for path in (f"/people/{ana.id}/contact", "/people/12345/contact"):
        assert (await browser.get(path)).status == 404
    await browser.get("/contacts")
    for act in ("accept", "decline"):
        assert (await browser.post(f"/contacts/{bo.id}/{act}")).status == 409
        await browser.get("/contacts")
