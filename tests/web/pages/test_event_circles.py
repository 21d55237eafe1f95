# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of events that are for the class, the school or its partners."""

import functools
import re

import pytest

from activitypub.addressing import Visibility
from node import events, posts, privacy
from node.privacy.taken import people_in
from node.relationships import Circle
from tests.support.builders import a_member
from tests.web.pages.test_using_the_pages import EVENT


@pytest.fixture
def member(db, password_hash):
    """Makes members who can log in."""
    return functools.partial(a_member, db, password_hash=password_hash)


@pytest.fixture
def ada(member):
    return member("ada", class_year=1999)


def offered(page):
    return re.findall(r'<option value="(public|unlisted|private|direct|class|school|partners)"', page.text)


async def test_the_form_offers_the_readers_that_make_sense(browser, member, ada):
    await browser.log_in(ada)
    assert offered(await browser.get("/events/new")) == ["public", "unlisted", "school", "class", "private"]

    other = type(browser)(browser.client)
    await other.log_in(member())
    assert offered(await other.get("/events/new")) == ["public", "unlisted", "school", "private"]


async def test_an_event_for_the_class_is_for_the_class(services, browser, member, ada):
    mate, other = member(class_year=1999), member(class_year=2004)
    await browser.log_in(ada)
    await browser.get("/events/new")
    page = await browser.post("/events/new", **EVENT, visibility="class")
    path = page.path.partition("?")[0]

    post = services.db.read_now(posts.find, int(path.rpartition("/")[2]))
    assert (post.visibility, post.circle, post.circle_year) == (Visibility.PRIVATE, Circle.CLASS, 1999)
    assert "To the class" in page.words
    assert '<meta name="robots" content="noindex">' in page.text
    for viewer, status in ((mate, 200), (other, 404)):
        reader = type(browser)(browser.client)
        await reader.log_in(viewer)
        assert (await reader.get(path)).status == status
        assert ("To the class" in (await reader.get("/events")).words) is (status == 200)
        assert (await reader.post(f"{path}/going", next="/events")).status == status
    assert [one.id for one in services.db.read_now(events.attendees, post.id)] == [mate.id]


async def test_a_change_leaves_the_circle_as_it_is(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/events/new")
    path = (await browser.post("/events/new", **EVENT, visibility="class")).path.partition("?")[0]

    assert offered(await browser.get(f"{path}/edit")) == []
    await browser.post(f"{path}/edit", **{**EVENT, "title": "Autumn on the quay"}, visibility="public")

    post = services.db.read_now(posts.find, int(path.rpartition("/")[2]))
    assert (post.title, post.circle) == ("Autumn on the quay", Circle.CLASS)


async def test_what_cannot_be_is_said_at_the_field(browser, member):
    secretary = member(roles=("member", "secretary"), class_year=1999)
    await browser.log_in(secretary)
    await browser.get("/events/new")

    page = await browser.post("/events/new", **EVENT, visibility="class", as_association="1")

    assert (page.status, "The association is of no class" in page.words) == (422, True)
    assert '<option value="class" selected>' in page.text
    school = await browser.post("/events/new", **EVENT, visibility="school", as_association="1")
    assert "To the school" in school.words


async def test_without_a_class_year_there_is_no_class_to_invite(browser, member):
    await browser.log_in(member())
    await browser.get("/events/new")

    page = await browser.post("/events/new", **EVENT, visibility="class")

    assert (page.status, "does not say your class year" in page.words) == (422, True)


async def test_the_organiser_takes_the_guest_list_along_and_nobody_else(services, browser, member, ada):
    guest = member("ben", display_name="=Ben", class_year=2004)
    await browser.log_in(ada)
    await browser.get("/events/new")
    page = await browser.post("/events/new", **EVENT, visibility="school")
    path = page.path.partition("?")[0]
    assert "guest list" not in (await browser.get(path)).words
    number = int(path.rpartition("/")[2])
    services.db.write_now(events.join, guest.actor, number)

    assert "Take the guest list along" in (await browser.get(path)).words
    file = await browser.get(f"{path}/guests.csv")

    assert file.text.splitlines()[1:] == [f"'=Ben;ben;{guest.actor.school or ''};2004"]
    [taken] = services.db.read_now(privacy.staff_exports_before)
    assert (taken.what, taken.by.id, taken.row_count) == (privacy.Taken.ATTENDEES, ada.id, 1)
    assert list(services.db.read_now(people_in, taken.id)) == [guest.id]
    other = type(browser)(browser.client)
    await other.log_in(guest)
    assert "guest list" not in (await other.get(path)).words
    assert (await other.get(f"{path}/guests.csv")).status == 404
