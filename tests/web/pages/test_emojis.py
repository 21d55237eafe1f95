# SPDX-License-Identifier: AGPL-3.0-or-later
"""The moderators' page of the association's own emoji, and how pages draw them."""

import io
import re

import pytest
from aiohttp import FormData
from PIL import Image

from node import emojis, events, instance, relationships
from node.actors import ProfileChange
from node.instance import Wording
from node.media.service import MAX_EMOJI
from node.posts import MIN_POLL, PollDraft
from tests.support.builders import a_member, a_post, an_event_draft
from tests.support.emojis import an_emoji
from tests.web.asking import BASE, HOST
from tests.web.pages.conftest import COOKIE

PAGE = "/staff/emojis"


def a_picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "red").save(out, kind)
    return out.getvalue()


@pytest.fixture
async def keeper(services, browser, password_hash):
    """A browser in which a moderator is logged in."""
    await browser.log_in(a_member(services.db, "keeper", roles=("member", "moderator"), password_hash=password_hash))
    return browser


async def sent(browser, *, image: bytes | None = None, csrf: str | None = None, **fields: str):
    """(status, text, where to) of the form of a new emoji."""
    form = FormData(default_to_multipart=True)
    form.add_field("csrf", browser.page.csrf if csrf is None else csrf)
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("image", image or b"", filename="cap.png", content_type="image/png")
    headers = {"Host": HOST, "Origin": BASE, "Cookie": f"{COOKIE}={browser.cookie}"}
    async with browser.client.post(PAGE, data=form, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.get("Location")


async def test_a_picture_becomes_an_emoji_and_is_served(keeper, services):
    await keeper.get(PAGE)
    assert "There are none yet." in keeper.page.words

    status, _, address = await sent(keeper, image=a_picture(), shortcode=":cap:", category="School")

    [emoji] = services.db.read_now(emojis.every)
    assert (status, address) == (303, f"{PAGE}?done=saved#emoji-{emoji.id}")
    assert (emoji.shortcode, emoji.category, emoji.visible_in_picker) == ("cap", "School", True)
    page = await keeper.get(PAGE)
    assert f'src="{BASE}/media/{emoji.file}"' in page.text
    assert ":cap:" in page.words
    async with keeper.client.get(f"/media/{emoji.file}", headers={"Host": HOST}) as served:
        assert (served.status, served.headers["Content-Type"]) == (200, "image/png")
        assert Image.open(io.BytesIO(await served.read())).size == (128, 128)


async def test_a_word_that_is_taken_is_replaced_only_when_that_is_asked_for(keeper, services):
    await keeper.get(PAGE)
    await sent(keeper, image=a_picture(), shortcode="cap", category="School")
    [before] = services.db.read_now(emojis.every)

    status, text, _ = await sent(keeper, image=a_picture("GIF"), shortcode="cap", hidden="1")
    assert status == 409
    assert "There is an emoji of this name already." in text
    assert re.search(r'name="shortcode"[^>]* value="cap"', text)
    assert re.search(r'name="hidden"[^>]* checked', text)

    status, _, _ = await sent(keeper, image=a_picture("GIF"), shortcode="cap", replace="1")
    [after] = services.db.read_now(emojis.every)
    assert (status, after.id, after.category) == (303, before.id, "School")
    assert after.file != before.file
    kept = [file.name for file in (services.settings.data_dir / "media").rglob("*.*")]
    assert sorted(kept) == sorted([before.file, after.file])


@pytest.mark.parametrize(
    ("fields", "image", "said"),
    [
        ({"shortcode": "cap"}, None, "Please choose a picture."),
        ({"shortcode": "c"}, a_picture(), "a word of 2 to 40 letters"),
        ({"shortcode": "<b>"}, a_picture(), "a word of 2 to 40 letters"),
        ({"shortcode": "cap", "category": "x" * 61}, a_picture(), "up to 60 characters"),
        ({"shortcode": "cap"}, a_picture("JPEG"), "must be a PNG, a GIF or a WebP"),
        ({"shortcode": "cap"}, b"<svg/>", "is not a picture"),
        ({"shortcode": "cap"}, b"\x89PNG" + b"\0" * MAX_EMOJI, "up to 256 KB"),
    ],
)
async def test_what_cannot_be_an_emoji_comes_back_with_the_reason(keeper, services, fields, image, said):
    await keeper.get(PAGE)

    status, text, _ = await sent(keeper, image=image, **fields)

    assert status == 422
    assert said in text
    assert services.db.read_now(emojis.every) == []
    assert list((services.settings.data_dir / "media").rglob("*.png")) == []


async def test_one_is_moved_hidden_turned_off_and_on(keeper, services):
    emoji = an_emoji(services.db, "cap")
    find = lambda: services.db.read_now(emojis.find, emoji.id)  # noqa: E731  # read anew each time
    await keeper.get(PAGE)

    page = await keeper.post(f"{PAGE}/{emoji.id}", category="Ours")
    assert (find().category, find().visible_in_picker) == ("Ours", False)
    assert "not offered" in page.words
    await keeper.post(f"{PAGE}/{emoji.id}", category="", offered="1")
    assert (find().category, find().visible_in_picker) == ("", True)

    await keeper.post(f"{PAGE}/{emoji.id}/off")
    assert find().disabled
    await keeper.post(f"{PAGE}/{emoji.id}/on")
    assert not find().disabled

    assert (await keeper.post(f"{PAGE}/{emoji.id}", category="x" * 61)).status == 422
    csrf = keeper.page.csrf
    for end in ("", "/off", "/remove"):
        assert (await keeper.post(f"{PAGE}/12{end}", csrf=csrf, category="x")).status == 404


async def test_one_is_removed_after_a_question(keeper, services):
    emoji = an_emoji(services.db, "cap")

    assert "Remove this emoji?" in (await keeper.get(f"{PAGE}/{emoji.id}/remove")).words
    assert services.db.read_now(emojis.every) == [emoji]
    page = await keeper.post(f"{PAGE}/{emoji.id}/remove")

    assert "Deleted." in page.words
    assert services.db.read_now(emojis.every) == []
    assert (await keeper.get(f"{PAGE}/{emoji.id}/remove")).status == 404


@pytest.mark.parametrize("roles", [("member",), ("member", "board")])
async def test_others_see_and_do_nothing_here(services, browser, password_hash, roles):
    emoji = an_emoji(services.db, "cap")
    await browser.log_in(a_member(services.db, "other", roles=roles, password_hash=password_hash))
    assert PAGE not in browser.page.text
    csrf = browser.page.csrf

    for path in (PAGE, f"{PAGE}/{emoji.id}/remove"):
        assert (await browser.get(path)).status == 403
    for path in (PAGE, *(f"{PAGE}/{emoji.id}{end}" for end in ("", "/off", "/remove"))):
        assert (await browser.post(path, csrf=csrf)).status == 403
    assert services.db.read_now(emojis.every) == [emoji]


async def test_a_visitor_is_led_to_the_login_and_a_form_from_elsewhere_does_nothing(services, browser, keeper):
    emoji = an_emoji(services.db, "cap")
    await keeper.get(PAGE)

    assert (await sent(keeper, image=a_picture(), shortcode="hat", csrf="forged"))[0] == 403
    assert (await keeper.post(f"{PAGE}/{emoji.id}/remove", csrf="forged")).status == 403
    assert services.db.read_now(emojis.every) == [emoji]
    browser.cookie = ""
    assert (await browser.get(PAGE)).path.startswith("/login")


async def test_members_find_the_words_that_are_offered(services, browser, ada):
    assert (await browser.get("/emojis")).path.startswith("/login")
    await browser.log_in(ada)
    assert "has none of its own yet" in (await browser.get("/emojis")).words
    an_emoji(services.db, "cap", category="School")
    an_emoji(services.db, "quiet", visible_in_picker=False)

    page = await browser.get("/emojis")

    assert "School :cap:" in page.words
    assert "quiet" not in page.text
    assert 'href="/emojis"' in (await browser.get("/settings")).text


async def test_pages_draw_them_wherever_they_are_named(services, browser, ada, ben):
    db = services.db
    for word in ("cap", "hat", "coat", "owl", "fox", "elk", "news"):
        an_emoji(db, word, word[0])
    change = ProfileChange(display_name="Ada :cap:", summary="Hello :hat:", fields=[("My :coat:", "is :coat:")])
    actor = db.write_now(relationships.update_profile, ada.actor, change)
    a_post(db, actor, "Hello :owl:", spoiler_text="About :fox:")
    a_post(db, actor, "Which?", poll=PollDraft((":elk:", "<i>"), MIN_POLL))
    number = db.write_now(events.publish, actor, an_event_draft(title="A dinner :owl:", text="For :fox:"))
    db.write_now(instance.announce, {"admin"}, Wording(text="We won :news:"))

    def drawn(page, word):
        picture = f'<img class="emoji" src="{BASE}/media/{word[0] * 32}.png" alt=":{word}:" title=":{word}:"'
        return page.text.count(picture)

    await browser.log_in(ben)
    profile = await browser.get("/@ada")
    assert all(drawn(profile, word) for word in ("cap", "hat", "owl", "fox", "elk")), profile.text
    assert drawn(profile, "coat") == 2
    event = await browser.get(f"/events/{number}")
    assert drawn(event, "owl") == 1
    assert drawn(event, "fox") == 1
    assert "<title>A dinner :owl:" in event.text
    home = await browser.get("/")
    assert drawn(home, "news") == 1
