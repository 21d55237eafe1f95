# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaving people and networks alone, notes, ways of following, and what is shown on a profile, on the pages."""

from datetime import timedelta

import pytest

from node import actors, posts, relationships
from node.actors import ProfileChange
from node.kernel import clock
from node.kernel.paging import Page
from node.relationships import networks, ties
from tests.support.builders import a_post, a_remote_actor


def between(db, one, other):
    return db.read_now(relationships.between, one.id, [other.id])[other.id]


async def test_somebody_is_muted_for_a_while_and_heard_again(services, browser, ada, ben):
    db = services.db
    a_post(db, ben.actor, "Low tide at noon")
    await browser.log_in(ada)
    assert f"/people/{ben.id}/mute" in (await browser.get("/@ben")).text
    assert "Mute Ben Okoro" in (await browser.get(f"/people/{ben.id}/mute")).words

    page = await browser.post(f"/people/{ben.id}/mute", length="86400", notifications="1")

    found = between(db, ada, ben)
    assert (found.muting, found.muting_notifications) == (True, True)
    assert timedelta(hours=23) < found.muting_expires_at - clock.now() < timedelta(hours=25)
    assert (page.path, "You hear nothing of this account until" in page.words) == ("/@ben?done=muted", True)
    assert "Low tide" not in (await browser.get("/local")).words
    assert "Ben Okoro" in (await browser.get("/settings/muted")).words
    await browser.post(f"/people/{ben.id}/unmute", next="/settings/muted")
    assert "You mute nobody." in browser.page.words
    assert not between(db, ada, ben).muting


