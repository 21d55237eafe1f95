# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a profile shows and to whom, and how one posts unless one chooses otherwise, on the pages."""

import io

import aiohttp
from PIL import Image

from activitypub.addressing import Visibility
from node import actors, members, relationships
from node.actors import ProfileChange
from tests.support.builders import a_post
from tests.web.asking import BASE, HOST

FORM = {"name": "Ada Winter", "zone": "Europe/Paris", "show_featured": "1", "show_media": "1"}


def a_picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, "PNG")
    return file.getvalue()


async def test_the_form_sets_what_is_shown_and_the_defaults(services, browser, ada):
    await browser.log_in(ada)
    page = await browser.get("/settings/profile")
    assert 'name="show_media" type="checkbox" value="1" checked' in page.text

    await browser.post(
        "/settings/profile",
        name="Ada Winter",
        hide_collections="1",
        show_featured="1",
        visibility="unlisted",
        quote_policy="followers",
    )

    after = services.db.read_now(members.get, ada.id)
    assert (after.actor.hide_collections, after.actor.show_featured) == (True, True)
    assert (after.actor.show_media, after.actor.show_media_replies) == (False, False)
    assert (after.default_visibility, after.default_quote_policy) == (Visibility.UNLISTED, "followers")
    home = await browser.get("/")
    assert '<option value="unlisted" selected>' in home.text
    assert '<option value="followers" selected>' in home.text


async def test_what_is_no_choice_changes_nothing(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/profile")

    await browser.post("/settings/profile", **FORM, visibility="everywhere", quote_policy="perhaps")

    after = services.db.read_now(members.get, ada.id)
    assert (after.default_visibility, after.default_quote_policy) == (Visibility.PUBLIC, "public")


async def test_a_portrait_is_set_and_removed(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/profile")
    form = aiohttp.FormData({**FORM, "csrf": browser.page.csrf})
    form.add_field("avatar", a_picture(), filename="a.png")
    sent = {"Host": HOST, "Origin": BASE, "Cookie": f"__Host-alumnode={browser.cookie}"}
    async with browser.client.post("/settings/profile", data=form, headers=sent, allow_redirects=False) as answer:
        assert answer.status == 303
    assert services.db.read_now(actors.get, ada.id).avatar is not None
    assert "Remove the portrait" in (await browser.get("/settings/profile")).words

    await browser.post("/settings/profile", **FORM, remove_avatar="1")

    assert services.db.read_now(actors.get, ada.id).avatar is None
    assert "Remove the portrait" not in (await browser.get("/settings/profile")).words


async def test_a_profile_shows_answers_and_pictures_by_themselves(services, browser, ada, ben):
    db = services.db
    start = a_post(db, ben.actor, "Who rows?")
    pictures = [(await services.uploads.take(ada.id, a_picture())).id for _ in range(2)]
    a_post(db, ada.actor, "Rowers at the quay", media_ids=(pictures[0],))
    a_post(db, ada.actor, "Here is one", in_reply_to_id=start, media_ids=(pictures[1],))
    a_post(db, ada.actor, "Only words")
    await browser.log_in(ben)

    plain, answers, media = [(await browser.get(f"/@ada{part}")).words for part in ("", "?show=answers", "?show=media")]

    assert ("Only words" in plain, "Here is one" in plain) == (True, False)
    assert ("Only words" in answers, "Here is one" in answers) == (True, True)
    assert ("Rowers" in media, "Here is one" in media, "Only words" in media) == (True, True, False)
    db.write_now(relationships.update_profile, ada.actor, ProfileChange(show_media_replies=False))
    assert "Here is one" not in (await browser.get("/@ada?show=media")).words
    db.write_now(relationships.update_profile, db.read_now(actors.get, ada.id), ProfileChange(show_media=False))
    page = await browser.get("/@ada?show=media")
    assert ("With pictures" in page.words, "Only words" in page.words) == (False, True)
