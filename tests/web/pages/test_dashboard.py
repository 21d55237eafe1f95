# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of those who run the association: everybody is led to what is theirs, and figures name nobody."""

import pytest

from node import contacts, members, privacy, profiles
from node.members import Entry, NewMember
from node.moderation import deaths
from tests.support import builders
from tests.support.builders import a_member
from tests.support.statements import statements
from web.pages.dashboard import WAYS
from web.pages.routes import ROUTES


@pytest.fixture
def log_in(services, browser, password_hash):
    """Log somebody in who holds some roles."""

    async def to_log_in(*roles):
        return await browser.log_in(
            a_member(services.db, "claire", class_year=1998, roles=("member", *roles), password_hash=password_hash)
        )

    return to_log_in


def test_every_page_of_the_staff_is_led_to():
    pages = {route.path for route in ROUTES if route.method == "GET" and route.path.startswith("/staff/")}

    led_to = {way.path for _, ways in WAYS for way in ways}

    # A file is offered on the page of what it holds.
    assert {path for path in pages if "{" not in path and not path.endswith("/export")} <= led_to


@pytest.mark.parametrize("role", ["delegate", "moderator", "treasurer", "secretary", "board", "admin"])
async def test_whoever_has_a_part_is_led_to_pages_that_open(browser, log_in, role):
    page = await log_in(role)
    assert 'href="/staff"' in page.text

    page = await browser.get("/staff")
    assert page.status == 200
    mine = {way.path for _, ways in WAYS for way in ways if role in way.roles}
    body = page.text.partition("<main")[2].partition("</main>")[0]
    shown = {way.path for _, ways in WAYS for way in ways if f'href="{way.path}"' in body}

    assert shown == mine
    for path in sorted(mine):
        assert (await browser.get(path)).status == 200, path


async def test_it_is_nothing_for_other_members(browser, log_in):
    page = await log_in("event_manager")

    assert 'href="/staff"' not in page.text
    assert (await browser.get("/staff")).status == 403


async def test_small_numbers_of_people_are_not_told(services, browser, log_in):
    for number in range(7):
        a_member(services.db, f"old{number}", class_year=1976)
    for number in range(3):
        a_member(services.db, f"new{number}", class_year=2019)
    await log_in("board")

    page = await browser.get("/staff")

    assert "1976 5 " in page.words
    assert "2019 fewer than 5 " in page.words
    assert "Members 10 " in page.words
    assert "Members who came in the last 30 days fewer than 5" in page.words
    assert "Events to come 0" in page.words


async def test_who_reads_all_figures_takes_them_along_as_a_table_and_that_is_kept_in_mind(services, browser, log_in):
    for number in range(7):
        a_member(services.db, f"old{number}", class_year=1976)
    for number in range(3):
        a_member(services.db, f"new{number}", class_year=2019)
    await log_in("secretary")
    assert 'href="/staff/export"' in (await browser.get("/staff")).text

    page = await browser.get("/staff/export")

    assert page.headers["Content-Type"].startswith("text/csv")
    lines = page.text.removeprefix("\ufeff").splitlines()
    assert "Members by class;1976;5" in lines
    assert "Members by class;2019;<5" in lines
    assert "How it stands;Members;10" in lines
    assert len([line for line in lines if line.startswith("Who joined;")]) == 12
    assert [line for line in lines if line.startswith("Who joined;")][-1].endswith(";10")
    assert [one.what for one in services.db.read_now(privacy.staff_exports_before)] == [privacy.Taken.FIGURES]


async def test_the_table_is_for_those_who_read_all_of_it(browser, log_in):
    await log_in("moderator")
    assert "/staff/export" not in (await browser.get("/staff")).text
    assert (await browser.get("/staff/export")).status == 403


async def test_figures_of_classes_are_for_the_board_and_the_secretary(services, browser, log_in):
    for number in range(7):
        a_member(services.db, f"old{number}", class_year=1976)
    await log_in("moderator")

    assert "1976" not in (await browser.get("/staff")).words


async def test_work_that_waits_is_counted(services, browser, log_in):
    new = NewMember(username="nina", email="nina@mail.example", password_hash="-")
    services.db.write_now(members.sign_up, new, builders.keys(), Entry(confirmed=True, approved=False, reason=""))
    await log_in("secretary")

    assert "Who would like to join 1 waits" in (await browser.get("/staff")).words


async def test_the_page_takes_as_many_statements_however_many_there_are(services, browser, log_in):
    await log_in("admin")

    async def asked():
        with statements(services.db) as ran:
            await browser.get("/staff")
        return len(ran)

    await asked()
    before = await asked()
    assert before > 5
    for number in range(12):
        a_member(services.db, f"more{number}", class_year=1980 + number)

    # What is looked up now and then (when a session was seen last) may come or not: far from one for each member.
    assert await asked() < before + 6


async def test_home_says_what_waits_and_leads_there(services, browser, log_in):
    page = await log_in("secretary")
    assert 'href="/welcome"' in page.text
    assert "Who would like to join" not in page.words
    claire = services.db.read_now(members.by_login, "claire")
    services.db.write_now(
        profiles.answer, claire.id, listed_to=profiles.Listing.SCHOOL, federation_mode=profiles.FederationMode.LOCAL
    )
    for name in ("ben", "ines"):
        services.db.write_now(contacts.ask, a_member(services.db, name, class_year=1998).actor, claire.actor)
    services.db.write_now(deaths.report, None, a_member(services.db, "old").actor, "A friend said so.")

    page = await browser.get("/")

    assert "Say who may find you here" not in page.words
    assert "People who ask to be your contact 2" in page.words
    assert "Members who have died 1" in page.words


async def test_home_is_quiet_about_what_is_not_ones_own(services, browser, log_in):
    await log_in()
    services.db.write_now(deaths.report, None, a_member(services.db, "old").actor, "A friend said so.")

    assert "Members who have died" not in (await browser.get("/")).words


async def test_a_delegate_of_no_class_has_a_home_all_the_same(services, browser, password_hash):
    olga = a_member(services.db, "olga", roles=("member", "delegate"), password_hash=password_hash)

    assert (await browser.log_in(olga)).status == 200
    assert (await browser.get("/staff")).status == 200
