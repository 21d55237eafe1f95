# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second step at login: set up, used, lost and turned off, without scripts."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from node import access, members
from node.access.tables import authenticators, half_logins, sessions
from tests.support import letters
from tests.web.pages.conftest import COOKIE, PASSWORD


def code(secret: str, *, steps: int = 1) -> str:
    """What the app shows some half minutes from now: the next code, since that of now may have been used."""
    import time

    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


async def switched_on(browser, member):
    """A member with the second step on: the secret and the recovery codes."""
    await browser.log_in(member)
    await browser.get("/settings/security")
    page = await browser.post("/settings/security/begin")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")
    page = await browser.post("/settings/security/on", code=code(secret, steps=0))
    codes = re.findall(r"<code>([a-z2-9-]+)</code>", page.text)
    return secret, codes


async def half_in(browser, login="ada"):
    browser.cookie = ""
    await browser.get("/login")
    return await browser.post("/login", login=login, password=PASSWORD, next="/people")


async def test_the_second_step_is_set_up_and_asked_for(services, browser, ada):
    secret, codes = await switched_on(browser, ada)
    assert len(codes) == access.second_steps.CODES

    page = await half_in(browser)

    assert page.path == "/login/code"
    assert browser.cookie == ""
    assert (await browser.get("/people")).path.startswith("/login")
    await browser.get("/login/code")
    page = await browser.post("/login/code", code=code(secret))
    assert (page.status, page.path) == (200, "/people")
    assert COOKIE + "-half" in browser.others


async def test_a_code_is_good_once(services, browser, ada):
    secret, _ = await switched_on(browser, ada)
    used = code(secret)
    await half_in(browser)
    assert (await browser.post("/login/code", code=used)).path == "/people"
    await half_in(browser)

    page = await browser.post("/login/code", code=used)

    assert (page.status, "used already" in page.words) == (422, True)


async def test_a_recovery_code_opens_once(services, browser, ada):
    _, codes = await switched_on(browser, ada)
    await half_in(browser)
    assert (await browser.post("/login/code", code=codes[0].upper())).path == "/people"
    assert services.db.read_now(access.recovery_codes_left, ada.id) == 9
    await half_in(browser)

    assert (await browser.post("/login/code", code=codes[0])).status == 422


@pytest.mark.parametrize("wrong", ["", "000000x", "abc", "１２３４５６", "0" * 300])
async def test_a_wrong_code_opens_nothing(browser, ada, wrong):
    await switched_on(browser, ada)
    await half_in(browser)

    assert (await browser.post("/login/code", code=wrong)).status == 422
    assert browser.cookie == ""


async def test_codes_cannot_be_tried_without_end(browser, ada):
    secret, _ = await switched_on(browser, ada)
    await half_in(browser)
    for _ in range(9):
        await browser.post("/login/code", code="000000")

    await browser.post("/login/code", code="000000")
    page = await browser.post("/login/code", code=code(secret))

    assert page.status == 429


async def test_half_a_login_ends_after_ten_minutes_and_with_a_new_password(services, browser, ada):
    secret, _ = await switched_on(browser, ada)
    await half_in(browser)
    services.db.write_now(access.revoke_sessions, ada.id)
    assert (await browser.post("/login/code", code=code(secret))).path.startswith("/login")
    await half_in(browser)
    services.db.write_now(
        lambda tx: tx.conn.execute(update(half_logins).values(created_at=tx.now - timedelta(minutes=11)))
    )

    assert (await browser.get("/login/code")).path == "/login"


async def test_half_a_login_is_no_session_and_its_cookie_no_other(browser, ada):
    await switched_on(browser, ada)
    await half_in(browser)

    browser.cookie = browser.others[COOKIE + "-half"]

    assert (await browser.get("/settings/security")).path.startswith("/login")


async def test_what_is_kept_tells_no_secret(services, browser, ada):
    secret, codes = await switched_on(browser, ada)

    def kept(conn):
        hashes = conn.execute(select(access.tables.recovery_codes.c.code_hash)).scalars().all()
        return bytes(conn.execute(select(authenticators.c.secret)).scalar_one()), hashes

    sealed, hashes = services.db.read_now(kept)
    assert secret.encode() not in sealed
    assert not {one.replace("-", "") for one in codes} & set(hashes)


async def test_changing_how_one_logs_in_asks_for_the_password_anew(services, browser, ada):
    await browser.log_in(ada)
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=tx.now - timedelta(minutes=16))))
    await browser.get("/settings/security")

    page = await browser.post("/settings/security/begin")

    assert page.path == "/settings/prove?next=/settings/security"
    assert (await browser.post("/settings/prove", password="wrong", next="/settings/security")).status == 422
    page = await browser.post("/settings/prove", password=PASSWORD, next="/settings/security")
    assert page.path == "/settings/security"
    page = await browser.post("/settings/security/begin")
    assert "<svg" in page.text
    assert "Turn it on" in page.words


async def test_it_is_not_on_before_a_code_was_seen(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/security")
    await browser.post("/settings/security/begin")

    page = await browser.post("/settings/security/on", code="000000")

    assert page.status == 422
    assert not services.db.read_now(access.second_step_is_on, ada.id)


async def test_it_is_turned_off_and_codes_are_made_anew(services, browser, ada):
    _, codes = await switched_on(browser, ada)
    await browser.get("/settings/security")
    page = await browser.post("/settings/security/codes")
    assert not set(codes) & set(re.findall(r"<code>([a-z2-9-]+)</code>", page.text))
    await browser.get("/settings/security")

    await browser.post("/settings/security/off")

    assert not services.db.read_now(access.second_step_is_on, ada.id)
    assert (await half_in(browser)).path == "/people"


async def test_another_site_cannot_turn_it_off(services, browser, ada):
    await switched_on(browser, ada)
    await browser.get("/settings/security")

    for ending in ("off", "codes", "begin"):
        page = await browser.post(f"/settings/security/{ending}", origin="https://evil.example")
        assert page.status == 403
        await browser.get("/settings/security")
    assert services.db.read_now(access.second_step_is_on, ada.id)


async def test_strangers_see_none_of_it(browser):
    for path in ("/settings/security", "/settings/prove"):
        assert (await browser.get(path)).path.startswith("/login")
    assert (await browser.get("/login/code")).path == "/login"


async def test_a_new_address_holds_once_its_link_is_used(services, browser, ada, ben):
    letters.with_mail(services)
    await browser.log_in(ada)
    await browser.get("/settings/security")
    await browser.post("/settings/security/email", email=ben.email)
    assert letters.waiting(services) == []
    page = await browser.post("/settings/security/email", email="new@mail.example")
    assert "Until it is used the old one holds." in page.words
    [(to, letter)] = letters.waiting(services)
    path = letters.path_of(services, letter)
    await browser.get(path)
    assert (to, services.db.read_now(members.get, ada.id).email) == ("new@mail.example", ada.email)

    await browser.post(path)

    assert services.db.read_now(members.get, ada.id).email == "new@mail.example"
    assert letters.waiting(services)[-1][0] == ada.email
    assert (await browser.get(path)).status == 404


async def test_a_new_address_must_be_one_and_asks_for_the_password(services, browser, ada):
    letters.with_mail(services)
    await browser.log_in(ada)
    await browser.get("/settings/security")
    assert (await browser.post("/settings/security/email", email="nowhere")).status == 422
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=None)))

    page = await browser.post("/settings/security/email", email="new@mail.example")

    assert page.path.startswith("/settings/prove")
