# SPDX-License-Identifier: AGPL-3.0-or-later
"""An association opens its directory: the secretary brings in the roster, and a graduate finds their way in.

Told twice, at a desk in English on PostgreSQL, and on a phone in French on SQLite, on a node that takes newcomers with
the association's yes and sends real letters. Each is one story in order, like `test_browser`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from federation_tests.harness.databases import Engine
from federation_tests.harness.mailbox import Mailbox, link_of, mail_server, text_of
from federation_tests.harness.node import Account, NewNode, Node
from federation_tests.harness.windows import Window, chromium, window
from tests.support.roster import sample

pytestmark = pytest.mark.browser


GRADUATE = "bravelmin.19@example.org"
"""The address of somebody in the roster: Édith Bravelmin, class of 1979."""
PASSWORD = "nineteen-lime-trees"
_FETCH = """async (address) => {
  const answer = await fetch(address);
  const start = new Uint8Array(await answer.arrayBuffer()).slice(0, 5);
  return [answer.status, answer.headers.get("Content-Type"), String.fromCharCode(...start)];
}"""
"""What the browser itself is given at an address: names of the test network are known to it alone."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Where the story is told, and in which language."""

    node: Node
    language: str
    phone: bool

    @property
    def locale(self) -> str:
        return self.language[:2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


@pytest.fixture(scope="module", params=["desk", "phone"])
def visit(request: pytest.FixtureRequest, new_node: NewNode, mailbox: Mailbox) -> Visit:
    desk = request.param == "desk"
    node = new_node(
        "quayside" if desk else "platanes",
        "Quayside College Alumni" if desk else "Anciens du lycée des Platanes",
        Engine.POSTGRESQL if desk else Engine.SQLITE,
        testing=False,
        locale="en" if desk else "fr",
        registrations={"mode": "approval"},
        mail={"host": "127.0.0.1", "port": mailbox.port, "security": "none"},
    )
    return Visit(node, "en-GB" if desk else "fr-FR", phone=not desk)


@pytest.fixture(scope="module")
def secretary(visit: Visit) -> Account:
    return visit.node.add_member("solange", class_year=1988, role="secretary", name="Solange Abadie")


@pytest.fixture(scope="module")
def classmate(visit: Visit) -> Account:
    """Somebody whose name nobody spells alike, and who lets the school find them."""
    return visit.node.add_member("eleonore", class_year=1979, name="Éléonore Lefèvre d'Ormesson")


@pytest.fixture(scope="module")
def office(browser: Browser, visit: Visit) -> Iterator[Window]:
    """The window of the association's people."""
    with window(browser, visit.node.url, language=visit.language, phone=visit.phone) as made:
        yield made


@pytest.fixture(scope="module")
def own(browser: Browser, visit: Visit) -> Iterator[Window]:
    """The window of the graduate."""
    with window(browser, visit.node.url, language=visit.language, phone=visit.phone) as made:
        yield made


@pytest.fixture(autouse=True)
def _in_order(office: Window, own: Window, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each step leaves its windows as it found them, and no rule broken."""
    yield
    for name, opened in (("office", office), ("own", own)):
        if opened.page.url != "about:blank":
            if os.environ.get("ALUMNODE_TEST_SCREENSHOTS") == "1":
                opened.photograph(f"{request.node.name}-{name}")
            opened.check()


def log_in(page: Window, login: str, password: str) -> None:
    page.open("/login")
    page.fill(login=login, password=password)
    page.send(page.form("/login"))


def test_the_secretary_brings_in_the_roster(office: Window, visit: Visit, secretary: Account, tmp_path: Path) -> None:
    roster = sample(2000)
    file = tmp_path / "anciens.csv"
    file.write_bytes(roster.data)
    log_in(office, secretary.email, secretary.password)

    office.open("/staff/roster")
    office.page.locator("#field-file").set_input_files(file)
    office.send(office.page.locator('main form[method=post][action="/staff/roster"]'))
    office.send(office.form("/apply"))

    office.reload_until("form[action$='/undo']")
    office.open("/staff/roster")
    expect(office.page.locator("main h1 + p")).to_contain_text("2,005" if visit.locale == "en" else "2\u202f005")


def test_a_graduate_of_the_roster_is_let_in_without_staff(own: Window, visit: Visit, mailbox: Mailbox) -> None:
    before = len(mailbox.to(GRADUATE))
    own.open("/sign-up")
    own.fill(
        name="Édith Bravelmin",
        username="edith",
        email=GRADUATE,
        password=PASSWORD,
        given_name="Edith",
        family_name="Bravelmin",
        class_year="1979",
        birth_date="1956-08-20",
        reason="1979",
    )
    own.send(own.form("/sign-up"))
    letter = mailbox.letter(GRADUATE, before + 1)

    own.open(link_of(letter))
    own.send(own.page.locator("main form[method=post]"))

    assert link_of(mailbox.letter(GRADUATE, before + 2)).startswith(visit.node.url)
    log_in(own, GRADUATE, PASSWORD)
    assert own.path == "/"
    expect(own.page.locator("form.composer")).to_be_visible()


def test_they_find_a_classmate_by_a_name_written_without_accents_and_with_a_slip(
    own: Window, visit: Visit, classmate: Account, browser: Browser
) -> None:
    with window(browser, visit.node.url, language=visit.language, phone=visit.phone) as theirs:
        log_in(theirs, classmate.email, classmate.password)
        theirs.open("/settings/cv")
        theirs.page.locator("select[name=listed_to]").select_option("school")
        theirs.send(theirs.form("/settings/cv/answers"))
        theirs.check()

    own.open("/people")
    own.fill(q="eleonor lefevr")
    own.send(own.page.locator('main form[action="/people"]').first)

    own.page.locator("a:has-text('Éléonore Lefèvre')").first.click()
    expect(own.page.locator("h1")).to_contain_text("Éléonore Lefèvre")


def test_they_become_contacts_which_an_app_shows_too(
    own: Window, visit: Visit, classmate: Account, browser: Browser
) -> None:
    own.page.locator('main a[href$="/contact"]').first.click()
    own.fill(how_met="1979", message="Les tilleuls !")
    own.send(own.form("/contact"))

    with window(browser, visit.node.url, language=visit.language, phone=visit.phone) as theirs:
        log_in(theirs, classmate.email, classmate.password)
        theirs.open("/contacts")
        expect(theirs.page.locator("article blockquote").first).to_have_text("Les tilleuls !")
        with theirs.page.expect_navigation():
            theirs.page.locator("button[form^=accept-]").click()
        theirs.check()

    own.open("/contacts")
    expect(own.page.locator("main .rows a:has-text('Éléonore Lefèvre')").first).to_be_visible()
    app = visit.node.app("edith")
    [people] = [one for one in app.lists() if one.title == "Contacts"]
    assert [one.username for one in app.list_accounts(people.id)] == ["eleonore"]


def test_they_pay_their_dues_and_get_a_receipt(own: Window, office: Window, visit: Visit, browser: Browser) -> None:
    treasurer = visit.node.add_member("tancrede", class_year=1985, role="treasurer", name="Tancrède Ossian")
    with window(browser, visit.node.url, language=visit.language, phone=visit.phone) as theirs:
        log_in(theirs, treasurer.email, treasurer.password)
        theirs.open("/staff/dues/plans")
        theirs.fill(name="1979", amount="25")
        theirs.send(theirs.form("/staff/dues/plans"))

        own.open("/dues")
        own.fill(amount="25", paid_on="2026-11-02")
        own.send(own.form("/dues"))

        theirs.open("/staff/dues")
        with theirs.page.expect_navigation():
            theirs.form("/confirm").locator("button:not([formaction])").click()
        theirs.check()

    own.open("/dues")
    own.page.locator('main a[href^="/dues/receipts/"]').first.click()
    expect(own.page.locator("main")).to_contain_text("25")
    paper = own.page.evaluate(_FETCH, f"{own.page.url}.pdf")
    assert paper == [200, "application/pdf", "%PDF-"]


def test_what_is_new_comes_by_mail(visit: Visit, mailbox: Mailbox) -> None:
    visit.node.add_event(
        "Diner 1979",
        start="2027-06-19T18:30",
        end="2027-06-19T23:00",
        zone="Europe/Paris",
        place="Cantine",
        capacity=None,
        text="",
    )
    before = len(mailbox.to(GRADUATE))

    visit.node.run("mail", "digest", "edith")

    letter = mailbox.letter(GRADUATE, before + 1)
    assert "Diner 1979" in text_of(letter)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = letter.get_body(("html",))
    assert html is not None
    assert "Diner 1979" in html.get_content()
