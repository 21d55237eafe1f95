# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member's own programs may do with the outbox, read in the inbox, hear as it happens, and fetch through the node."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import access, moderation, posts, relationships
from node.actors import Actor
from node.events import publish
from node.federation.client import FetchFailed
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.paging import Page
from tests.support.builders import a_member, a_post, an_event_draft
from tests.support.nodes import Node
from tests.support.peers import Forgery, Json, Peers

ALL = ("read", "write")


@dataclass(slots=True)
class Program:
    """A program of a member, with a token."""

    peers: Peers
    me: Actor
    token: str

    async def ask(
        self, method: str, url: str, thing: Json | bytes | None = None, *, kind: str = "application/activity+json"
    ) -> tuple[int, Any, Any]:
        body = thing if isinstance(thing, bytes) else b"" if thing is None else orjson.dumps(thing)
        bearer = Forgery(extra={"Authorization": f"Bearer {self.token}"}, content_type=kind)
        status, headers, answer = await self.peers.ask(method, url, body=body, forgery=bearer)
        return status, headers, orjson.loads(answer) if answer[:1] == b"{" else answer

    async def post(self, thing: Json | bytes) -> tuple[int, str | None, Any]:
        status, headers, answer = await self.ask("POST", f"{self.me.uri}/outbox", thing)
        return status, headers.get("Location"), answer

    async def says(self, kind: str, thing: object, **more: object) -> str:
        """Post an activity that is taken; its id."""
        status, location, answer = await self.post({"type": kind, "actor": self.me.uri, "object": thing, **more})
        assert status == 201, answer
        assert location is not None
        return location

    async def inbox(self) -> list[Json]:
        status, _, page = await self.ask("GET", f"{self.me.uri}/inbox?page=true")
        assert status == 200
        return list(page["orderedItems"])

    async def fetch(self, uri: str) -> tuple[int, Any]:
        form = f"id={quote(uri, safe='')}".encode()
        kind = "application/x-www-form-urlencoded"
        status, _, found = await self.ask("POST", f"{self.me.uri}/proxy", form, kind=kind)
        return status, found


def program(node: Node, peers: Peers, name: str, *scopes: str) -> Program:
    """A member and their program."""
    member = a_member(node.db, name)
    return Program(peers, member.actor, node.write(_issue, member.id, scopes or ALL))


def _issue(tx: Tx, member_id: int, scopes: tuple[str, ...]) -> str:
    app, _ = access.register_app(
        tx, name="Bot", redirect_uris=["urn:ietf:wg:oauth:2.0:oob"], scopes="read write follow", website=None
    )
    return access.issue_token(tx, app_id=app.id, member_id=member_id, scopes=scopes).secret  # type: ignore[arg-type]  # an ActorId


def note(text: str, **more: object) -> Json:
    return {"type": "Note", "content": text, "to": [PUBLIC], **more}


# -- the outbox -------------------------------------------------------------------------------------------------------


async def test_a_bare_note_is_published(node, peers):
    bob = program(node, peers, "bob")

    status, location, _ = await bob.post(note("<p>Hello <b>you</b></p>", id="https://evil.example/1", published="1999"))

    assert status == 201
    [create] = node.stored("Create")
    assert location == create["id"]
    assert create["object"]["content"] == "<p>Hello you</p>"
    assert create["object"]["id"].startswith(f"{node.base}/objects/")
    assert create["to"] == [PUBLIC]


async def test_an_article_is_taken_with_its_title(node, peers):
    bob = program(node, peers, "bob")

    await bob.says("Create", {"type": "Article", "name": "Minutes", "content": "<p>We met.</p>"}, to=[PUBLIC])

    assert node.stored("Create")[0]["object"]["content"] == "<p>Minutes</p><p>We met.</p>"


