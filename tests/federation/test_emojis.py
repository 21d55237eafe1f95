# SPDX-License-Identifier: AGPL-3.0-or-later
"""Emoji of posts and people elsewhere: kept with them, given to apps and pages through our own address. Ours, as others
read of them. And the emoji with which others react."""

import re

import pytest
from aiohttp import ClientSession, web

from activitypub.addressing import PUBLIC
from node import actors, events, posts, relationships
from node.actors import ProfileChange
from node.posts import Draft, PollDraft
from tests.support.builders import a_post, an_actor, an_event_draft
from tests.support.emojis import an_emoji
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

    post = node.read(posts.by_uri, note["id"])
    assert [one["shortcode"] for one in post.emojis] == ["cap"]
    states = node.read(posts.history, post.id, None)
    assert [[one["shortcode"] for one in state.emojis] for state in states] == [["hat"], ["cap"]]


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


# -- ours, elsewhere --------------------------------------------------------------------------------------------------


def our_tag(node, emoji):
    return {
        "id": f"{node.base}/emojis/{emoji.id}",
        "type": "Emoji",
        "name": f":{emoji.shortcode}:",
        "updated": f"{emoji.updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "icon": {"type": "Image", "mediaType": "image/png", "url": f"{node.base}/media/{emoji.file}"},
    }


def tags(document):
    return [tag for tag in document["tag"] if tag["type"] == "Emoji"]


async def test_our_posts_name_our_emoji_among_their_tags(met):
    node, _, ann = met
    cap, hat = an_emoji(node.db, "cap", "c"), an_emoji(node.db, "hat", "h")
    bob = node.actor_named("bob")
    node.followed_by(ann.uri, bob)

    number = a_post(node.db, bob, "Hats off :cap: #hats", poll=PollDraft((":hat:", "none"), posts.MIN_POLL))
    node.write(posts.edit, bob, number, Draft(text=":hat:"))

    [create], [update] = node.stored("Create"), node.stored("Update")
    assert tags(create["object"]) == [our_tag(node, cap), our_tag(node, hat)]
    assert tags(update["object"]) == [our_tag(node, hat)]
    assert {"Emoji": "toot:Emoji", "toot": "http://joinmastodon.org/ns#"}.items() <= create["@context"][1].items()


async def test_our_people_name_them_too(met):
    node, _, _ = met
    cap = an_emoji(node.db, "cap", "c")

    bob = node.write(relationships.update_profile, node.actor_named("bob"), ProfileChange(display_name="Bob :cap:"))

    document = node.read(actors.document, node.db.site, bob)
    assert tags(document) == [our_tag(node, cap)]
    assert document["@context"][2]["Emoji"] == "toot:Emoji"
    [update] = node.stored("Update")
    assert tags(update["object"]) == [our_tag(node, cap)]


async def test_our_events_name_them_too(met):
    node, _, _ = met
    cap = an_emoji(node.db, "cap", "c")
    bob = node.actor_named("bob")

    number = node.write(events.publish, bob, an_event_draft(title="A dinner :cap:", text="All welcome"))
    node.write(events.change, bob, number, an_event_draft(title="A dinner", text="All welcome"))

    [create], [update] = node.stored("Create"), node.stored("Update")
    assert tags(create["object"]) == [our_tag(node, cap)]
    assert tags(update["object"]) == []


async def test_an_address_of_ours_in_a_foreign_tag_is_fetched_like_any_other(met):
    node, peers, ann = met
    icon = {"type": "Image", "url": f"{node.base}/logout"}
    note = ann.note("<p>:hat:</p>", tag=[{**a_tag(peers, "hat"), "id": f"{node.base}/emojis/1", "icon": icon}])

    await node.hear(peers, ann.create(note), by=ann)

    [shown] = entities.status(node.db.site, node.read(posts.view, node.read(posts.by_uri, note["id"]).id, None))[
        "emojis"
    ]
    assert shown["url"].startswith(f"{node.base}/proxy/")


# -- reactions --------------------------------------------------------------------------------------------------------


async def reacted(met, kind="EmojiReact", **said):
    """The emoji that are kept of what Ann says to a post of Bob's."""
    node, peers, ann = met
    number = a_post(node.db, node.actor_named("bob"), "We won")
    await node.hear(peers, ann.says(kind, node.read(posts.find, number).uri, **said), by=ann)
    assert node.read(posts.find, number).favourites_count == 1
    return node.read(posts.reactions, [number], [node.actor(ann.uri).id])[number]


@pytest.mark.parametrize("kind", ["EmojiReact", "Like"])
async def test_the_emoji_of_a_reaction_is_kept(met, kind):
    node, peers, ann = met
    author = node.actor(ann.uri).id

    assert await reacted(met, kind, content="🎉") == {author: {"shortcode": "🎉", "url": ""}}
    custom = await reacted(met, kind, content=":cap:", tag=[a_tag(peers)])
    assert custom == {author: {"shortcode": "cap", "url": peers.at("/cap.png")}}


@pytest.mark.parametrize(
    "content", ["", "🎉🎉", "fun", ":other:", ":cap:!", "<b>🎉</b>", "1", None, ["fun"], "🎉" + "\U000e0061" * 500]
)
async def test_what_is_no_single_emoji_is_a_plain_favourite(met, content):
    _, peers, _ = met

    assert await reacted(met, content=content, tag=[a_tag(peers)]) == {}


async def test_of_several_reactions_the_last_is_kept(met):
    node, peers, ann = met
    number = a_post(node.db, node.actor_named("bob"), "We won")
    uri = node.read(posts.find, number).uri

    for said in ({"content": "🎉"}, {"content": "👍"}, {}):
        await node.hear(peers, ann.says("Like", uri, **said), by=ann)

    [kept] = node.read(posts.reactions, [number], [node.actor(ann.uri).id])[number].values()
    assert (kept["shortcode"], node.read(posts.find, number).favourites_count) == ("👍", 1)
