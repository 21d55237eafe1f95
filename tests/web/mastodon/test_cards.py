# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cards of links, as apps get them."""

import pytest
from sqlalchemy import update

from node import posts
from node.actors.tables import actors
from tests.support.builders import a_post, a_remote_actor
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person

CARD = {
    "url": "https://press.example/quay",
    "type": "link",
    "title": "Le quai",
    "description": "Un port.",
    "author_name": "",
    "author_url": "",
    "provider_name": "Press",
    "language": "fr",
    "published_at": "2026-03-01T10:00:00.000Z",
    "file": f"{'a' * 32}.jpg",
    "width": 678,
    "height": 339,
    "image_description": "A quay",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
}


@pytest.fixture
def linking(api: Api, ada: Person) -> int:
    """A post with a card, by somebody who is named as the author of the page."""
    mia = a_remote_actor(api.db, "mia")
    number = a_post(api.db, ada.member.actor, "Look")
    api.db.write_now(posts.set_card, [number], CARD, mia.id)
    return number


async def test_a_card_has_all_that_apps_read(api: Api, ada: Person, linking: int) -> None:
    card = (await api.get(f"/api/v1/statuses/{linking}", ada.token)).json["card"]

    assert (card["title"], card["html"], card["embed_url"]) == ("Le quai", "", "")
    assert card["image"] == f"{BASE}/media/{CARD['file']}"
    [author] = card["authors"]
    assert (author["name"], author["url"]) == ("Mia", "https://far.example/@mia")
    assert author["account"]["acct"] == "mia@far.example"


async def test_a_boost_and_a_timeline_show_the_card(api: Api, ada: Person, ben: Person, linking: int) -> None:
    boost = (await api.post(f"/api/v1/statuses/{linking}/reblog", ben.token)).json

    assert (boost["card"], boost["reblog"]["card"]["title"]) == (boost["reblog"]["card"], "Le quai")
    [shown] = (await api.get("/api/v1/timelines/public")).json
    assert shown["card"]["title"] == "Le quai"


async def test_a_changed_author_is_shown_as_they_are_now(api: Api, ada: Person, linking: int) -> None:
    path = f"/api/v1/statuses/{linking}"
    before = (await api.get(path)).json["card"]["authors"][0]["account"]["display_name"]
    values = {"display_name": "Mia Kay", "version": actors.c.version + 1}
    api.db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.username == "mia").values(**values)))
    after = (await api.get(path)).json["card"]["authors"][0]["account"]["display_name"]
    values = {"suspended_at": actors.c.created_at, "version": actors.c.version + 1}
    api.db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.username == "mia").values(**values)))

    assert (before, after) == ("Mia", "Mia Kay")
    assert (await api.get(path)).json["card"]["authors"] == []
