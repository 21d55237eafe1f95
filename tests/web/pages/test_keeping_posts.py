# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bookmarks, favourites, who did what with a post, and conversations that one hears no more of, on the pages."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import update

from activitypub.addressing import Visibility
from activitypub.emojis import Reaction
from node import posts
from node.media.tables import media
from node.posts import store
from tests.support.builders import a_member, a_post, a_remote_actor


@pytest.mark.parametrize(
    ("do", "undo", "path"), [("bookmark", "unbookmark", "/bookmarks"), ("favourite", "unfavourite", "/favourites")]
)
async def test_a_post_is_kept_found_and_let_go(services, browser, ada, ben, do, undo, path):
    post_id = a_post(services.db, ben.actor, "Low tide at noon")
    await browser.log_in(ada)
    assert f"/posts/{post_id}/{do}" in (await browser.get(f"/@ben/{post_id}")).text

    await browser.post(f"/posts/{post_id}/{do}", next=path)

    assert (browser.page.path, "Low tide at noon" in browser.page.words) == (path, True)
    assert f"/posts/{post_id}/{undo}" in browser.page.text
    await browser.post(f"/posts/{post_id}/{undo}", next=path)
    assert "will stand here" in browser.page.words


async def test_what_is_kept_comes_in_pages(services, browser, ada, ben):
    for number in range(21):
        services.db.write_now(posts.bookmark, ada.actor, a_post(services.db, ben.actor, f"Tide {number:02}"))
    await browser.log_in(ada)

    first = await browser.get("/bookmarks")
    older = first.text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]

    assert "Tide 20" in first.words
    assert "Tide 00" not in first.words
    assert "Tide 00" in (await browser.get(older)).words


async def test_members_see_whose_favourite_a_post_is_and_who_shared_it(services, browser, ada, ben):
    post_id = a_post(services.db, ada.actor, "Low tide at noon")
    services.db.write_now(posts.favourite, ben.actor, post_id)
    services.db.write_now(posts.boost, a_member(services.db, "cleo").actor, post_id)
    await browser.log_in(ben)
    menu = (await browser.get(f"/@ada/{post_id}")).text
    assert f"/@ada/{post_id}/favourites" in menu
    assert f"/@ada/{post_id}/shares" in menu

    favourites, shares = [await browser.get(f"/@ada/{post_id}/{what}") for what in ("favourites", "shares")]

    assert ("Ben Okoro" in favourites.words, "Cleo" in favourites.words) == (True, False)
    assert ("@cleo" in shares.words, "@ben" in shares.words.split("Cleo")[-1]) == (True, False)


async def test_the_emoji_with_which_people_elsewhere_liked_it_stands_beside_them(services, browser, ada):
    post_id = a_post(services.db, ada.actor, "Low tide at noon")
    post = services.db.read_now(posts.find, post_id)
    cap = Reaction("cap", "https://far.example/cap.png")
    for name, reaction in (("ann", Reaction("🎉")), ("bea", cap), ("cy", None)):
        fan = a_remote_actor(services.db, name)
        services.db.write_now(store.like, fan, post, f"{fan.uri}/like", reaction=reaction)
    await browser.log_in(ada)

    page = await browser.get(f"/@ada/{post_id}/favourites")

    assert ">Ann</a> 🎉" in page.text
    assert re.search(r'>Bea</a> <img class="emoji" src="https://harbour.example/proxy/[^"]+" alt=":cap:"', page.text)
    assert not re.search(r">Cy</a> \S", page.text)


async def test_of_a_post_that_one_may_not_read_nobody_is_shown(services, browser, ada, ben):
    post_id = a_post(services.db, ada.actor, "Mine alone", visibility=Visibility.DIRECT)
    await browser.log_in(ben)

    for what in ("favourites", "shares"):
        assert (await browser.get(f"/@ada/{post_id}/{what}")).status == 404


async def test_a_conversation_is_silenced_from_the_menu(services, browser, ada, ben):
    post_id = a_post(services.db, ada.actor, "Who rows?")
    await browser.log_in(ada)
    await browser.get(f"/@ada/{post_id}")

    page = await browser.post(f"/posts/{post_id}/unhear", next=f"/@ada/{post_id}")

    assert services.db.read_now(posts.flags, ada.id, [post_id])[post_id].muted
    assert "Hear of this conversation again" in page.words
    await browser.post(f"/posts/{post_id}/hear", next=f"/@ada/{post_id}")
    assert services.db.read_now(posts.flags, ada.id, [post_id]) == {}


async def test_a_stranger_is_led_to_the_login(browser):
    for path in ("/bookmarks", "/favourites"):
        assert (await browser.get(path)).path.startswith("/login")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"type": "video", "mime": "video/mp4"}, '<video controls preload="none" playsinline src="'),
        ({"type": "gifv", "mime": "video/mp4"}, '<video controls preload="none" playsinline loop muted src="'),
        ({"type": "audio", "mime": "audio/mpeg"}, '<audio controls preload="none" src="'),
        # What is elsewhere is not loaded by the page: its server would learn who looks.
        (
            {"type": "video", "mime": "video/mp4", "file": None, "remote_url": "https://far.example/a.mp4"},
            'class="file"',
        ),
    ],
)
async def test_a_film_or_a_sound_of_ours_is_played_where_it_stands(services, browser, ada, values, shown):
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, "PNG")
    taken = await services.uploads.take(ada.id, file.getvalue(), description="The race")
    post_id = a_post(services.db, ada.actor, "See", media_ids=(taken.id,))
    services.db.write_now(lambda tx: tx.conn.execute(update(media).values(**values)))

    page = await browser.get(f"/@ada/{post_id}")

    assert shown in page.text
    assert "The race" in page.words
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    assert ("<video" in page.text or "<audio" in page.text) is ("remote_url" not in values)
