# SPDX-License-Identifier: AGPL-3.0-or-later
"""Emoji of posts and people elsewhere: kept with them, given to apps and pages through our own address."""

import re

import pytest
from aiohttp import ClientSession, web

from activitypub.addressing import PUBLIC
from node import posts
from tests.support.builders import an_actor
from tests.support.peers import Peers, moment
from web.mastodon import entities
from web.mastodon.rendering import Statuses
from web.media import MAX_EMOJI, emoji_url, emoji_urls
from web.pages import convert

PNG = b"\x89PNG\r\n\x1a\n"


def a_tag(peers, word="cap"):
    return {"type": "Emoji", "name": f":{word}:", "icon": {"type": "Image", "url": peers.at(f"/{word}.png")}}


@pytest.fixture
async def met(node, peers: Peers):
    """(the node, the peers, Ann elsewhere whom somebody here follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    ann.document |= {"name": "Ann :cap:", "tag": [a_tag(peers)]}
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    return node, peers, ann


async def test_the_emoji_of_a_post_are_given_to_apps_by_our_own_address(met):
    node, peers, ann = met
    note = ann.note("<p>Hats off :hat:</p>", tag=[a_tag(peers, "hat")])

    await node.hear(peers, ann.create(note), by=ann)

    view = node.read(posts.view, node.read(posts.by_uri, note["id"]).id, None)
    status = entities.status(node.db.site, view)
    address = emoji_url(node.db.site, peers.at("/hat.png"))
    assert status["content"] == "<p>Hats off :hat:</p>"
    assert status["emojis"] == [
        {"shortcode": "hat", "url": address, "static_url": address, "visible_in_picker": False, "category": None}
    ]
    assert [one["shortcode"] for one in status["account"]["emojis"]] == ["cap"]
    assert address.startswith(node.base)


async def test_pages_show_them_as_pictures_with_a_text(met):
    node, peers, ann = met
    note = ann.note('<p>:hat: <a href="https://x.example/:hat:">:hat:</a> :other:</p>', tag=[a_tag(peers, "hat")])
    await node.hear(peers, ann.create(note), by=ann)
    number = node.read(posts.by_uri, note["id"]).id

    [shown] = node.read(convert.post_list, node.db.site, [number], None)

    assert len(re.findall(r'<img class="emoji" src="http://harbour[^"]+" alt=":hat:"', shown.text)) == 2
    assert 'href="https://x.example/:hat:"' in shown.text
    assert ":other:" in shown.text
    assert 'alt=":cap:"' in shown.author.shown_name
    assert shown.author.name == "Ann :cap:"


async def test_a_name_cannot_bring_markup_along(met):
    node, _, ann = met
    ann.document["name"] = "<img src=x> :cap:"
    await node.services.resolver.actor(ann.uri, refresh=True)

    shown = convert.person(node.db.site, node.actor(ann.uri))

    assert shown.shown_name.startswith("&lt;img src=x&gt; <img ")


async def test_an_edit_brings_its_own_emoji(met):
    node, peers, ann = met
    note = ann.note("<p>:hat:</p>", tag=[a_tag(peers, "hat")])
    await node.hear(peers, ann.create(note), by=ann)

    edited = {**note, "content": "<p>:cap:</p>", "tag": [a_tag(peers)], "updated": moment()}
    await node.hear(peers, ann.says("Update", edited), by=ann)

    assert [one["shortcode"] for one in node.read(posts.by_uri, note["id"]).emojis] == ["cap"]


async def test_the_emoji_of_a_poll_stand_in_the_poll(met):
    node, peers, ann = met
    question = ann.note(
        "<p>Which?</p>",
        type="Question",
        oneOf=[{"type": "Note", "name": ":hat:"}, {"type": "Note", "name": "none"}],
        tag=[a_tag(peers, "hat")],
        to=[PUBLIC],
    )
    await node.hear(peers, ann.create(question), by=ann)
    number = node.read(posts.by_uri, question["id"]).id

    body = node.read(Statuses(node.db.site, node.db.bus).one, number, None)

    assert b'"poll":{' in body
    assert b'"shortcode":"hat"' in body.partition(b'"poll":')[2]


@pytest.mark.parametrize(("size", "status"), [(MAX_EMOJI - 100, 200), (MAX_EMOJI + 1, 404)])
async def test_a_picture_too_large_for_an_emoji_is_not_passed_on(gate, peers, size, status):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=PNG + b"\0" * (size - len(PNG)), content_type="image/png")

    url = peers.at("/big.png")
    peers.handlers[url] = answer
    address = emoji_urls(gate.db.site, [{"shortcode": "big", "url": url}])["big"]

    async with ClientSession() as session:
        path = address.removeprefix(gate.base)
        async with session.get(
            f"http://127.0.0.1:{gate.base.rpartition(':')[2]}{path}", headers={"Host": gate.host}
        ) as got:
            assert got.status == status