async def test_a_mute_without_an_end_may_leave_notifications(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get(f"/people/{ben.id}/mute")

    await browser.post(f"/people/{ben.id}/mute", length="12")

    found = between(services.db, ada, ben)
    assert (found.muting, found.muting_notifications, found.muting_expires_at) == (True, False, None)


async def test_somebody_is_blocked_and_unblocked(services, browser, ada, ben):
    services.db.write_now(relationships.follow, ada.actor, ben.actor)
    await browser.log_in(ada)
    assert "Block this account?" in (await browser.get(f"/people/{ben.id}/block")).words

    page = await browser.post(f"/people/{ben.id}/block")

    assert (page.path, "Ben Okoro" in page.words) == ("/settings/blocked?done=blocked", True)
    found = between(services.db, ada, ben)
    assert (found.blocking, found.following) == (True, False)
    await browser.post(f"/people/{ben.id}/unblock", next="/settings/blocked")
    assert "You block nobody." in browser.page.words


async def test_a_network_is_blocked_from_a_profile_or_by_its_name(services, browser, ada):
    db, ann = services.db, a_remote_actor(services.db, "ann")
    db.write_now(relationships.follow, ada.actor, ann)
    await browser.log_in(ada)
    asked = await browser.get(f"/people/{ann.id}/block-network")
    assert "Block all of far.example" in asked.words

    page = await browser.post(f"/people/{ann.id}/block-network")
    assert "far.example" in page.words
    assert between(db, ada, ann).domain_blocking
    assert "You block everything from far.example." in (await browser.get("/@ann@far.example")).words
    await browser.get("/settings/networks")
    await browser.post("/settings/networks", domain="spam.example")

    assert [name for _, name in db.read_now(networks.blocked_networks, ada.id, Page())] == [
        "spam.example",
        "far.example",
    ]
    wrong = await browser.post("/settings/networks", domain="not a name")
    assert (wrong.status, 'value="not a name"' in wrong.text) == (422, True)
    for name in ("far.example", "spam.example"):
        await browser.post("/settings/networks/unblock", domain=name)
    assert "You block no network." in browser.page.words


async def test_a_note_is_for_oneself_alone(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/@ben")

    page = await browser.post(f"/people/{ben.id}/note", comment="Knows about dams", next="/@ben")

    assert "Knows about dams" in page.text
    await browser.log_in(ben)
    assert "Knows about dams" not in (await browser.get("/@ben")).text
    assert between(services.db, ada, ben).note == "Knows about dams"


async def test_one_follows_in_ones_own_way(services, browser, ada, ben):
    db = services.db
    await browser.log_in(ada)
    await browser.get("/@ben")
    assert (await browser.post(f"/people/{ben.id}/following", notify="1")).status == 404
    db.write_now(relationships.follow, ada.actor, ben.actor)
    await browser.get("/@ben")

    await browser.post(f"/people/{ben.id}/following", notify="1", next="/@ben")

    found = between(db, ada, ben)
    assert (found.showing_boosts, found.notifying) == (False, True)


async def test_a_follower_is_sent_away(services, browser, ada, ben):
    services.db.write_now(relationships.follow, ben.actor, ada.actor)
    await browser.log_in(ada)
    assert f"/people/{ben.id}/remove-follower" in (await browser.get("/@ben")).text

    await browser.post(f"/people/{ben.id}/remove-follower", next="/@ben")

    assert not between(services.db, ada, ben).followed_by


async def test_who_asks_to_follow_is_let_in_from_a_page_of_its_own(services, browser, ada, ben):
    db = services.db
    db.write_now(relationships.update_profile, ada.actor, ProfileChange(locked=True))
    db.write_now(relationships.follow, ben.actor, db.read_now(actors.get, ada.id))
    await browser.log_in(ada)
    assert "Ben Okoro" in (await browser.get("/requests")).words

    await browser.post(f"/requests/{ben.id}/accept", next="/requests")

    assert "Nobody waits for your answer." in browser.page.words
    assert between(services.db, ada, ben).followed_by


async def test_people_and_hashtags_are_shown_on_a_profile_and_taken_away(services, browser, ada, ben):
    db = services.db
    a_post(db, ada.actor, "At the #quay")
    db.write_now(relationships.follow, ada.actor, ben.actor)
    await browser.log_in(ada)
    await browser.get("/@ben")
    await browser.post(f"/people/{ben.id}/endorse", next="/@ben")
    assert "#quay" in (await browser.get("/settings/shown")).words

    await browser.post("/settings/shown/tags", tag="Rowing")

    assert "#Rowing" in browser.page.words
    wrong = await browser.post("/settings/shown/tags", tag="two words")
    assert (wrong.status, 'value="two words"' in wrong.text) == (422, True)
    profile = await browser.get("/@ada")
    assert "Ada Winter recommends" in profile.words
    assert "Ben Okoro" in profile.words
    assert "#Rowing" in profile.words
    assert "Ben Okoro" in (await browser.get("/@ada/recommends")).words
    [tag] = db.read_now(posts.tags_of, ada.id)
    await browser.get("/settings/shown")
    await browser.post(f"/settings/shown/tags/{tag.id}/remove")
    await browser.post(f"/people/{ben.id}/unendorse", next="/settings/shown")
    assert db.read_now(posts.tags_of, ada.id) == []
    assert db.read_now(ties.endorsed, ada.id, Page()) == []


async def test_who_does_not_want_to_show_it_shows_it_to_themselves_alone(services, browser, ada, ben):
    db = services.db
    db.write_now(relationships.follow, ada.actor, ben.actor)
    db.write_now(ties.endorse, ada.actor, ben.actor)
    db.write_now(posts.feature_tag, ada.actor, "Rowing")
    db.write_now(relationships.update_profile, ada.actor, ProfileChange(show_featured=False))
    await browser.log_in(ada)
    assert "#Rowing" in (await browser.get("/@ada")).words
    await browser.log_in(ben)

    profile = await browser.get("/@ada")

    assert "#Rowing" not in profile.words
    assert "recommends" not in profile.words
    assert (await browser.get("/@ada/recommends")).status == 404


@pytest.mark.parametrize("what", ["mute", "block"])
async def test_one_cannot_leave_oneself_alone(browser, ada, what):
    await browser.log_in(ada)

    assert (await browser.get(f"/people/{ada.id}/{what}")).status == 404
    assert (await browser.get(f"/people/9999/{what}")).status == 404
    await browser.get("/settings/networks")
    assert (await browser.post(f"/people/{ada.id}/{what}")).status == 422


async def test_the_network_of_a_neighbour_cannot_be_blocked(browser, ada, ben):
    await browser.log_in(ada)

    assert (await browser.get(f"/people/{ben.id}/block-network")).status == 404


async def test_the_page_of_settings_leads_everywhere(browser, ada):
    await browser.log_in(ada)
    page = await browser.get("/settings")
    links = {part.partition('"')[0] for part in page.text.split('<li><a href="')[1:]}

    for address in sorted(links):
        assert (await browser.get(address)).status == 200, address
    assert len(links) > 12


async def test_a_stranger_is_led_to_the_login(browser, ada):
    for path in (
        "/settings", "/settings/muted", "/settings/blocked", "/settings/networks", "/settings/shown", "/requests",
        f"/people/{ada.id}/mute", f"/people/{ada.id}/block", f"/people/{ada.id}/block-network", "/@ada/recommends",
    ):  # fmt: skip
        assert (await browser.get(path)).path.startswith("/login"), path
