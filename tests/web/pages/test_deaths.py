# SPDX-License-Identifier: AGPL-3.0-or-later
"""Saying that a member has died, and deciding about it, as a browser does."""

import pytest

from node import access, actors, members
from node.moderation import deaths, tips
from tests.support.builders import a_member
from tests.web.pages.conftest import PASSWORD

KNOWN = "Her sister wrote to the office."


@pytest.fixture
async def secretary(services, browser, password_hash):
    """A browser with the secretary."""
    await browser.log_in(a_member(services.db, "claire", roles=("member", "secretary"), password_hash=password_hash))
    await browser.get("/staff")
    return browser


def is_memorial(services, member):
    return services.db.read_now(actors.get, member.id).memorial


async def test_a_member_tells_the_association(services, browser, ada, ben):
    await browser.log_in(ben)
    page = await browser.get(f"/people/{ada.id}/report")
    assert f'href="/people/{ada.id}/death"' in page.text
    await browser.get(f"/people/{ada.id}/death")

    page = await browser.post(f"/people/{ada.id}/death", source=KNOWN)

    assert page.path.startswith("/@ada")
    assert "The association asks before anything is done." in page.words
    [found] = services.db.read_now(deaths.waiting)
    assert (found.member_id, found.source, found.reported_by) == (ada.id, KNOWN, ben.id)
    assert not is_memorial(services, ada)


async def test_what_was_typed_comes_back_with_what_is_wrong(services, browser, ada, ben):
    await browser.log_in(ben)
    await browser.get(f"/people/{ada.id}/death")

    page = await browser.post(f"/people/{ada.id}/death", source="x" * 501)

    assert page.status == 422
    assert "Please write at most 500 characters." in page.words
    assert "x" * 501 in page.text
    assert services.db.read_now(deaths.waiting) == []


async def test_it_is_told_of_nobody_who_is_not_here(browser, ben):
    await browser.log_in(ben)
    assert (await browser.get("/people/1234567/death")).status == 404
    assert (await browser.get(f"/people/{ben.id}/death")).status == 404


async def test_the_secretary_makes_a_memorial_and_undoes_it(services, secretary, ada, ben):
    services.db.write_now(access.create_session, ada.id)
    services.db.write_now(deaths.report, ben.actor, ada.actor, KNOWN)
    page = await secretary.get("/staff")
    assert "Members who have died 1 waits" in page.words
    page = await secretary.get("/staff/deaths")
    assert KNOWN in page.words
    page = await secretary.get(f"/staff/deaths/{ada.id}")
    assert "Ben Okoro" in page.words

    page = await secretary.post(f"/staff/deaths/{ada.id}/confirm", reason="The family wrote.")
    assert is_memorial(services, ada)
    assert "it can be undone until" in page.words
    assert services.db.read_now(access.sessions_of, ada.id) == []
    assert "In memory" in (await secretary.get("/@ada")).words
    assert "Ada Winter" in (await secretary.get("/staff/deaths")).words

    await secretary.get(f"/staff/deaths/{ada.id}")
    await secretary.post(f"/staff/deaths/{ada.id}/undo", reason="A namesake.")
    assert not is_memorial(services, ada)
    assert services.db.read_now(members.get, ada.id).is_active
    assert "In memory" not in (await secretary.get("/@ada")).words


async def test_a_report_is_rejected(services, secretary, ada, ben):
    services.db.write_now(deaths.report, ben.actor, ada.actor, KNOWN)
    await secretary.get(f"/staff/deaths/{ada.id}")

    await secretary.post(f"/staff/deaths/{ada.id}/reject", reason="She called.")

    assert services.db.read_now(deaths.waiting_count) == 0
    assert not is_memorial(services, ada)


async def test_a_decision_needs_a_reason_and_comes_once(services, secretary, ada):
    page = await secretary.get(f"/staff/deaths/{ada.id}")
    page = await secretary.post(f"/staff/deaths/{ada.id}/confirm", reason="")
    assert (page.status, "Please say how this is known." in page.words) == (422, True)

    await secretary.post(f"/staff/deaths/{ada.id}/confirm", reason="The family wrote.")
    page = await secretary.post(f"/staff/deaths/{ada.id}/confirm", reason="Again.")
    assert page.status == 409


