# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quoting on the pages, taking a quote back, and setting a post for later."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from node import posts
from node.kernel import clock
from node.kernel.paging import Page
from node.posts import QuotePolicy, QuoteState
from tests.support.builders import a_post


async def test_a_member_quotes_a_post_and_its_author_takes_it_back(services, browser, ada, ben):
    db, post_id = services.db, a_post(services.db, ben.actor, "The first word")
    await browser.log_in(ada)
    assert f'name="quote" value="{post_id}"' in (await browser.get(f"/?quote={post_id}")).text

    await browser.post("/posts", text="Hear, hear", quote=str(post_id), visibility="public", quote_policy="followers")

    [quoting] = db.read_now(posts.quoting_ids, post_id, None, Page())
    assert posts.chosen_quote_policy(db.read_now(posts.find, quoting)) is QuotePolicy.FOLLOWERS
    assert f"/@ben/{post_id}/quotes" in (await browser.get(f"/@ben/{post_id}")).text
    await browser.post("/logout")
    await browser.log_in(ben)
    assert "Hear, hear" in (await browser.get(f"/@ben/{post_id}/quotes")).words

    await browser.post(f"/posts/{post_id}/quotes/{quoting}/revoke", next=f"/@ben/{post_id}/quotes")

    assert "Nobody has quoted this post." in browser.page.words
    assert db.read_now(posts.find, quoting).quote_state is QuoteState.REVOKED


async def test_a_post_is_set_for_later_and_called_off(services, browser, ada):
    at = clock.now() + timedelta(days=1)
    local = at.astimezone(ZoneInfo(ada.timezone))
    await browser.log_in(ada)
    await browser.get("/")

    page = await browser.post("/posts", text="Tomorrow", visibility="public", later=f"{local:%Y-%m-%dT%H:%M}")
    [waiting] = services.db.read_now(posts.scheduled.page, ada.id, Page())

    assert (page.path, "Tomorrow" in page.words) == ("/later?done=later", True)
    assert abs(waiting.scheduled_at - at) < timedelta(minutes=1)
    page = await browser.post(f"/later/{waiting.id}/cancel")
    assert "Nothing waits to be published." in page.words


@pytest.mark.parametrize("when", ["soon", "2020-01-01T10:00"])
async def test_a_time_that_cannot_be_comes_back_with_what_was_typed(browser, ada, when):
    await browser.log_in(ada)
    await browser.get("/")

    page = await browser.post("/posts", text="Typed with care", visibility="public", later=when)

    assert (page.status, "Typed with care" in page.text, when in page.text) == (422, True, True)


async def test_a_stranger_is_led_to_the_login(browser):
    assert (await browser.get("/later")).path.startswith("/login")
