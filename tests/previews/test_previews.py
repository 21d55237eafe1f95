# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts show what the pages say that they link to, and the pages are asked once."""

import io
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web
from PIL import Image
from sqlalchemy import select, update

from activitypub.addressing import Visibility
from node import posts, previews
from node.kernel import clock
from node.kernel.db import Tx
from node.posts import Draft
from node.previews.tables import post_previews
from node.previews.tables import previews as table
from tests.support.builders import a_post, an_actor
from tests.support.nodes import Node
from tests.support.peers import Handler, Json, Peers, moment

HEAD = '<html lang="fr"><head><meta property="og:title" content="Le quai"><meta name="description" content="Un port.">'


def serving(body: str | bytes | io.BytesIO, kind: str = "text/html", **more: Any) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, **more)

    return answer


def a_page(peers: Peers, path: str = "/quay", head: str = HEAD) -> str:
    url = peers.at(path, "press")
    peers.handlers[url] = serving(f"{head}</head><body>x")
    return url


def a_picture(width: int = 1200, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 600), colour).save(out, "JPEG")
    return out.getvalue()


async def shown(node: Node, peers: Peers, post_id: int) -> Json:
    status, _, body = await peers.ask("GET", f"{node.base}/api/v1/statuses/{post_id}", accept="application/json")
    assert status == 200
    found: Json = orjson.loads(body)
    return found


def asked(peers: Peers) -> list[str]:
    """What was fetched, beside what the sites say to programs."""
    return [url for url in peers.gets if not url.endswith("/robots.txt")]


async def card_of(node: Node, peers: Peers, post_id: int) -> Any:
    return (await shown(node, peers, post_id))["card"]


def later(node: Node, ago: timedelta) -> None:
    """Let what was found of pages be so much older."""

    def age(tx: Tx) -> None:
        for row in tx.conn.execute(select(table)).all():
            values = {"created_at": row.created_at - ago}
            for name in ("fetched_at", "next_at"):
                if getattr(row, name) is not None:
                    values[name] = getattr(row, name) - ago
            tx.conn.execute(update(table).where(table.c.id == row.id).values(**values))

    node.write(age)


