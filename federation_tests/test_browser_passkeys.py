# SPDX-License-Identifier: AGPL-3.0-or-later
"""A graduate makes a passkey in a real browser, and logs in by it: Chromium, with an authenticator of its own.

The pages are the node's, over https; the device behind the browser is simulated by Chromium (WebDriver's virtual
authenticator), which checks origin and host as with a real one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from federation_tests.harness.node import Account, Node
from federation_tests.harness.windows import Window, chromium, window

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Device:
    """Chromium's own authenticator: keeps passkeys, and finds every finger to be the right one until it is told."""

    session: CDPSession
    number: str

    def finds_the_finger(self, right: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.number, "isUserVerified": right})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def wanda(harbour: Node) -> Account:
    return harbour.add_member("wanda", class_year=1998)


@pytest.fixture(scope="module")
def opened(browser: Browser, harbour: Node) -> Iterator[Window]:
    with window(browser, harbour.url, language="en-GB", phone=False) as made:
        yield made


@pytest.fixture
def page(opened: Window) -> Iterator[Window]:
    yield opened
    opened.check()


@pytest.fixture(scope="module")
def device(opened: Window) -> Device:
    session = opened.page.context.new_cdp_session(opened.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, made["authenticatorId"])


def test_a_passkey_is_made(page: Window, device: Device, wanda: Account) -> None:
    page.open("/login?next=/settings/security")
    page.fill(login=wanda.username, password=wanda.password)
    page.send(page.form("/login"))
    page.page.locator('main a[href="/settings/security/passkeys/new"]').click()

    page.fill(name="My telephone")
    page.send(page.form("/settings/security/passkeys"))

    expect(page.page.locator("main li code")).to_have_count(10)
    page.open("/settings/security")
    expect(page.page.locator("main .rows")).to_contain_text("My telephone")


def test_it_opens_the_account_alone(page: Window, device: Device) -> None:
    page.send(page.page.locator('form[action="/logout"]'))
    page.open("/login?next=/people")

    # The page asks the browser by itself; nothing else has to be pressed.
    page.page.locator('main a[href^="/login/passkey"]').click()
    page.page.wait_for_url("**/people")

    expect(page.page.locator("h1")).to_be_visible()


def test_it_is_the_second_step_beside_the_password(page: Window, device: Device, wanda: Account) -> None:
    page.send(page.page.locator('form[action="/logout"]'))
    page.fill(login=wanda.username, password=wanda.password)
    page.send(page.form("/login"))
    assert page.path == "/login/code"

    page.send(page.form("/login/code/passkey"))

    assert page.path == "/"


def test_a_browser_without_it_is_told_what_to_do(page: Window, device: Device) -> None:
    page.send(page.page.locator('form[action="/logout"]'))
    device.finds_the_finger(False)
    page.open("/login/passkey")

    page.form("/login/passkey").locator("button[type=submit]").click()

    expect(page.page.locator('[data-when="refused"]')).to_be_visible()
    assert page.path == "/login/passkey"
