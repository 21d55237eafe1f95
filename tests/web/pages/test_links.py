# SPDX-License-Identifier: AGPL-3.0-or-later
"""What pages show of the pages that posts link to."""

from node import posts
from tests.support.builders import a_post, a_remote_actor

CARD = {
    "url": "https://press.example/quay?a=1&b=2",
    "type": "link",
    "title": "Le <b>quai</b>",
    "description": "Un port.",
    "provider_name": "",
    "author_name": "Mia",
    "file": f"{'a' * 32}.jpg",
    "width": 678,
    "height": 339,
    "image_description": 'A "quay"',
    "language": "fr",
}


def with_card(db, author, card=CARD, author_id=None, **values):
    number = a_post(db, author, "https://press.example/quay", **values)
    db.write_now(posts.set_card, [number], card, author_id)
    return number


async def test_a_post_shows_the_page_that_it_links_to(services, browser, ada):
    number = with_card(services.db, ada.actor)

    page = await browser.get(f"/@ada/{number}")

    assert 'href="https://press.example/quay?a=1&amp;b=2" rel="nofollow noopener noreferrer ugc"' in page.text
    assert "Le &lt;b&gt;quai&lt;/b&gt;" in page.text
    assert f'src="https://harbour.example/media/{CARD["file"]}" alt="A &#34;quay&#34;"' in page.text
    assert "press.example Le" in page.words
    assert "By Mia" in page.words


async def test_whoever_wrote_the_page_is_linked_to(services, browser, ada):
    mia = a_remote_actor(services.db, "mia")
    number = with_card(services.db, ada.actor, author_id=mia.id)

    page = await browser.get(f"/@ada/{number}")

    assert "/@mia@far.example" in page.text


async def test_a_picture_that_may_disturb_is_not_shown_with_the_link(services, browser, ada):
    number = with_card(services.db, ada.actor, sensitive=True)

    page = await browser.get(f"/@ada/{number}")

    assert "Un port." in page.words
    assert CARD["file"] not in page.text


async def test_a_page_that_says_little_is_shown_by_its_name(services, browser, ada):
    number = with_card(services.db, ada.actor, {"url": "https://www.press.example/", "title": "Quay"})

    page = await browser.get(f"/@ada/{number}")

    assert "press.example Quay" in page.words
    assert "By " not in page.words
