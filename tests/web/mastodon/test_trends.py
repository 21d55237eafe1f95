# SPDX-License-Identifier: AGPL-3.0-or-later
"""Trends in the client API: found by many, paged by offset, seen by everybody."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from node import posts, relationships, trends
from node.actors import Actor
from node.actors.tables import actors
from node.kernel import clock
from node.trends.computing import computed
from tests.support.builders import a_post, an_actor
from tests.trends.test_trends import about_page
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

PAGE = "https://press.example/quay"
OTHER = "https://press.example/lake"


@pytest.fixture
def crowd(api: Api, ada: Person, ben: Person) -> list[Actor]:
    """Three who talk, besides whoever looks."""
    # The test itself says which post leads to which page.
    api.db.site = replace(api.db.site, has_previews=False)
    some = [an_actor(api.db, name) for name in ("cleo", "dan", "eve")]
    api.db.write_now(lambda tx: tx.conn.execute(update(actors).values(discoverable=True, indexable=True)))
    return some


def compute(api: Api) -> None:
    api.db.write_now(trends.actions.replace, api.db.read_now(computed, clock.now()), 0)


async def test_hashtags_come_with_their_week(api: Api, ada: Person, crowd: list[Actor]) -> None:
    for one in crowd:
        a_post(api.db, one, "#Tea")
    for one in (*crowd, ada.member.actor):
        a_post(api.db, one, "#Rowing")
    compute(api)
    await api.post("/api/v1/tags/tea/follow", ada.token)

    found = (await api.get("/api/v1/trends/tags", ada.token)).json

    assert [(one["name"], one["following"], len(one["history"])) for one in found] == [
        ("Rowing", False, 7),
        ("Tea", True, 7),
    ]
    assert (found[0]["history"][0]["uses"], found[0]["history"][0]["accounts"]) == ("4", "4")
    assert [one["name"] for one in (await api.get("/api/v1/trends")).json] == ["Rowing", "Tea"]


async def test_lists_are_paged_by_offset(api: Api, crowd: list[Actor]) -> None:
    for one in crowd:
        a_post(api.db, one, "#tea #rowing #quay")
    compute(api)

    first = await api.get("/api/v1/trends/tags?limit=2")
    second = await api.get(first.link("next") or "")

    assert [one["name"] for one in first.json + second.json] == ["quay", "rowing", "tea"]
    assert (first.link("prev"), second.link("next")) == (None, None)
    assert [one["name"] for one in (await api.get(second.link("prev") or "")).json] == ["quay", "rowing"]
    assert (await api.get("/api/v1/trends/tags?offset=90")).json == []
    assert len((await api.get("/api/v1/trends/tags?limit=nonsense&offset=-1")).json) == 3


async def test_posts_that_many_like_are_shown_as_each_may_see_them(
    api: Api, ada: Person, ben: Person, crowd: list[Actor]
) -> None:
    liked = a_post(api.db, ada.member.actor, "Look at this")
    for one in crowd:
        api.db.write_now(posts.favourite, one, liked)
    compute(api)
    api.db.write_now(relationships.mute, ben.member.actor, ada.member.actor)

    [mine] = (await api.get("/api/v1/trends/statuses", ada.token)).json
    [anybodys] = (await api.get("/api/v1/trends/statuses")).json

    assert (mine["id"], mine["favourites_count"], mine["favourited"]) == (str(liked), 3, False)
    assert "favourited" not in anybodys
    assert (await api.get("/api/v1/trends/statuses", ben.token)).json == []
    assert (await api.get("/api/v1/trends/statuses?offset=1")).json == []


async def test_pages_are_cards_with_their_week(api: Api, ada: Person, crowd: list[Actor]) -> None:
    about_page(api.db, [a_post(api.db, one, PAGE) for one in (*crowd, ada.member.actor)])
    about_page(api.db, [a_post(api.db, one, OTHER) for one in crowd], OTHER, 8)
    compute(api)

    first, second = (await api.get("/api/v1/trends/links")).json

    assert (first["url"], first["title"], first["type"], first["image"]) == (PAGE, "Quay", "link", None)
    assert [one["accounts"] for one in first["history"]] == ["4", "0", "0", "0", "0", "0", "0"]
    assert second["url"] == OTHER
    assert len((await api.get(f"/api/v1/timelines/link?url={PAGE}")).json) == 4


async def test_what_few_talk_about_is_told_to_nobody(api: Api, ada: Person, crowd: list[Actor]) -> None:
    about_page(api.db, [a_post(api.db, one, f"{PAGE} #tea") for one in crowd[:2]])
    compute(api)

    for what in ("tags", "statuses", "links"):
        assert (await api.get(f"/api/v1/trends/{what}", ada.token)).json == []


async def test_what_is_hidden_is_not_shown(api: Api, crowd: list[Actor]) -> None:
    for one in crowd:
        a_post(api.db, one, "#tea")
    compute(api)
    api.db.write_now(trends.hide, trends.Kind.TAG, "tea")

    assert (await api.get("/api/v1/trends/tags")).json == []
