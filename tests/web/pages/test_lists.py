# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists and followed hashtags on the pages."""

import pytest

from node import lists, relationships, timelines
from node.kernel.paging import Page
from tests.support.builders import a_post


async def test_a_list_is_made_filled_read_changed_and_deleted(services, browser, ada, ben):
    services.db.write_now(relationships.follow, ada.actor, ben.actor)
    a_post(services.db, ben.actor, "Low tide at noon")
    await browser.log_in(ada)
    await browser.get("/lists")

    page = await browser.post("/lists", title="Rowers")
    [made] = services.db.read_now(lists.own, ada.id)
    path = f"/lists/{made.id}"
    assert "Rowers" in page.words
    await browser.post(f"{path}/people", person=str(ben.id))
    assert services.db.read_now(lists.account_ids, made.id) == {ben.id}
    assert "Low tide at noon" in (await browser.get(path)).words

    await browser.post(f"{path}/edit", title="Crew", replies_policy="none", exclusive="1")
    [changed] = services.db.read_now(lists.own, ada.id)
    assert (changed.title, changed.replies_policy, changed.exclusive) == ("Crew", "none", True)
    await browser.post(f"{path}/people/{ben.id}/remove")
    assert services.db.read_now(lists.account_ids, made.id) == set()
    assert "Delete this list?" in (await browser.get(f"{path}/delete")).words
    await browser.post(f"{path}/delete")
    assert services.db.read_now(lists.own, ada.id) == []


async def test_a_list_without_a_name_is_asked_for_one(browser, ada):
    await browser.log_in(ada)
    await browser.get("/lists")

    page = await browser.post("/lists", title=" ")

    assert (page.status, "Title can't be blank" in page.words) == (422, True)


async def test_the_lists_of_the_network_are_read_and_not_changed(services, browser, ada, ben):
    a_post(services.db, ben.actor, "Low tide at noon")
    await browser.log_in(ada)

    assert "My school" in (await browser.get("/lists")).words
    assert "Low tide at noon" in (await browser.get("/lists/2")).words
    assert (await browser.get("/lists/2/edit")).status == 404


@pytest.mark.parametrize("path", ["", "/edit", "/delete"])
async def test_the_list_of_somebody_else_is_not_there(services, browser, ada, ben, path):
    theirs = services.db.write_now(lists.create, ben.actor, "Mine")
    await browser.log_in(ada)

    assert (await browser.get(f"/lists/{theirs.id}{path}")).status == 404


async def test_a_hashtag_is_followed_and_left(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/tags")

    page = await browser.post("/settings/tags", tag="#Quay")
    assert "#Quay" in page.words
    await browser.post("/settings/tags/unfollow", tag="quay")

    assert services.db.read_now(timelines.followed_tags, ada.id, Page()) == []