async def test_a_post_shows_what_its_page_says(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(
        peers,
        head=f"""{HEAD}<meta property="og:image" content="/quay.jpg"><meta property="og:image:alt" content="A quay">
        <meta property="og:site_name" content="Press"><meta name="author" content="Mia Kay">
        <meta property="article:published_time" content="2026-03-01T10:00:00Z">""",
    )
    peers.handlers[peers.at("/quay.jpg", "press")] = serving(a_picture(), "image/jpeg")
    post_id = a_post(node.db, ada, f"Look: {url}#stones")
    before = await card_of(node, peers, post_id)

    await node.work()
    card = await card_of(node, peers, post_id)

    assert before is None
    image = card.pop("image")
    assert image.startswith(f"{node.base}/media/")
    assert len(card.pop("blurhash")) > 6
    assert card == {
        "url": url,
        "title": "Le quai",
        "description": "Un port.",
        "type": "link",
        "author_name": "Mia Kay",
        "author_url": "",
        "authors": [{"name": "Mia Kay", "url": "", "account": None}],
        "provider_name": "Press",
        "provider_url": "",
        "html": "",
        "width": 678,
        "height": 339,
        "image_description": "A quay",
        "embed_url": "",
        "language": "fr",
        "published_at": "2026-03-01T10:00:00.000Z",
    }
    status, headers, _ = await peers.ask("GET", image, accept="image/*")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert "Cookie" not in peers.seen[-1].headers
    assert peers.seen[-1].headers["User-Agent"].startswith("Alumnode/")


async def test_a_page_is_asked_once_for_all_posts(node: Node, peers: Peers) -> None:
    ada, ben = an_actor(node.db, "ada"), an_actor(node.db, "ben")
    url = a_page(peers)
    first = [a_post(node.db, author, f"{url}#{number}") for number, author in enumerate((ada, ben) * 5)]
    await node.work()
    after = a_post(node.db, ben, url)

    assert [await card_of(node, peers, number) for number in (first[0], first[9])] == [
        await card_of(node, peers, after)
    ] * 2
    await node.work()
    assert asked(peers) == [url]


async def test_what_is_received_waits_a_moment_and_a_host_is_asked_once_a_second(node: Node, peers: Peers) -> None:
    ada, mia = an_actor(node.db, "ada"), peers.person("mia")
    await node.services.resolver.actor(mia.uri)
    node.follows(ada, mia.uri)
    for number in range(4):
        a_page(peers, f"/{number}")
    for number in range(4):
        link = f'<p><a href="{peers.at(f"/{number}", "press")}">x</a></p>'
        await peers.send(mia.create(mia.note(link)), by=mia, to=node.inbox)
    began = clock.now()
    await node.work("inbox")

    waiting = sorted(row.run_at for row in node.waiting("work") if row.name == previews.FETCH)
    assert len(waiting) == 4
    assert all(second - first >= timedelta(seconds=1) for first, second in itertools.pairwise(waiting))
    assert waiting[0] >= began
    assert waiting[-1] <= clock.now() + timedelta(seconds=64)
    node.make_due()
    await node.work()
    assert sorted(url for url in asked(peers) if "press" in url) == [peers.at(f"/{n}", "press") for n in range(4)]


async def test_a_host_to_which_too_many_links_lead_is_spared(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers)
    a_post(node.db, ada, url)
    node.write(lambda tx: tx.conn.execute(update(table).values(next_at=tx.now + timedelta(hours=1))))
    mia = peers.person("mia")
    await node.services.resolver.actor(mia.uri)
    node.follows(ada, mia.uri)

    link = f'<p><a href="{a_page(peers, "/other")}">x</a></p>'
    await peers.send(mia.create(mia.note(link)), by=mia, to=node.inbox)
    await node.work("inbox")

    assert len([row for row in node.waiting("work") if row.name == previews.FETCH]) == 1


async def test_a_link_in_a_direct_post_is_not_followed(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    an_actor(node.db, "ben")
    a_post(node.db, ada, f"@ben {a_page(peers)}", visibility=Visibility.DIRECT)

    node.make_due()
    await node.work()

    assert asked(peers) == []


async def test_no_page_is_asked_where_previews_are_off(node: Node, peers: Peers) -> None:
    node.db.site = replace(node.db.site, has_previews=False)
    a_post(node.db, an_actor(node.db, "ada"), a_page(peers))

    node.make_due()
    await node.work()

    assert asked(peers) == []


async def test_a_card_stays_where_previews_were_turned_off_until_the_link_goes(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers)
    post_id = a_post(node.db, ada, url)
    await node.work()
    node.db.site = replace(node.db.site, has_previews=False)

    node.write(posts.edit, ada, post_id, Draft(text=f"{url} again"))
    kept = await card_of(node, peers, post_id)
    node.write(posts.edit, ada, post_id, Draft(text=a_page(peers, "/other")))

    assert kept["title"] == "Le quai"
    assert await card_of(node, peers, post_id) is None


async def test_open_streams_hear_of_the_card(node: Node, peers: Peers) -> None:
    heard: list[object] = []
    post_id = a_post(node.db, an_actor(node.db, "ada"), a_page(peers))

    with node.db.bus.listening("post.changed", heard.append):
        await node.work()

    assert heard == [post_id]


async def test_an_edit_changes_the_card(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    post_id = a_post(node.db, ada, a_page(peers))
    await node.work()
    other = a_page(peers, "/other", "<title>Other</title>")

    node.write(posts.edit, ada, post_id, Draft(text=f"{other} instead"))
    between = await card_of(node, peers, post_id)
    await node.work()
    after = await card_of(node, peers, post_id)
    node.write(posts.edit, ada, post_id, Draft(text="Nothing at all"))

    assert between is None
    assert after["title"] == "Other"
    assert await card_of(node, peers, post_id) is None
    assert node.count(post_previews) == 0


async def test_an_edit_from_elsewhere_changes_the_card(node: Node, peers: Peers) -> None:
    ada, mia = an_actor(node.db, "ada"), peers.person("mia")
    await node.services.resolver.actor(mia.uri)
    node.follows(ada, mia.uri)
    note = mia.note(f'<p><a href="{a_page(peers)}">x</a></p>')
    await node.hear(peers, mia.create(note), by=mia)
    node.make_due()
    await node.work()
    post_id = node.read(posts.id_by_address, note["id"])
    before = await card_of(node, peers, post_id)

    changed = {**note, "content": "<p>No more</p>", "updated": moment()}
    await node.hear(peers, mia.says("Update", changed), by=mia)

    assert before["title"] == "Le quai"
    assert await card_of(node, peers, post_id) is None


async def test_a_page_that_cannot_be_read_is_asked_again_later(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = peers.at("/quay", "press")
    peers.handlers[url] = serving("", status=503)
    post_id = a_post(node.db, ada, url)
    for _attempt in range(3):
        await node.work()
        node.make_due()
    a_post(node.db, ada, url)
    node.make_due()
    await node.work()
    in_vain = len(asked(peers))

    later(node, timedelta(days=2))
    a_page(peers)
    a_post(node.db, ada, url)
    await node.work()

    assert in_vain == 3
    assert (await card_of(node, peers, post_id))["title"] == "Le quai"


async def test_what_is_no_page_has_no_card_and_is_asked_once(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    named = {
        "/film": serving(b"\0" * 100, "video/mp4"),
        "/untitled": serving("<p>Hello</p>"),
        "/gone": serving("", status=404),
        "/home": serving("", status=302, headers={"Location": f"{node.base}/about"}),
    }
    for path, handler in named.items():
        peers.handlers[peers.at(path, "press")] = handler
    numbers = [a_post(node.db, ada, peers.at(path, "press")) for path in (*named, "/film")]

    await node.work()
    node.make_due()
    await node.work()

    assert [await card_of(node, peers, number) for number in numbers] == [None] * 5
    assert sorted(asked(peers)) == sorted(peers.at(path, "press") for path in named)


async def test_a_large_page_is_read_as_far_as_is_right(node: Node, peers: Peers) -> None:
    post_id = a_post(node.db, an_actor(node.db, "ada"), peers.at("/large", "press"))
    peers.handlers[peers.at("/large", "press")] = serving(io.BytesIO(f"{HEAD}</head>{'x' * (3 << 20)}".encode()))

    await node.work()

    assert (await card_of(node, peers, post_id))["title"] == "Le quai"


async def test_a_picture_that_is_none_leaves_the_card_without(node: Node, peers: Peers) -> None:
    url = a_page(peers, head=f'{HEAD}<meta property="og:image" content="/quay.jpg">')
    peers.handlers[peers.at("/quay.jpg", "press")] = serving(b"\xff\xd8\xff broken", "image/jpeg")
    post_id = a_post(node.db, an_actor(node.db, "ada"), url)

    await node.work()
    card = await card_of(node, peers, post_id)

    assert (card["title"], card["image"], card["blurhash"], card["width"]) == ("Le quai", None, None, 0)


async def test_oembed_says_what_a_page_leaves_out(node: Node, peers: Peers) -> None:
    url = a_page(
        peers, head=f'<title>Film</title><link rel="alternate" type="application/json+oembed" href="{peers.at("/o")}">'
    )
    answer = {"type": "video", "author_name": "Mia", "provider_name": "Films", "html": "<script>alert(1)</script>"}
    peers.handlers[peers.at("/o")] = serving(orjson.dumps(answer), "application/json")
    post_id = a_post(node.db, an_actor(node.db, "ada"), url)

    await node.work()
    card = await card_of(node, peers, post_id)

    assert (card["author_name"], card["provider_name"], card["html"], card["type"]) == ("Mia", "Films", "", "link")


async def test_a_card_is_read_anew_after_two_weeks(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers, head=f'{HEAD}<meta property="og:image" content="/quay.jpg">')
    peers.handlers[peers.at("/quay.jpg", "press")] = serving(a_picture(), "image/jpeg")
    post_id = a_post(node.db, ada, url)
    await node.work()
    before = await card_of(node, peers, post_id)

    later(node, timedelta(days=13))
    a_post(node.db, ada, url)
    await node.work()
    still = len(asked(peers))
    later(node, timedelta(days=2))
    a_page(peers, head='<title>New</title><meta property="og:image" content="/quay.jpg">')
    a_post(node.db, ada, url)
    await node.work()
    after = await card_of(node, peers, post_id)

    assert still == 2
    assert (after["title"], after["image"]) == ("New", before["image"])
    assert len(asked(peers)) == 3  # the picture is the same, and so is its address


async def test_a_new_picture_takes_the_place_of_the_old_one(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers, head=f'{HEAD}<meta property="og:image" content="/1.jpg">')
    peers.handlers[peers.at("/1.jpg", "press")] = serving(a_picture(), "image/jpeg")
    post_id = a_post(node.db, ada, url)
    await node.work()
    before = await card_of(node, peers, post_id)

    later(node, timedelta(days=15))
    a_page(peers, head=HEAD)
    a_post(node.db, ada, url)
    await node.work()

    assert (await card_of(node, peers, post_id))["image"] is None
    status, _ = await peers.request("GET", before["image"])
    assert status == 404


async def test_whoever_wrote_the_page_is_named_if_they_say_so_too(node: Node, peers: Peers) -> None:
    mia = peers.person("mia", attributionDomains=["press.localhost"])
    eve = peers.person("eve", attributionDomains=["other.example"])
    ada = an_actor(node.db, "ada")
    head = '<title>Quay</title><meta name="fediverse:creator" content="@{}">'
    a_page(peers, "/mia", head.format(mia.handle))
    a_page(peers, "/eve", head.format(eve.handle))
    numbers = [a_post(node.db, ada, peers.at(path, "press")) for path in ("/mia", "/eve")]

    await node.work()
    by_mia, by_eve = [await card_of(node, peers, number) for number in numbers]

    [author] = by_mia["authors"]
    assert (author["name"], author["url"], author["account"]["acct"]) == ("Mia", mia.document["url"], mia.handle)
    assert by_eve["authors"] == []

    mia.document["name"] = "Mia Kay"
    await node.services.resolver.actor(mia.uri, refresh=True)
    [author] = (await card_of(node, peers, numbers[0]))["authors"]
    assert author["account"]["display_name"] == "Mia Kay"


async def test_pages_are_forgotten_with_the_last_post(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers, head=f'{HEAD}<meta property="og:image" content="/1.jpg">')
    peers.handlers[peers.at("/1.jpg", "press")] = serving(a_picture(), "image/jpeg")
    gone, kept = a_post(node.db, ada, url), a_post(node.db, ada, a_page(peers, "/kept"))
    await node.work()
    image = (await card_of(node, peers, gone))["image"]
    later(node, timedelta(days=2))

    node.write(posts.delete_post, ada, gone)
    node.write(previews.forget, node.read(previews.unused, clock.now()))
    await node.work()

    assert node.count(table) == 1
    assert (await peers.request("GET", image))[0] == 404
    assert (await card_of(node, peers, kept))["title"] == "Le quai"


async def test_a_page_that_is_linked_to_meanwhile_is_not_forgotten(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers)
    gone = a_post(node.db, ada, url)
    await node.work()
    later(node, timedelta(days=2))
    node.write(posts.delete_post, ada, gone)
    unused = node.read(previews.unused, clock.now())
    again = a_post(node.db, ada, url)

    node.write(previews.forget, unused)

    assert len(unused) == 1
    assert (await card_of(node, peers, again))["title"] == "Le quai"


async def test_old_pictures_go_where_nobody_here_linked_to_the_page(node: Node, peers: Peers) -> None:
    ada, mia = an_actor(node.db, "ada"), peers.person("mia")
    await node.services.resolver.actor(mia.uri)
    node.follows(ada, mia.uri)
    for name in ("theirs", "ours"):
        a_page(peers, f"/{name}", f'{HEAD}<meta property="og:image" content="/{name}.jpg">')
        peers.handlers[peers.at(f"/{name}.jpg", "press")] = serving(a_picture(), "image/jpeg")
    note = mia.note(f'<p><a href="{peers.at("/theirs", "press")}">x</a></p>')
    await node.hear(peers, mia.create(note), by=mia)
    ours = a_post(node.db, ada, peers.at("/ours", "press"))
    node.make_due()
    await node.work()
    theirs = node.read(posts.id_by_address, note["id"])
    before = await card_of(node, peers, theirs)
    later(node, timedelta(days=181))

    node.write(previews.drop_pictures, node.read(previews.with_old_pictures, clock.now()))
    await node.work("work")

    after = await card_of(node, peers, theirs)
    assert (after["title"], after["image"], after["width"], after["blurhash"]) == ("Le quai", None, 0, None)
    assert (await peers.request("GET", before["image"]))[0] == 404
    kept = await card_of(node, peers, ours)
    assert (await peers.request("GET", kept["image"]))[0] == 200


async def test_posts_about_a_page_are_found_by_its_address(node: Node, peers: Peers) -> None:
    ada = an_actor(node.db, "ada")
    url = a_page(peers)
    post_id = a_post(node.db, ada, f"{url}#stones")
    a_post(node.db, ada, url, visibility=Visibility.PRIVATE)

    _, _, body = await peers.ask("GET", f"{node.base}/api/v1/timelines/link?url={url}", accept="application/json")

    assert [one["id"] for one in orjson.loads(body)] == [str(post_id)]


async def test_a_site_that_asks_programs_to_leave_it_alone_is_left_alone(node: Node, peers: Peers) -> None:
    peers.handlers[peers.at("/robots.txt", "press")] = serving("User-agent: *\nDisallow: /private/\n", "text/plain")
    author = an_actor(node.db)
    allowed, forbidden = a_page(peers), a_page(peers, "/private/diary")

    numbers = [a_post(node.db, author, f"See {url}") for url in (allowed, forbidden)]
    await node.work()

    assert [await card_of(node, peers, number) is not None for number in numbers] == [True, False]
    assert peers.gets.count(peers.at("/robots.txt", "press")) == 1
    assert asked(peers) == [allowed]


async def test_a_site_that_cannot_say_what_it_wants_is_asked_again_later(node: Node, peers: Peers) -> None:
    async def down(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    peers.handlers[peers.at("/robots.txt", "press")] = down
    page = a_page(peers)

    number = a_post(node.db, an_actor(node.db), f"See {page}")
    await node.work()

    assert await card_of(node, peers, number) is None
    assert asked(peers) == []
