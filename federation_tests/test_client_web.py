# SPDX-License-Identifier: AGPL-3.0-or-later
"""An app that is a web page of another origin, in Chromium: what Elk and Phanpy do, done by the client of mastodon-mock.

The page comes from a server of its own and talks to the node straight from the browser: registering itself, the code for
a token, and everything after that pass only if the node answers other origins rightly. Nothing of that server's own API
is used. Each is one story in order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from mastodon import Mastodon
from playwright.sync_api import Browser, Locator, expect

from federation_tests.harness import environments
from federation_tests.harness.clients import notified
from federation_tests.harness.network import Network, Site
from federation_tests.harness.node import Account, Node
from federation_tests.harness.processes import Server
from federation_tests.harness.windows import Window, chromium, window

pytestmark = pytest.mark.browser

# This client asks the server that it came from for streams, whichever it is signed in at, and by a path that Mastodon
# has for WebSockets alone. It is led to the node, under the name that Mastodon has for event streams.
_STREAMS_OF_NODE = """
window.EventSource = class extends EventSource {
  constructor(address) {
    const url = new URL(address, %r);
    url.pathname += `/${url.searchParams.get("stream").replaceAll(":", "/")}`;
    url.searchParams.delete("stream");
    super(url.href);
  }
};
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who signs in where, and whom they follow."""

    node: Node
    member: Account
    friend: Mastodon

    def home(self) -> Mastodon:
        """The same member in an app of another kind."""
        return self.node.app(self.member.username)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def client(network: Network) -> Iterator[Site]:
    """The client, under an origin of its own."""
    site = network.site("webclient")
    port = str(site.port)
    where = ["--in-memory", "--host", "127.0.0.1", "--port", port, "--domain", site.authority]

    def ready() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/_ui/", timeout=2).ok
        except requests.RequestException:
            return False

    server = Server(
        site.name,
        [environments.web_client_python().with_name("mastodon_mock"), "serve", *where],
        env={},
        cwd=network.folder,
        log=network.folder / "webclient.log",
        ready=ready,
    )
    server.start()
    yield site
    server.stop()


@pytest.fixture(scope="module", params=["tilleuls", "harbour"], ids=["sqlite", "postgresql"])
def visit(request: pytest.FixtureRequest) -> Visit:
    node: Node = request.getfixturevalue(request.param)
    member, friend = node.add_members("mira", "mirasfriend")
    node.run("say", "text", "terms", "-", given="Our terms, in *short*.")
    made = Visit(node, member, node.app(friend.username))
    made.home().account_follow(made.friend.me().id)
    made.friend.status_post("Good morning, browsers")
    return made


@pytest.fixture(scope="module")
def opened(browser: Browser, client: Site, visit: Visit) -> Iterator[Window]:
    with window(browser, visit.node.url, language="en-GB", phone=False) as made:
        made.page.context.add_init_script(_STREAMS_OF_NODE % visit.node.url)
        yield made


@pytest.fixture
def app(opened: Window) -> Iterator[Window]:
    """The window; after each step nothing may have gone wrong but what the client asks its own kind of server alone."""
    yield opened
    faults = [one for one in opened.faults if "/_mock/" not in one]
    opened.faults.clear()
    assert faults == []


def post(app: Window, text: str) -> Locator:
    return app.page.locator("article.status", has_text=text)


def test_it_signs_in_through_the_nodes_own_page(app: Window, client: Site, visit: Visit) -> None:
    app.open(f"{client.url}/_ui/login")
    app.page.get_by_placeholder("https://another.instance").fill(visit.node.url)
    app.page.get_by_role("button", name="Use").click()
    app.page.get_by_role("button", name="show").click()
    app.page.get_by_placeholder("app name").fill("A page elsewhere")
    app.page.get_by_role("button", name="Authorize via OAuth").click()

    app.page.wait_for_selector("#field-login")
    assert app.page.url.startswith(visit.node.url)
    app.fill(login=visit.member.email, password=visit.member.password)
    app.send(app.form("/login"))
    expect(app.page.locator("main")).to_contain_text(client.authority)
    app.page.locator('button[name="decision"][value="allow"]').click()

    app.page.wait_for_url(f"{client.url}/_ui/home")


def test_it_shows_the_home_timeline_and_its_pictures(app: Window, visit: Visit) -> None:
    found = post(app, "Good morning, browsers")

    expect(found).to_be_visible()
    avatar = found.locator("img.avatar")
    expect(avatar).to_have_js_property("complete", True)
    assert str(avatar.get_attribute("src")).startswith(visit.node.url)
    assert avatar.evaluate("picture => picture.naturalWidth") > 0


def test_it_posts(app: Window, visit: Visit) -> None:
    app.page.get_by_placeholder("What is happening?").fill("Written in a browser")
    app.page.get_by_title("Visibility").first.select_option("private")
    app.page.get_by_role("button", name="Post", exact=True).click()

    expect(post(app, "Written in a browser")).to_be_visible()
    [newest] = visit.home().account_statuses(visit.home().me().id, limit=1)
    assert newest.visibility == "private"
    assert newest.application.name == "A page elsewhere"


def test_it_marks_a_favourite_and_keeps_a_bookmark(app: Window, visit: Visit) -> None:
    found = post(app, "Good morning, browsers")
    found.get_by_title("Favourite", exact=True).click()
    found.get_by_title("Bookmark", exact=True).click()

    expect(found.get_by_title("Favourited by")).to_have_text("1")
    notified(visit.friend, "favourite", visit.member.username)
    app.page.goto(f"{app.page.url.rpartition('/')[0]}/bookmarks")
    expect(post(app, "Good morning, browsers")).to_be_visible()


def test_it_hears_what_happens(app: Window, visit: Visit) -> None:
    app.page.goto(f"{app.page.url.rpartition('/')[0]}/home")
    with app.page.expect_response(lambda answer: "/api/v1/streaming/user" in answer.url) as answer:
        app.page.get_by_role("button", name="Go live").click()
    assert answer.value.ok

    visit.friend.status_post("Heard at once")

    expect(post(app, "Heard at once")).to_be_visible()


def test_it_opens_a_thread_and_a_profile_and_finds_people(app: Window, client: Site) -> None:
    post(app, "Heard at once").locator("a.content-link").click()
    app.page.wait_for_url(f"{client.url}/_ui/statuses/*")
    post(app, "Heard at once").locator("a.name").click()
    app.page.wait_for_url(f"{client.url}/_ui/accounts/*")
    expect(post(app, "Good morning, browsers")).to_be_visible()

    app.page.goto(f"{client.url}/_ui/search")
    app.page.get_by_role("textbox").first.fill("mirasfriend")
    app.page.get_by_role("textbox").first.press("Enter")
    expect(app.page.locator("main")).to_contain_text("@mirasfriend")


@pytest.mark.parametrize(
    "screen",
    ["public", "notifications", "conversations", "explore", "favourites", "lists", "tags", "about", "settings"],
)
def test_its_screens_show_without_a_fault(app: Window, client: Site, screen: str) -> None:
    with app.page.expect_response(lambda answer: "/api/" in answer.url and "_mock" not in answer.url):
        app.page.goto(f"{client.url}/_ui/{screen}")

    app.page.wait_for_load_state("networkidle")
    assert app.page.url.endswith(f"/{screen}")
