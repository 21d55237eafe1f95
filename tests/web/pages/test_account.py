# SPDX-License-Identifier: AGPL-3.0-or-later
"""Aliases, moving and deleting one's account, on the page for it."""

from dataclasses import replace

import pytest

from node import actors, members, privacy, relationships
from node.actors import ProfileChange
from node.kernel import clock
from node.kernel.errors import NotFound
from tests.support.builders import a_post, a_remote_actor, an_actor
from tests.web.pages.conftest import PASSWORD


async def test_an_alias_is_added_and_taken_away(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/settings/account")

    page = await browser.post("/settings/account/aliases", alias="@ben")

    assert "@ben" in page.words
    assert services.db.read_now(actors.get, ada.id).also_known_as == (ben.actor.uri,)
    await browser.post("/settings/account/aliases/remove", uri=ben.actor.uri)
    assert services.db.read_now(actors.get, ada.id).also_known_as == ()
    unknown = await browser.post("/settings/account/aliases", alias="@nobody")
    assert (unknown.status, "There is no such account." in unknown.words) == (422, True)


async def test_a_member_moves_to_an_account_that_names_them(services, browser, ada, ben):
    eve = an_actor(services.db, "eve")
    services.db.write_now(relationships.follow, eve, ada.actor)
    await browser.log_in(ada)
    await browser.get("/settings/account")
    refused = await browser.post("/settings/account/move", target="@ben", move_password=PASSWORD)
    assert (refused.status, "does not name this one yet" in refused.words) == (422, True)
    services.db.write_now(relationships.add_alias, ben.actor, ada.actor)
    wrong = await browser.post("/settings/account/move", target="@ben", move_password="wrong")
    assert "This is not your password." in wrong.words

    page = await browser.post("/settings/account/move", target="@ben", move_password=PASSWORD)

    assert "You have moved to Ben Okoro" in page.words
    assert "Ben Okoro" in (await browser.get("/@ada")).words
    assert services.db.read_now(actors.get, ada.id).moved_to == ben.actor.uri
    await browser.get("/settings/account")
    again = await browser.post("/settings/account/move", target="@ben", move_password=PASSWORD)
    assert again.status == 409
    await browser.post("/settings/account/stay")
    assert services.db.read_now(actors.get, ada.id).moved_to is None


async def test_a_member_deletes_their_account(services, browser, ada):
    ann = a_remote_actor(services.db, "ann")
    services.db.write_now(relationships.follow, ada.actor, ann)
    await browser.log_in(ada)
    await browser.get("/settings/account")
    assert (await browser.post("/settings/account/delete", password=PASSWORD)).status == 422
    assert (await browser.post("/settings/account/delete", password="wrong", sure="1")).status == 422

    page = await browser.post("/settings/account/delete", password=PASSWORD, sure="1")

    assert "Your account is deleted in fourteen days." in page.words
    assert browser.cookie == ""
    assert services.db.read_now(privacy.due_departures, clock.now()) == []
    assert (await browser.get("/@ada")).status == 404
    later = clock.now() + privacy.GRACE
    assert services.db.read_now(privacy.due_departures, later) == [ada.id]
    services.db.write_now(lambda tx: privacy.depart(replace(tx, now=later), ada.id))
    with pytest.raises(NotFound):
        services.db.read_now(members.get, ada.id)
    assert (await browser.get("/@ada")).status == 410
    assert "not right" in (await browser.log_in(ada)).words or browser.page.status == 403


async def test_whoever_logs_in_again_keeps_their_account(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/account")
    await browser.post("/settings/account/delete", password=PASSWORD, sure="1")
    later = clock.now() + privacy.GRACE

    page = await browser.log_in(ada)
    assert page.path.startswith("/login/back/")
    await browser.post(page.path)
    await browser.log_in(ada)

    assert services.db.read_now(privacy.due_departures, later) == []
    services.db.write_now(lambda tx: privacy.depart(replace(tx, now=later), ada.id))
    assert services.db.read_now(members.get, ada.id).is_active
    words = (await browser.get("/settings/privacy")).words
    assert "You asked for the account to be deleted" in words
    assert "The account was kept after all" in words


async def test_the_pages_of_strangers_are_not_open(browser):
    assert (await browser.get("/settings/account")).path.startswith("/login")


async def test_search_engines_are_kept_away_unless_the_member_lets_them_in(services, browser, ada):
    number = a_post(services.db, ada.actor, "Hello")
    for path in ("/@ada", f"/@ada/{number}"):
        assert '<meta name="robots" content="noindex">' in (await browser.get(path)).text
    services.db.write_now(relationships.update_profile, ada.actor, ProfileChange(indexable=True))

    for path in ("/@ada", f"/@ada/{number}"):
        assert "noindex" not in (await browser.get(path)).text