async def test_an_event_is_published_and_changed(node, peers):
    bob = program(node, peers, "bob")
    start = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    event = {
        "type": "Event",
        "name": "Choir",
        "content": "<p>Bring a voice.</p>",
        "startTime": start.isoformat(),
        "timezone": "Europe/Paris",
        "location": {
            "type": "Place",
            "name": "The hall",
            "address": {"type": "PostalAddress", "addressLocality": "Lyon"},
        },
        "maximumAttendeeCapacity": 12,
        "to": [PUBLIC],
    }

    await bob.says("Create", event)
    made = node.stored("Create")[0]["object"]
    await bob.says("Update", {"id": made["id"], "type": "Event", "name": "Choir, again"})

    changed = node.stored("Update")[-1]["object"]
    assert made["name"] == "Choir"
    assert made["startTime"] == changed["startTime"]
    assert changed["name"] == "Choir, again"
    assert changed["location"] == made["location"]
    assert changed["maximumAttendeeCapacity"] == 12
    assert "Bring a voice." in changed["content"]


async def test_whom_a_note_is_addressed_to_is_named_and_gets_it(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")

    await bob.says("Create", note("Hi @ann, how are you?", to=[ann.uri]))
    await node.work()

    [create] = peers.received()
    assert create["object"]["to"] == [ann.uri]
    assert create["object"]["tag"][0]["name"] == f"@{ann.handle}"
    assert create["object"]["source"]["content"] == f"Hi @{ann.handle}, how are you?"


async def test_hidden_recipients_get_it_and_are_in_no_copy(node, peers):
    ann, eve = peers.person("ann"), peers.person("eve", "other")
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")

    await bob.says("Create", note("Psst", to=[ann.uri], bto=[eve.uri], bcc=[carol.me.uri]))
    await node.work()

    copies = [*peers.received("far"), *peers.received("other"), *node.stored("Create"), *await carol.inbox()]
    assert len(copies) == 4
    for copy in copies:
        assert eve.uri not in str(copy)
        assert carol.me.uri not in str(copy)
    posted = node.read(posts.by_uri, copies[0]["object"]["id"])
    assert node.read(posts.visible, posted.id, carol.me.id)
    await bob.says("Update", {"id": posted.uri, "type": "Note", "content": "Psst!"})
    assert node.read(posts.visible, posted.id, carol.me.id)
    assert eve.uri not in str(node.stored("Update"))


async def test_a_note_is_changed_and_what_is_left_out_stays(node, peers):
    bob = program(node, peers, "bob")
    await bob.says("Create", note("Frst", summary="Typos", sensitive=True))
    made = node.stored("Create")[0]["object"]

    await bob.says("Update", {"id": made["id"], "type": "Note", "content": "First"})

    changed = node.stored("Update")[0]["object"]
    assert changed["content"] == "<p>First</p>"
    assert (changed["summary"], changed["sensitive"]) == ("Typos", True)


async def test_a_profile_is_changed(node, peers):
    bob = program(node, peers, "bob", "write:accounts")

    await bob.says("Update", {"id": bob.me.uri, "type": "Person", "name": "Bob B.", "summary": "<p>Sings.</p>"})

    assert node.stored("Update")[0]["object"]["name"] == "Bob B."
    assert node.actor(bob.me.uri).summary == "<p>Sings.</p>"


async def test_a_post_is_deleted(node, peers):
    bob = program(node, peers, "bob")
    number = a_post(node.db, bob.me, "Oops")
    uri = node.read(posts.find, number).uri

    await bob.says("Delete", uri)

    assert node.read(posts.find, number) is None
    assert node.stored("Delete")[0]["object"]["id"] == uri


async def test_somebody_elsewhere_is_followed_and_let_go(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob", "follow")

    follow = await bob.says("Follow", ann.uri)
    await bob.says("Undo", follow)
    await node.work()

    assert [one["type"] for one in peers.received()] == ["Follow", "Undo"]
    assert (await bob.post({"type": "Undo", "object": follow}))[0] == 404


@pytest.mark.parametrize("answer", ["Accept", "Reject"])
async def test_a_request_to_follow_is_answered(node, peers, answer):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")
    node.write(relationships.update_profile, bob.me, relationships.profiles.ProfileChange(locked=True))
    follow = ann.says("Follow", bob.me.uri)
    await node.hear(peers, follow, by=ann)

    await bob.says(answer, follow["id"])
    await node.work()

    [said] = [one for one in peers.received() if one["type"] == answer]
    assert said["object"]["id"] == follow["id"]


async def test_a_request_from_here_is_answered_and_the_answer_read(node, peers):
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")
    node.write(relationships.update_profile, bob.me, relationships.profiles.ProfileChange(locked=True))

    follow = await carol.says("Follow", bob.me.uri)
    assert [one["id"] for one in await bob.inbox()] == [follow]
    await bob.says("Accept", follow)

    assert [one["object"] for one in await carol.inbox() if one["type"] == "Accept"] == [follow]
    assert node.read(relationships.is_following, carol.me.id, bob.me.id)


async def test_only_ones_own_requests_are_answered(node, peers):
    bob, carol, eve = (program(node, peers, name) for name in ("bob", "carol", "eve"))
    node.write(relationships.update_profile, bob.me, relationships.profiles.ProfileChange(locked=True))
    follow = await carol.says("Follow", bob.me.uri)

    assert (await eve.post({"type": "Accept", "object": follow}))[0] == 404
    assert (await carol.post({"type": "Accept", "object": follow}))[0] == 404


async def test_a_post_elsewhere_is_liked_and_shared_and_both_are_taken_back(node, peers):
    ann = peers.person("ann")
    post = peers.serve(ann.note("<p>Hello</p>"))
    bob = program(node, peers, "bob")

    said = [await bob.says("Like", post["id"]), await bob.says("Announce", post["id"], to=[PUBLIC])]
    said += [await bob.says("Undo", said[0]), await bob.says("Undo", {"type": "Announce", "object": post["id"]})]
    await node.work()

    assert {one["id"] for one in peers.received()} == set(said)


async def test_a_block_is_kept_and_sent_to_nobody_and_taken_back(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob", "write:blocks")

    block = await bob.says("Block", ann.uri)
    assert await bob.says("Block", ann.uri) == block
    assert node.read(relationships.is_blocked_between, bob.me.id, node.actor(ann.uri).id)
    await bob.says("Undo", block)
    await node.work()

    assert not node.read(relationships.is_blocked_between, bob.me.id, node.actor(ann.uri).id)
    assert peers.received() == []


async def test_a_report_reaches_the_staff_and_the_other_server_if_it_is_to(node, peers):
    ann = peers.person("ann")
    post = peers.serve(ann.note("<p>Buy gold</p>"))
    bob = program(node, peers, "bob", "write:reports")

    await bob.says("Flag", [ann.uri, post["id"]], content="Advertising", to=[ann.uri])
    await bob.says("Flag", ann.uri, content="Again")
    await node.work()

    assert [
        (case.report.comment, list(case.report.posts)) for case in node.read(moderation.cases, Page(), resolved=False)
    ] == [
        ("Again", []),
        ("Advertising", [post["id"]]),
    ]
    [flag] = peers.received()
    assert bob.me.uri not in str(flag)
    assert (await bob.post({"type": "Flag", "object": "https://far.example/nobody"}))[0] == 422


async def test_an_event_is_joined_and_left(node, peers):
    bob = program(node, peers, "bob")
    carol = a_member(node.db, "carol").actor
    event = node.read(posts.find, node.write(publish, carol, an_event_draft())).uri

    join = await bob.says("Join", event)
    left = await bob.says("Undo", join)
    again = await bob.says("Join", event)
    await bob.says("Leave", event)

    assert [one["id"] for one in node.stored("Join")] == [join, again]
    assert node.stored("Leave")[0]["id"] == left


async def test_a_post_is_pinned_and_unpinned(node, peers):
    bob = program(node, peers, "bob", "write:accounts")
    uri = node.read(posts.find, a_post(node.db, bob.me)).uri

    await bob.says("Add", uri, target=bob.me.featured)
    assert list(node.read(posts.pinned_uris, bob.me.id)) == [uri]
    await bob.says("Remove", uri, target=bob.me.featured)

    assert list(node.read(posts.pinned_uris, bob.me.id)) == []
    assert (await bob.post({"type": "Add", "object": uri, "target": bob.me.followers}))[0] == 422


async def test_a_poll_is_asked_and_answered(node, peers):
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")
    answers = [{"type": "Note", "name": name} for name in ("Tea", "Coffee")]
    await bob.says("Create", {"type": "Question", "content": "Which?", "oneOf": answers, "to": [PUBLIC]})
    question = node.stored("Create")[0]["object"]
    vote = {"type": "Note", "name": "Coffee", "inReplyTo": question["id"]}

    assert (await carol.post(vote))[:2] == (201, question["id"])
    assert (await carol.post(vote))[0] == 422
    assert (await carol.post({**vote, "name": "Water"}))[0] == 422

    _, _, shown = await carol.ask("GET", question["id"])
    assert [one["replies"]["totalItems"] for one in shown["oneOf"]] == [0, 1]


NEEDED = {
    "Create": "write:statuses",
    "Announce": "write:statuses",
    "Delete": "write:statuses",
    "Like": "write:favourites",
    "Follow": "write:follows",
    "Block": "write:blocks",
    "Add": "write:accounts",
}


@pytest.mark.parametrize("kind", NEEDED)
async def test_each_activity_needs_its_scope(gate, peers, kind):
    others = [scope for scope in NEEDED.values() if scope != NEEDED[kind]]
    without, narrow = program(gate, peers, "bob", *others), program(gate, peers, "carol", NEEDED[kind])
    thing: object = note("Hello")
    if kind in ("Follow", "Block"):
        thing = without.me.uri
    if kind in ("Announce", "Like"):
        thing = gate.read(posts.find, a_post(gate.db, without.me)).uri
    if kind in ("Delete", "Add"):
        thing = gate.read(posts.find, a_post(gate.db, narrow.me)).uri

    target = narrow.me.featured

    refused, _, said = await without.post({"type": kind, "object": thing, "target": target})
    taken, _, _ = await narrow.post({"type": kind, "object": thing, "target": target})

    assert (refused, said) == (403, {"error": "This action is outside the authorized scopes"})
    assert taken == 201


async def test_an_undo_needs_the_scope_of_what_it_undoes(gate, peers):
    bob = program(gate, peers, "bob", "write:favourites")
    other = a_member(gate.db).actor
    follow = gate.write(relationships.follow, bob.me, other)

    assert (await bob.post({"type": "Undo", "object": follow}))[0] == 403


REFUSED: dict[str, tuple[object, int]] = {
    "not JSON": (b"{", 400),
    "no type": ({"object": "https://far.example/1"}, 400),
    "no object": ({"type": "Like"}, 400),
    "unknown type": ({"type": "Dance", "object": "https://far.example/1"}, 422),
    "somebody else": ({"type": "Like", "actor": "https://far.example/users/eve", "object": "x"}, 403),
    "unknown post": ({"type": "Like", "object": "NODE/objects/aaaaaaaaaaaaaaaaaaaaaaaaaa"}, 404),
    "unknown actor": ({"type": "Follow", "object": "NODE/actors/aaaaaaaaaaaaaaaaaaaaaaaaaa"}, 404),
    "empty note": ({"type": "Note", "content": "", "to": [PUBLIC]}, 422),
    "a Create of nothing we know": ({"type": "Create", "object": {"type": "Place", "name": "x"}}, 422),
    "an event without a start": ({"type": "Event", "name": "Choir", "to": [PUBLIC]}, 400),
    "an account": ({"type": "Delete", "object": "ME"}, 403),
    "an Update without the object": ({"type": "Update", "object": "ME"}, 422),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_says_why(gate, peers, name):
    bob = program(gate, peers, "bob")
    thing, expected = REFUSED[name]
    body = thing if isinstance(thing, bytes) else orjson.dumps(thing)
    body = body.replace(b"NODE", gate.base.encode()).replace(b"ME", bob.me.uri.encode())

    status, _, answer = await bob.post(body)

    assert status == expected
    assert answer["error"]


async def test_what_is_somebody_elses_is_not_changed_or_deleted(gate, peers):
    bob = program(gate, peers, "bob")
    uri = gate.read(posts.find, a_post(gate.db, a_member(gate.db).actor)).uri

    assert (await bob.post({"type": "Delete", "object": uri}))[0] == 403
    assert (await bob.post({"type": "Update", "object": {"id": uri, "type": "Note", "content": "Mine"}}))[0] == 403


async def test_without_a_token_and_with_somebody_elses_nothing_is_taken_or_shown(gate, peers):
    bob, eve = program(gate, peers, "bob"), program(gate, peers, "eve")
    stranger = Program(peers, bob.me, "alm_wrong")
    boxes = (("POST", "outbox"), ("GET", "inbox"), ("GET", "events"), ("POST", "proxy"))

    for method, box in boxes:
        assert (await stranger.ask(method, f"{bob.me.uri}/{box}", note("Hello")))[0] == 401
        assert (await eve.ask(method, f"{bob.me.uri}/{box}", note("Hello")))[0] == 403
    assert gate.stored("Create") == []


# -- what is read -----------------------------------------------------------------------------------------------------


async def test_the_owner_sees_the_whole_outbox(node, peers):
    bob, eve = program(node, peers, "bob"), program(node, peers, "eve")
    a_post(node.db, bob.me, "Open")
    a_post(node.db, bob.me, "Secret", visibility=Visibility.PRIVATE)
    address = f"{bob.me.uri}/outbox"

    async def texts(reader: Program) -> list[str]:
        _, headers, page = await reader.ask("GET", f"{address}?page=true")
        assert ("no-store" in headers["Cache-Control"]) == (reader is bob)
        return [item["object"]["content"] for item in page["orderedItems"]]

    assert await texts(bob) == ["<p>Secret</p>", "<p>Open</p>"]
    assert await texts(eve) == ["<p>Open</p>"]
    assert (await bob.ask("GET", address))[2]["totalItems"] == 2


async def test_a_token_shows_what_its_member_may_see(node, peers):
    bob, carol, eve = (program(node, peers, name) for name in ("bob", "carol", "eve"))
    a_post(node.db, bob.me, "For @carol", visibility=Visibility.DIRECT)
    [create] = node.stored("Create")
    narrow = Program(peers, carol.me, node.write(_issue, carol.me.id, ("write",)))

    for reader, status in ((bob, 200), (carol, 200), (eve, 404), (narrow, 403)):
        assert (await reader.ask("GET", create["object"]["id"]))[0] == status
    for reader, status in ((bob, 200), (carol, 404), (eve, 404)):
        assert (await reader.ask("GET", create["id"]))[0] == status


async def test_the_inbox_holds_what_is_for_its_owner(node, peers):
    ann = peers.person("ann")
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")
    mine = node.read(posts.find, a_post(node.db, bob.me, "Hello")).uri
    said = [
        ann.says("Follow", bob.me.uri),
        ann.says("Like", mine),
        ann.create(ann.note("<p>Hi</p>", to=[bob.me.uri], cc=[])),
        ann.says("Announce", mine, to=[PUBLIC]),
    ]
    for one in said:
        await node.hear(peers, one, by=ann)
    await node.hear(peers, ann.says("Undo", said[1]), by=ann)
    await node.hear(peers, ann.says("Like", "https://far.example/other"), by=ann)

    found = await bob.inbox()

    assert [one["type"] for one in found] == ["Undo", "Announce", "Create", "Follow"]
    assert found[2]["object"]["content"] == "<p>Hi</p>"
    assert await carol.inbox() == []


async def test_whom_one_follows_is_read_but_not_what_they_say_to_others(node, peers):
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")
    node.follows(bob.me, ann.uri)
    node.follows(carol.me, ann.uri)
    heard = [
        ann.create(ann.note("<p>All</p>")),
        ann.create(ann.note("<p>Followers</p>", to=[ann.followers], cc=[])),
        ann.create(ann.note("<p>Carol</p>", to=[carol.me.uri], cc=[])),
    ]
    for one in heard:
        await node.hear(peers, one, by=ann)
    a_post(node.db, carol.me, "Unrelated")

    assert [one["object"]["content"] for one in await bob.inbox()] == ["<p>Followers</p>", "<p>All</p>"]
    assert len(await carol.inbox()) == 3


async def test_blocked_and_muted_people_and_deleted_posts_are_not_read(node, peers):
    ann, eve, mia = peers.person("ann"), peers.person("eve"), peers.person("mia")
    bob = program(node, peers, "bob")
    notes = {one.name: one.note("<p>Hi</p>", to=[bob.me.uri], cc=[]) for one in (ann, eve, mia)}
    for one in (ann, eve, mia):
        await node.hear(peers, one.create(notes[one.name]), by=one)
    assert len(await bob.inbox()) == 3

    node.write(relationships.block, bob.me, node.actor(eve.uri))
    node.write(relationships.mute, bob.me, node.actor(mia.uri))
    await node.hear(peers, ann.says("Delete", {"id": notes["ann"]["id"], "type": "Tombstone"}, to=[PUBLIC]), by=ann)
    await node.hear(peers, eve.says("Block", bob.me.uri), by=eve)

    assert await bob.inbox() == []


async def test_only_the_senders_own_words_are_embedded(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")
    forged = {
        "id": "https://victim.example/1",
        "type": "Note",
        "attributedTo": "https://victim.example/u",
        "content": "Lies",
    }
    await node.hear(peers, ann.says("Announce", forged, to=[bob.me.uri], bcc=["https://far.example/x"]), by=ann)

    [found] = await bob.inbox()

    assert found["object"] == "https://victim.example/1"
    assert "bcc" not in found


async def test_the_inbox_is_read_page_by_page(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")
    for number in range(23):
        activity = ann.create(ann.note(f"<p>{number}</p>", to=[bob.me.uri], cc=[]))
        assert (await peers.send(activity, by=ann, to=node.inbox))[0] == 202
    await node.work()

    _, headers, box = await bob.ask("GET", f"{bob.me.uri}/inbox")
    _, _, first = await bob.ask("GET", box["first"])
    _, _, second = await bob.ask("GET", first["next"])

    texts = [item["object"]["content"] for page in (first, second) for item in page["orderedItems"]]
    assert texts == [f"<p>{number}</p>" for number in reversed(range(23))]
    assert "next" not in second
    assert headers["Cache-Control"] == "private, no-store"


async def test_reading_the_inbox_needs_the_scope(gate, peers):
    bob = program(gate, peers, "bob", "read:statuses", "write")

    assert (await bob.ask("GET", f"{bob.me.uri}/inbox"))[0] == 403


# -- as it happens ----------------------------------------------------------------------------------------------------


async def test_what_comes_and_goes_is_heard_until_the_token_ends(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")
    events = next(
        address for name, address in (await bob.fetch(bob.me.uri))[1]["endpoints"].items() if name == "eventSource"
    )
    port = node.host.rpartition(":")[2]
    assert peers._session is not None
    headers = {"Host": node.host, "Authorization": f"Bearer {bob.token}", "Accept": "text/event-stream"}

    async with (
        asyncio.timeout(30),
        peers._session.get(f"http://127.0.0.1:{port}{events.removeprefix(node.base)}", headers=headers) as stream,
    ):

        async def heard() -> tuple[str, Json]:
            name = ""
            async for line in stream.content:
                if line.startswith(b"event: "):
                    name = line[7:].strip().decode()
                elif line.startswith(b"data: "):
                    return name, orjson.loads(line[6:])
            raise AssertionError("the stream has ended")

        assert await stream.content.readline() == b":)\n"
        sent = await bob.says("Create", note("Mine"))
        assert [(name, one["id"]) for name, one in [await heard()]] == [("outbox", sent)]
        await node.hear(peers, ann.create(ann.note("<p>To others</p>")), by=ann)
        await node.hear(peers, ann.create(ann.note("<p>To you</p>", to=[bob.me.uri], cc=[])), by=ann)
        name, one = await heard()
        assert (name, one["object"]["content"]) == ("inbox", "<p>To you</p>")

        await node.db.write(access.revoke_of_member, bob.me.id)
        async with asyncio.timeout(30):
            await stream.content.read()


# -- through the node -------------------------------------------------------------------------------------------------


async def test_a_document_elsewhere_is_fetched_in_the_members_name(node, peers):
    ann = peers.person("ann")
    bob = program(node, peers, "bob")

    status, found = await bob.fetch(f"{ann.uri}#main-key")

    assert (status, found["id"]) == (200, ann.uri)
    [seen] = [one for one in peers.seen if one.url == ann.uri]
    assert f'keyId="{bob.me.uri}#main-key"' in seen.headers["Signature"]
    assert node.actor(ann.uri) is None


async def test_ones_own_boxes_and_what_one_may_see_here_come_without_the_network(node, peers):
    bob, carol = program(node, peers, "bob"), program(node, peers, "carol")
    a_post(node.db, carol.me, "For @bob", visibility=Visibility.DIRECT)
    a_post(node.db, carol.me, "For me", visibility=Visibility.PRIVATE)
    shown, hidden = node.stored("Create")

    assert (await bob.fetch(f"{bob.me.uri}/inbox?page=true"))[1]["orderedItems"][0]["id"] == shown["id"]
    assert (await bob.fetch(f"{bob.me.uri}/inbox"))[1]["first"] == f"{bob.me.uri}/inbox?page=true"
    assert (await bob.fetch(f"{carol.me.uri}/outbox?page=true"))[1]["orderedItems"] == []
    assert (await bob.fetch(shown["object"]["id"]))[1]["id"] == shown["object"]["id"]
    assert (await bob.fetch(hidden["object"]["id"]))[0] == 404
    assert (await bob.fetch(hidden["id"]))[0] == 404
    assert (await bob.fetch(f"{carol.me.uri}/inbox"))[0] == 404
    assert peers.seen == []


@pytest.mark.parametrize(
    ("failure", "expected"), [(404, 404), (410, 410), (401, 403), (403, 403), (500, 502), (429, 502), (None, 502)]
)
async def test_what_cannot_be_had_is_told(gate, peers, monkeypatch, failure, expected):
    bob = program(gate, peers, "bob")

    async def fetch(*_: object) -> None:
        raise FetchFailed("as scripted", retryable=False, status=failure)

    monkeypatch.setattr(gate.services.client, "fetch_document", fetch)

    assert (await bob.fetch("https://far.example/1"))[0] == expected


async def test_the_proxy_goes_nowhere_else_and_hands_out_nothing_else(gate, peers):
    bob = program(gate, peers, "bob")
    ann = peers.person("ann")
    gate.write(gate_block, ann.host.partition(":")[0])

    assert (await bob.fetch("http://10.0.0.1/"))[0] == 502
    assert (await bob.fetch("file:///etc/passwd"))[0] == 502
    assert (await bob.fetch(peers.at("/.well-known/webfinger?resource=acct:x", "other")))[0] in (404, 502)
    assert (await bob.fetch(""))[0] == 422
    assert (await bob.fetch(ann.uri))[0] == 404
    assert ann.uri not in peers.gets


def gate_block(tx: Tx, domain: str) -> None:
    from node.federation.tables import blocked_domains

    tx.conn.execute(blocked_domains.insert(), {"domain": domain, "reason": "", "created_at": tx.now})


async def test_the_actor_says_where_all_this_is(gate, peers):
    bob = program(gate, peers, "bob")

    _, _, document = await bob.ask("GET", bob.me.uri)

    assert document["endpoints"] == {
        "sharedInbox": f"{gate.base}/inbox",
        "proxyUrl": f"{bob.me.uri}/proxy",
        "oauthAuthorizationEndpoint": f"{gate.base}/oauth/authorize",
        "oauthTokenEndpoint": f"{gate.base}/oauth/token",
        "eventSource": f"{bob.me.uri}/events",
    }
    _, _, association = await bob.ask("GET", gate.actor_named("association").uri)
    assert set(association["endpoints"]) == {"sharedInbox"}
