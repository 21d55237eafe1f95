# SPDX-License-Identifier: AGPL-3.0-or-later
"""A graduate with an invitation and a browser: signs up, posts, follows somebody of the other school, says yes and no.

Told twice: at a desk in English by Efua at Harbour School, and on a phone in French by Zoé at the Tilleuls. Each is one
story in order; after every step the page must have broken no rule (see `harness.windows`). Screenshots of failed steps
are in test-artifacts/; with ALUMNODE_TEST_SCREENSHOTS=1 those of all steps.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from federation_tests.harness.clients import notified
from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually
from federation_tests.harness.windows import Window, chromium, window

pytestmark = pytest.mark.browser

SEATS = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """Who visits which node, and whom they are going to follow at which other one."""

    username: str
    name: str
    language: str
    phone: bool
    home: Node
    away: Node
    friend: Account

    @property
    def handle(self) -> str:
        return f"{self.username}@{self.home.site.authority}"

    @property
    def password(self) -> str:
        return f"{self.username}-sails-at-dawn"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module", params=["desk", "phone"])
def visit(request: pytest.FixtureRequest, tilleuls: Node, harbour: Node, camille: Account, amara: Account) -> Visit:
    if request.param == "desk":
        return Visit("efua", "Efua Mensah", "en-GB", phone=False, home=harbour, away=tilleuls, friend=camille)
    return Visit("zoe", "Zoé Laborde", "fr-FR", phone=True, home=tilleuls, away=harbour, friend=amara)


@pytest.fixture(scope="module")
def opened(browser: Browser, visit: Visit) -> Iterator[Window]:
    with window(browser, visit.home.url, language=visit.language, phone=visit.phone) as made:
        yield made


@pytest.fixture
def page(opened: Window, request: pytest.FixtureRequest) -> Iterator[Window]:
    """The window, left as the step before left it; what the step did wrong shows when it is over."""
    yield opened
    if os.environ.get("ALUMNODE_TEST_SCREENSHOTS") == "1":
        opened.photograph(request.node.name)
    opened.check()


@pytest.fixture(scope="module")
def event(visit: Visit) -> str:
    """An event of the other school; its id."""
    return visit.away.add_event(
        "Supper by the harbour",
        start="2027-06-19T18:30",
        end="2027-06-19T23:00",
        zone="Europe/Paris",
        place="The old customs house",
        capacity=SEATS,
        text="Bring your yearbook.",
    )


def seats_left(event: str) -> int | None:
    """How many seats the organiser's node gives out to anybody who asks."""
    answer = requests.get(event, headers={"Accept": "application/activity+json"}, timeout=10)
    left: int | None = answer.json().get("remainingAttendeeCapacity")
    return left


def test_an_invitation_becomes_an_account(page: Window, visit: Visit) -> None:
    page.open(visit.home.run("invite", "create", "--class-year", "1998"))
    assert page.page.locator("html").get_attribute("lang") == visit.language[:2]

    page.fill(name=visit.name, username=visit.username, email=f"{visit.username}@example.org", password=visit.password)
    page.send(page.page.locator('main form[action^="/invite/"]'))

    assert page.path == "/welcome"
    page.page.locator("#listed_to-school").check()
    page.send(page.form("/welcome"))

    assert page.path == "/"
    expect(page.page.locator("main .notice")).to_be_visible()
    expect(page.page.locator("form.composer")).to_be_visible()


def test_they_log_out_and_in_again(page: Window, visit: Visit) -> None:
    page.send(page.page.locator('form[action="/logout"]'))
    assert page.path == "/login"

    page.fill(login=f"{visit.username}@example.org", password="not the password")
    page.send(page.form("/login"))
    expect(page.page.locator("#faults")).to_be_visible()

    page.fill(login=f"{visit.username}@example.org", password=visit.password)
    page.send(page.form("/login"))
    assert page.path == "/"


def test_a_post_with_a_picture_is_on_their_profile(page: Window, visit: Visit, png: bytes, tmp_path: Path) -> None:
    picture = tmp_path / "yard.png"
    picture.write_bytes(png)

    page.fill(text="The yard as it was in 1998")
    page.page.locator("form.composer details").nth(1).locator("summary").click()
    page.page.locator("#field-image").set_input_files(picture)
    page.fill(image_description="A yard with lime trees")
    page.send(page.page.locator("form.composer"))

    page.open(f"/@{visit.username}")
    post = page.page.locator("article.post").first
    expect(post).to_contain_text("The yard as it was in 1998")
    shown = post.get_by_alt_text("A yard with lime trees")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("picture => picture.naturalWidth") > 0


def test_they_find_and_follow_somebody_of_the_other_school(page: Window, visit: Visit) -> None:
    page.open("/people")
    page.page.locator('a[href="/people/elsewhere"]').click()
    page.fill(q=f"@{visit.friend.handle}")
    page.send(page.form("/people/elsewhere"))
    expect(page.page.locator("article.person .handle").first).to_have_text(f"@{visit.friend.handle}")

    page.send(page.form("/follow"))

    page.reload_until('form[action$="/unfollow"]')
    friends = visit.away.app(visit.friend.username)
    assert notified(friends, "follow", visit.handle).account.display_name == visit.name


def test_what_the_friend_writes_comes_home(page: Window, visit: Visit) -> None:
    visit.away.app(visit.friend.username).status_post(f"Good to see you, @{visit.handle}")

    page.open("/")

    post = page.reload_until("article.post:has-text('Good to see you')")
    expect(post.locator(".handle").first).to_have_text(f"@{visit.friend.handle}")


def test_a_favourite_reaches_the_friend(page: Window, visit: Visit) -> None:
    page.send(page.page.locator("article.post:has-text('Good to see you')").locator('form[action$="/favourite"]'))

    expect(page.form("/unfavourite").first.locator("button")).to_have_attribute("aria-pressed", "true")
    notified(visit.away.app(visit.friend.username), "favourite", visit.handle)


def test_they_say_yes_to_the_other_schools_event(page: Window, event: str) -> None:
    page.open("/people/elsewhere")
    page.fill(q=event)
    page.send(page.form("/people/elsewhere"))
    page.page.locator("a:has-text('Supper by the harbour')").first.click()
    expect(page.page.locator("h1")).to_have_text("Supper by the harbour")

    page.send(page.form("/going"))

    page.reload_until(".answer.yes")
    expect(page.page.locator(".seats").first).to_contain_text(str(SEATS - 1))
    eventually(lambda: seats_left(event), within=10, until=lambda left: left == SEATS - 1)


def test_they_cannot_come_after_all(page: Window, event: str) -> None:
    page.send(page.form("/not-going"))

    expect(page.form("/going")).to_be_visible()
    expect(page.page.locator(".seats").first).to_contain_text(str(SEATS))
    eventually(lambda: seats_left(event), within=10, until=lambda left: left == SEATS)
