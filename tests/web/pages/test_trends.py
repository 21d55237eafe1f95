# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many talk about on the pages, and hiding from it."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from node import posts, trends
from node.actors.tables import actors
from node.kernel import clock
from node.trends.computing import computed
from tests.support.builders import a_member, a_post, an_actor
from tests.trends.test_trends import about_page

URL = "https://press.example/quay"


@pytest.fixture
def talk(services):
    """Three use a hashtag, link to a page, and like a post."""
    services.db.site = replace(services.db.site, has_previews=False)
    crowd = [an_actor(services.db, name) for name in ("cleo", "dan", "eve", "finn")]
    services.db.write_now(lambda tx: tx.conn.execute(update(actors).values(discoverable=True, indexable=True)))
    about_page(services.db, [a_post(services.db, one, f"#Tea {URL}") for one in crowd[:3]])
    liked = a_post(services.db, crowd[3], "The kettle is on")
    for one in crowd[:3]:
        services.db.write_now(posts.favourite, one, liked)
    services.db.write_now(trends.actions.replace, services.db.read_now(computed, clock.now()), 0)


@pytest.fixture
def mona(services, password_hash):
    """A moderator."""
    return a_member(services.db, "mona", roles=("member", "moderator"), password_hash=password_hash)


async def test_anybody_sees_what_is_talked_about(browser, talk):
    page = await browser.get("/explore")

    assert "#Tea 3 people in the last days" in page.words
    assert f'href="{URL}"' in page.text
    assert "The kettle is on" in page.words


async def test_where_nothing_is_talked_about_the_page_says_so(browser, ada):
    await browser.log_in(ada)

    page = await browser.get("/explore")

    assert "once several people do" in page.words


async def test_the_staff_hides_and_shows_again(services, browser, talk, mona):
    await browser.log_in(mona)
    page = await browser.get("/staff/trends")
    assert "#Tea" in page.words
    assert URL in page.words

    page = await browser.post("/staff/trends/hide", kind="tag", ref="tea")
    assert "Show again" in page.words
    assert "#Tea" not in (await browser.get("/explore")).words
    await browser.get("/staff/trends")
    await browser.post("/staff/trends/show", kind="tag", ref="tea")
    assert "#Tea" in (await browser.get("/explore")).words


@pytest.mark.parametrize(("kind", "ref"), [("tag", "coffee"), ("nonsense", "tea"), ("status", "tea"), ("", "")])
async def test_what_does_not_trend_cannot_be_hidden(services, browser, talk, mona, kind, ref):
    await browser.log_in(mona)
    await browser.get("/staff/trends")

    assert (await browser.post("/staff/trends/hide", kind=kind, ref=ref)).status == 404


async def test_others_hide_nothing(services, browser, talk, ada):
    await browser.log_in(ada)
    assert (await browser.get("/staff/trends")).status == 403
    await browser.get("/settings/profile")

    assert (await browser.post("/staff/trends/hide", kind="tag", ref="tea")).status == 403
    assert services.db.read_now(trends.hidden) == []


async def test_another_site_cannot_hide_anything(services, browser, talk, mona):
    await browser.log_in(mona)
    await browser.get("/staff/trends")

    answer = await browser.post("/staff/trends/hide", kind="tag", ref="tea", csrf="wrong")

    assert answer.status == 403
    assert services.db.read_now(trends.hidden) == []
