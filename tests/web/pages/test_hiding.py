# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hiding one's account on the pages, what everybody else finds then, and coming back by logging in."""

import pytest

from node import members
from node.members import Standing
from tests.support.builders import a_member
from tests.web.asking import Api
from tests.web.pages.conftest import PASSWORD

HIDE = "/settings/account/hide"


@pytest.fixture
def ana(services, password_hash):
    return a_member(services.db, "ana", password_hash=password_hash)


def standing(services, member):
    return services.db.read_now(members.get, member.id).standing


async def test_one_hides_with_the_password_and_comes_back_by_logging_in(services, browser, ana):
    api = Api(browser.client, services)
    token = api.token(ana)
    await browser.log_in(ana)
    await browser.get("/settings/account")
    page = await browser.post(HIDE, hide_password="wrong, wrong")
    assert (page.status, "This is not your password." in page.words) == (422, True)
    page = await browser.post(HIDE, hide_password=PASSWORD)
    assert ("Your account is hidden." in page.words, standing(services, ana)) == (True, Standing.DEACTIVATED)

    assert (await browser.get("/@ana")).status == 404
    assert (await browser.get("/settings")).path.startswith("/login")
    refused = await api.get("/api/v1/timelines/home", token)
    assert (refused.status, refused.json["error"][:28]) == (403, "You have hidden your account")
    assert (await api.get(f"/api/v1/accounts/{ana.id}")).status == 404
    assert (await api.get("/.well-known/webfinger?resource=acct:ana@harbour.example")).status == 404

    page = await browser.log_in(ana)
    assert (page.path.startswith("/login/back/"), "Your account is hidden" in page.words) == (True, True)
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert standing(services, ana) is Standing.DEACTIVATED
    link = page.path
    page = await browser.post(link)
    assert ("Please log in." in page.words, standing(services, ana)) == (True, Standing.ACTIVE)
    assert (await browser.get(link)).status == 404
    await browser.log_in(ana)
    assert (await browser.get("/@ana")).status == 200
    assert (await api.get("/api/v1/timelines/home", token)).status == 200


async def test_nothing_opens_without_the_password_or_from_another_page(services, browser, ana):
    await browser.log_in(ana)
    csrf = (await browser.get("/settings/account")).csrf
    assert (await browser.post(HIDE, hide_password=PASSWORD, csrf="x")).status == 403
    assert (await browser.get("/login/back/nothing")).status == 404
    assert (await browser.post("/login/back/nothing", csrf=csrf)).status == 404
    assert standing(services, ana) is Standing.ACTIVE
    browser.cookie = ""
    await browser.get("/login")
    assert (await browser.post(HIDE, hide_password=PASSWORD)).path.startswith("/login")