@pytest.mark.parametrize("roles", [("member",), ("member", "moderator")])
async def test_it_is_not_for_others(services, browser, ada, password_hash, roles):
    await browser.log_in(a_member(services.db, "olga", roles=roles, password_hash=password_hash))
    await browser.get("/")

    assert (await browser.get("/staff/deaths")).status == 403
    assert (await browser.get(f"/staff/deaths/{ada.id}")).status == 403
    await browser.get("/")
    assert (await browser.post(f"/staff/deaths/{ada.id}/confirm", reason="x")).status == 403
    assert not is_memorial(services, ada)


async def test_nobody_logs_in_to_a_memorial(services, browser, ada):
    services.db.write_now(deaths.confirm, None, ada.actor, KNOWN)
    await browser.get("/login")

    page = await browser.post("/login", login="ada", password=PASSWORD)

    assert "This account is kept in memory of its owner." in page.words
    await browser.get("/login")
    page = await browser.post("/login", login="ada", password="another password")
    assert "in memory" not in page.words


# -- wishes, heirs, and whoever has no account ------------------------------------------------------------------------


async def test_a_wish_is_written_and_read_by_those_who_decide_once_it_is_certain(services, browser, ada, password_hash):
    await browser.log_in(ada)
    page = await browser.get("/settings")
    assert 'href="/settings/memorial"' in page.text
    await browser.get("/settings/memorial")
    page = await browser.post("/settings/memorial", wish="hand", words="")
    assert (page.status, "Please say whom the association is to speak with." in page.words) == (422, True)
    page = await browser.post("/settings/memorial", wish="hand", words="My sister Inès")
    assert "My sister Inès" in page.text

    chief = a_member(services.db, "chief", roles=("member", "admin"), password_hash=password_hash)
    await browser.log_in(chief)
    assert "My sister Inès" not in (await browser.get(f"/staff/deaths/{ada.id}")).text
    page = await browser.post(f"/staff/deaths/{ada.id}/confirm", reason="The family wrote.")
    assert "My sister Inès" in page.words

    page = await browser.post(f"/staff/deaths/{ada.id}/purge", reason="Her sister, with the certificate.")
    assert page.path.startswith("/staff/deaths?")
    assert services.db.read_now(actors.find, ada.id).deleted_at is not None


async def test_a_secretary_deletes_nothing_for_heirs(services, secretary, ada):
    services.db.write_now(deaths.confirm, None, ada.actor, KNOWN)
    page = await secretary.get(f"/staff/deaths/{ada.id}")
    assert "heirs" not in page.words
    assert (await secretary.post(f"/staff/deaths/{ada.id}/purge", reason="x")).status == 403
    assert is_memorial(services, ada)


async def test_a_stranger_tells_of_a_death_and_learns_nothing_of_who_is_a_member(services, browser, password_hash):
    answers = set()
    for name in ("Ada Winter, 1998", "Nobody Anywhere"):
        page = await browser.get("/memorial/report")
        page = await browser.post("/memorial/report", name=name, source=KNOWN, email="ines@mail.example")
        answers.add((page.status, page.path, page.words))
    assert len(answers) == 1
    assert "The association asks before anything is done." in page.words

    page = await browser.post("/memorial/report", name="Ada", source="", email="ines@mail.example")
    assert (page.status, "Please say how this is known." in page.words) == (422, True)
    page = await browser.post("/memorial/report", name="Ada", source="x", email="ines@mail.example")
    assert page.status == 429

    await browser.log_in(a_member(services.db, "claire", roles=("member", "secretary"), password_hash=password_hash))
    assert "Members who have died 2 wait" in (await browser.get("/staff")).words
    page = await browser.get("/staff/deaths")
    assert "Ada Winter, 1998" in page.words
    assert 'href="/people?q=Ada+Winter%2C+1998"' in page.text
    for told in services.db.read_now(tips.waiting):
        await browser.post(f"/staff/deaths/told/{told.id}/settle")
    assert services.db.read_now(tips.waiting_count) == 0


async def test_what_is_told_is_for_those_who_decide(services, browser, ben):
    services.db.write_now(lambda tx: tips.tell(tx, name="Ada", source=KNOWN, email="ines@mail.example"))
    [told] = services.db.read_now(tips.waiting)
    await browser.log_in(ben)
    await browser.get("/")
    assert (await browser.post(f"/staff/deaths/told/{told.id}/settle")).status == 403
    assert services.db.read_now(tips.waiting_count) == 1
