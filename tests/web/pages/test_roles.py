# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which administrators say who does what."""

import pytest
from sqlalchemy import update

from node import members
from node.access.tables import sessions
from tests.support.builders import a_member
from tests.web.pages.conftest import PASSWORD


@pytest.fixture
def chair(db, password_hash):
    return a_member(db, "chair", roles=("member", "admin"), password_hash=password_hash)


async def test_an_administrator_ticks_what_somebody_does(services, browser, chair, ada):
    page = await browser.log_in(chair)
    assert 'href="/staff/roles"' in (await browser.get("/staff")).text
    page = await browser.get("/staff/roles?who=Ada")
    assert "What Ada Winter does" in page.words

    page = await browser.post(f"/staff/roles/{ada.id}", delegate="1", treasurer="1")

    assert (page.status, page.path.partition("?")[0]) == (200, "/staff/roles")
    assert "Delegate of a class · Treasurer" in page.words
    assert services.db.read_now(members.get, ada.id).roles == {"member", "delegate", "treasurer"}
    for path in (f"/staff/people/{ada.id}/verification", f"/staff/people/{ada.id}"):
        assert f"/staff/roles?who={ada.actor.username}" in (await browser.get(path)).text


async def test_a_delegate_without_a_class_is_pointed_out(services, browser, chair):
    a_member(services.db, "dora", roles=("member", "delegate"))
    await browser.log_in(chair)

    assert "Has no class" in (await browser.get("/staff/roles")).words


async def test_the_last_administrator_stays(services, browser, chair):
    await browser.log_in(chair)
    await browser.get("/staff/roles?who=chair")

    page = await browser.post(f"/staff/roles/{chair.id}", secretary="1")

    assert page.status == 409
    assert "You are the only administrator" in page.words
    assert 'name="secretary" type="checkbox" value="1" checked' in page.text


async def test_an_administrator_may_step_back_once_there_is_another(services, browser, chair):
    a_member(services.db, "other", roles=("member", "admin"))
    await browser.log_in(chair)
    await browser.get("/staff/roles?who=chair")

    assert (await browser.post(f"/staff/roles/{chair.id}")).path.partition("?")[0] == "/"


async def test_it_is_for_administrators_who_have_just_shown_that_they_are(services, browser, chair, ada):
    assert "/login" in (await browser.get("/staff/roles")).path
    await browser.log_in(ada)
    assert (await browser.get("/staff/roles")).status == 403
    assert (await browser.post(f"/staff/roles/{ada.id}", admin="1")).status == 403
    browser.cookie = ""
    await browser.log_in(chair)
    page = await browser.get("/staff/roles?who=nobody")
    assert (page.status, "Nobody here has this username" in page.words) == (200, True)
    assert (await browser.get("/staff/roles?who=association")).words.count("Nobody here has this username") >= 1
    assert (await browser.post("/staff/roles/99", admin="1")).status == 404
    await browser.get("/staff/roles?who=ada")
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=None)))

    page = await browser.post(f"/staff/roles/{ada.id}", admin="1")

    assert page.path.startswith("/settings/prove?next=")
    assert services.db.read_now(members.get, ada.id).roles == {"member"}
    page = await browser.post("/settings/prove", next="/staff/roles?who=ada", password=PASSWORD)
    assert page.path.startswith("/staff/roles?who=ada")
