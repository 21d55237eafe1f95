# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers read of a node: WebFinger, host-meta, NodeInfo, actors, posts, events, collections; in which form,
and who gets what is not for all."""

import json
from urllib.parse import quote, unquote

import orjson
import pytest
from aiohttp import web

from activitypub.addressing import PUBLIC, Visibility
from node import actors, events, federation, posts, relationships
from node.federation import hosts
from tests.support.builders import a_post, an_actor, an_event_draft
from tests.support.peers import AS2, Forgery, key_pair

LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def read(peers, url, **more):
    """(status, headers, the JSON or None)."""
    status, headers, body = await peers.ask("GET", url, **more)
    kind = headers.get("Content-Type", "")
    return status, headers, orjson.loads(body) if "json" in kind and body else None


# -- WebFinger --------------------------------------------------------------------------------------------------------

FORMS = {
    "acct": "acct:bob@{host}",
    "bare": "bob@{host}",
    "with an at sign": "@bob@{host}",
    "in capitals": "ACCT:Bob@{HOST}",
    "percent-encoded": "acct%3Abob%40{host}",
    "encoded twice": "acct%253Abob%2540{host}",
    "the page": "http://{host}/@bob",
    "the id": "{uri}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_a_member_is_found_under_every_form_of_the_question(gate, peers, form):
    bob = an_actor(gate.db, "bob")
    resource = form.format(host=gate.host, HOST=gate.host.upper(), uri=bob.uri)

    status, headers, jrd = await read(
        peers, f"{gate.base}/.well-known/webfinger?resource={resource}", accept="application/jrd+json"
    )

    assert status == 200
    assert headers["Content-Type"].startswith("application/jrd+json")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert jrd["subject"] == f"acct:bob@{gate.host}"
    links = {link["rel"]: link for link in jrd["links"]}
    assert links["self"] == {"rel": "self", "type": "application/activity+json", "href": bob.uri}
    assert links["http://webfinger.net/rel/profile-page"]["href"] == bob.url
    assert "{uri}" in links["http://ostatus.org/schema/1.0/subscribe"]["template"]


@pytest.mark.parametrize("form", ["{host}", "http://{host}", "http://{host}/", "acct:{name}@{host}"])
async def test_the_node_itself_is_found_by_its_domain(gate, peers, form):
    status, _, jrd = await read(
        peers,
        f"{gate.base}/.well-known/webfinger?resource={form.format(host=gate.host, name=gate.host.partition(chr(58))[0])}",
    )

    assert status == 200
    assert gate.read(actors.node_actor).uri in [link.get("href") for link in jrd["links"] if link["rel"] == "self"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("", 400),
        ("acct:", 400),
        ("acct:bob", 404),
        ("acct:nobody@{host}", 404),
        ("acct:bob@elsewhere.example", 404),
        ("http://{host}/@nobody", 404),
        ("http://elsewhere.example/@bob", 404),
        ("acct:bob@bob@{host}", 400),
        ("javascript:alert(1)", 400),
        ("acct:gone@{host}", 410),
    ],
)
async def test_who_is_not_here_is_told_apart_from_who_is_gone_and_from_nonsense(gate, peers, resource, expected):
    an_actor(gate.db, "bob")
    gate.write(actors.mark_deleted, an_actor(gate.db, "gone"))

    status, _, _ = await read(peers, f"{gate.base}/.well-known/webfinger?resource={resource.format(host=gate.host)}")

    assert status == expected


async def test_the_association_is_found_too(gate, peers):
    status, _, jrd = await read(peers, f"{gate.base}/.well-known/webfinger?resource=acct:association@{gate.host}")

    assert (status, jrd["subject"]) == (200, f"acct:association@{gate.host}")


@pytest.mark.parametrize("accept", ["application/xrd+xml", "application/json"])
async def test_host_meta_says_where_webfinger_is(gate, peers, accept):
    status, headers, body = await peers.ask("GET", f"{gate.base}/.well-known/host-meta", accept=accept)

    assert status == 200
    assert accept.split("/")[1].partition("+")[0] in headers["Content-Type"] or "jrd+json" in headers["Content-Type"]
    assert f"{gate.base}/.well-known/webfinger?resource={{uri}}".encode() in body


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_nodeinfo_tells_the_truth(gate, peers, version):
    bob = an_actor(gate.db, "bob")
    a_post(gate.db, bob, "Hello")
    _, _, links = await read(peers, f"{gate.base}/.well-known/nodeinfo")
    (address,) = [link["href"] for link in links["links"] if link["rel"].endswith(f"/{version}")]

    status, headers, found = await read(peers, address)

    assert status == 200
    assert f"schema/{version}#" in headers["Content-Type"]
    assert (found["version"], found["software"]["name"], found["protocols"]) == (version, "alumnode", ["activitypub"])
    assert found["usage"]["users"]["total"] == 1
    assert found["usage"]["localPosts"] == 1
    assert links["links"][-1]["href"] == gate.read(actors.node_actor).uri


# -- actors -----------------------------------------------------------------------------------------------------------


async def test_an_actor_is_readable_by_anybody_whatever_the_signature_is_worth(gate, peers):
    bob = an_actor(gate.db, "bob", class_year=2004)
    ann = peers.person("ann")

    for by, forgery in ((None, Forgery()), (ann, Forgery(key=key_pair(1))), (ann, Forgery())):
        status, headers, document = await read(peers, bob.uri, by=by, forgery=forgery)
        assert status == 200
        assert document["id"] == bob.uri
        assert "Accept" in headers["Vary"]

    assert peers.seen == []
    assert document["publicKey"]["owner"] == bob.uri
    assert document["inbox"] == f"{bob.uri}/inbox"
    assert document["endpoints"]["sharedInbox"] == gate.inbox
    assert document["assertionMethod"][0]["type"] == "Multikey"
    assert "mail.example" not in json.dumps(document)


@pytest.mark.parametrize("which", ["node_actor", "association"])
async def test_the_nodes_own_actors_are_readable(gate, peers, which):
    actor = gate.read(getattr(actors, which))

    status, _, document = await read(peers, actor.uri)

    assert (status, document["type"]) == (200, actor.type)


ASKED = {
    AS2: True,
    LD: True,
    "application/ld+json": True,
    "application/json": True,
    f"{AS2}, application/ld+json;q=0.9, text/html;q=0.1": True,
    "application/activity+json; charset=utf-8": True,
    BROWSER: False,
    "text/html": False,
    "*/*": False,
    f"text/html, {AS2};q=0.1": False,
}


@pytest.mark.parametrize(("accept", "machine"), ASKED.items(), ids=[name[:40] for name in ASKED])
async def test_machines_get_the_document_and_people_the_page(gate, peers, accept, machine):
    bob = an_actor(gate.db, "bob")
    post = gate.read(posts.find, a_post(gate.db, bob, "Hello"))

    for uri, page in ((bob.uri, bob.url), (post.uri, post.url)):
        status, headers, _ = await read(peers, uri, accept=accept)
        assert "Accept" in headers["Vary"]
        if machine:
            assert (status, headers["Content-Type"]) == (200, "application/activity+json; charset=utf-8")
        else:
            assert (status, headers["Location"]) == (303, page)


@pytest.mark.parametrize("accept", [AS2, LD])
async def test_pages_lead_machines_to_the_documents(gate, peers, accept):
    bob = an_actor(gate.db, "bob")
    post = gate.read(posts.find, a_post(gate.db, bob, "Hello"))
    event = gate.read(posts.find, gate.write(events.publish, bob, an_event_draft()))

    for page, uri in ((bob.url, bob.uri), (post.url, post.uri), (event.url, event.uri)):
        status, headers, document = await read(peers, page, accept=accept)
        assert (status in (301, 302, 303, 307, 308) and headers["Location"] == uri) or document["id"] == uri


async def test_an_actor_who_is_gone_is_gone_and_one_who_never_was_is_not_there(gate, peers):
    bob = an_actor(gate.db, "bob")
    gate.write(actors.mark_deleted, bob)

    assert (await read(peers, bob.uri))[0] == 410
    assert (await read(peers, f"{gate.base}/actors/{'a' * 26}"))[0] == 404


async def test_a_changed_profile_is_served_at_once(gate, peers):
    bob = an_actor(gate.db, "bob")
    await read(peers, bob.uri)

    gate.write(relationships.update_profile, bob, actors.ProfileChange(display_name="Bob B."))

    assert (await read(peers, bob.uri))[2]["name"] == "Bob B."


# -- posts and events -------------------------------------------------------------------------------------------------


async def test_a_public_post_is_a_note_for_everybody(gate, peers):
    bob = an_actor(gate.db, "bob")
    post = gate.read(posts.find, a_post(gate.db, bob, "Hello #harbour", visibility=Visibility.PUBLIC))

    status, headers, note = await read(peers, post.uri)

    assert status == 200
    assert "public" in headers["Cache-Control"]
    assert (note["type"], note["id"], note["attributedTo"], note["to"]) == ("Note", post.uri, bob.uri, [PUBLIC])
    assert note["tag"][0]["name"] == "#harbour"
    assert "https://www.w3.org/ns/activitystreams" in note["@context"]


@pytest.fixture
async def private(gate, peers):
    """(the node, the peers, Bob's post for followers, a follower, a neighbour of hers, a stranger)."""
    bob = an_actor(gate.db, "bob")
    ann, nina = peers.person("ann"), peers.person("nina")
    eve = peers.person("eve", "evil", key=1)
    for person in (ann, nina, eve):
        await gate.services.resolver.actor(person.uri)
    gate.followed_by(ann.uri, bob)
    post = gate.read(posts.find, a_post(gate.db, bob, "For followers", visibility=Visibility.PRIVATE))
    return gate, peers, post, ann, nina, eve


async def test_a_post_for_followers_is_given_to_their_servers_alone(private):
    _, peers, post, ann, nina, eve = private

    status, headers, note = await read(peers, post.uri, by=ann)
    assert (status, note["id"]) == (200, post.uri)
    assert headers["Cache-Control"] == "private, no-store"
    assert "Signature" in headers["Vary"]
    assert (await read(peers, post.uri, by=nina))[0] == 200  # one server, one reader: its instance actor asks
    assert (await read(peers, post.uri, by=eve))[0] == 404
    assert (await read(peers, post.uri))[0] == 404
    assert (await read(peers, post.uri, by=ann, forgery=Forgery(key=key_pair(1))))[0] == 404
    assert (await read(peers, post.uri, by=ann, forgery=Forgery(signed_target="/objects/other")))[0] == 404
    assert (await read(peers, f"{post.uri}/replies"))[0] == 404


async def test_a_follower_who_was_removed_reads_no_more(private):
    gate, peers, post, ann, _, _ = private

    gate.write(relationships.remove_follower, gate.actor_named("bob"), gate.actor(ann.uri))

    assert (await read(peers, post.uri, by=ann))[0] == 404


async def test_a_blocked_server_reads_nothing_that_is_not_for_all(private):
    gate, peers, post, ann, _, _ = private

    gate.write(hosts.block, "far.localhost")

    assert (await read(peers, post.uri, by=ann))[0] in (403, 404)


async def test_somebody_whom_the_author_blocks_reads_nothing_for_followers(private):
    gate, peers, post, ann, _, _ = private

    gate.write(relationships.block, gate.actor_named("bob"), gate.actor(ann.uri))

    assert (await read(peers, post.uri, by=ann))[0] == 404


async def test_a_direct_post_is_given_to_the_server_of_the_one_who_is_named(gate, peers):
    bob = an_actor(gate.db, "bob")
    ann, eve = peers.person("ann"), peers.person("eve", "evil", key=1)
    for person in (ann, eve):
        await gate.services.resolver.actor(person.uri)
    gate.followed_by(eve.uri, bob)
    number = a_post(gate.db, bob, f"@{ann.handle} a word", visibility=Visibility.DIRECT)
    uri = gate.read(posts.find, number).uri

    assert (await read(peers, uri, by=ann))[0] == 200
    assert (await read(peers, uri, by=eve))[0] == 404
    assert (await read(peers, uri))[0] == 404


async def test_a_deleted_post_leaves_a_tombstone_and_its_page_is_gone(gate, peers):
    bob = an_actor(gate.db, "bob")
    number = a_post(gate.db, bob, "Oops")
    uri = gate.read(posts.find, number).uri
    gate.write(posts.delete_post, bob, number)

    status, _, tombstone = await read(peers, uri)

    assert (status, tombstone["type"], tombstone["id"], tombstone["formerType"]) == (410, "Tombstone", uri, "Note")
    assert (await read(peers, f"{gate.base}/objects/{'a' * 26}"))[0] == 404


async def test_a_deleted_private_post_says_no_more_than_one_that_never_was(gate, peers):
    bob = an_actor(gate.db, "bob")
    number = a_post(gate.db, bob, "Secret", visibility=Visibility.DIRECT)
    uri = gate.read(posts.find, number).uri
    gate.write(posts.delete_post, bob, number)

    status, _, document = await read(peers, uri)

    assert status in (404, 410)
    assert "Secret" not in json.dumps(document)


async def test_an_event_is_served_as_an_event(gate, peers):
    association = gate.read(actors.association)
    number = gate.write(events.publish, association, an_event_draft(capacity=40, timezone="Europe/Paris"))
    uri = gate.read(posts.find, number).uri

    status, _, event = await read(peers, uri)

    assert (status, event["type"], event["name"], event["timezone"]) == (200, "Event", "Summer dinner", "Europe/Paris")
    assert event["maximumAttendeeCapacity"] == 40
    assert event["attributedTo"] == association.uri
    assert isinstance(event["location"], dict)


# -- collections ------------------------------------------------------------------------------------------------------


async def test_an_outbox_holds_the_public_activities_page_by_page(gate, peers):
    bob = an_actor(gate.db, "bob")
    for number in range(25):
        a_post(gate.db, bob, f"Post {number}")
    a_post(gate.db, bob, "Hidden", visibility=Visibility.PRIVATE)

    _, _, outbox = await read(peers, f"{bob.uri}/outbox")
    _, _, first = await read(peers, outbox["first"])
    _, _, second = await read(peers, first["next"])

    assert outbox["totalItems"] == 25
    texts = [item["object"]["content"] for page in (first, second) for item in page["orderedItems"]]
    assert texts == [f"<p>Post {number}</p>" for number in reversed(range(25))]
    assert "next" not in second
    assert first["partOf"] == f"{bob.uri}/outbox"


async def test_an_activity_is_served_at_its_id_if_it_is_public(gate, peers):
    bob = an_actor(gate.db, "bob")
    a_post(gate.db, bob, "Hello")
    a_post(gate.db, bob, "Hidden", visibility=Visibility.PRIVATE)
    shown, hidden = gate.stored("Create")

    assert (await read(peers, shown["id"]))[2]["object"]["content"] == "<p>Hello</p>"
    assert (await read(peers, hidden["id"]))[0] == 404
    assert (await read(peers, f"{gate.base}/activities/{'a' * 26}"))[0] == 404


async def test_what_was_deleted_or_taken_back_is_in_no_outbox(gate, peers):
    bob, carol = an_actor(gate.db, "bob"), an_actor(gate.db, "carol")
    number, other = a_post(gate.db, bob, "Oops"), a_post(gate.db, carol, "Boost me")
    gate.write(posts.boost, bob, other)
    gate.write(posts.unboost, bob, other)
    gate.write(posts.delete_post, bob, number)

    _, _, outbox = await read(peers, f"{bob.uri}/outbox")

    assert outbox["totalItems"] == 0
    assert gate.read(federation.activities.outbox, bob.uri) == []


@pytest.mark.parametrize("name", ["followers", "following", "featured"])
async def test_collections_tell_numbers_and_no_names(gate, peers, name):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    await gate.services.resolver.actor(ann.uri)
    gate.followed_by(ann.uri, bob)
    gate.follows(bob, ann.uri)

    status, _, collection = await read(peers, f"{bob.uri}/{name}")

    assert status == 200
    assert collection["id"] == f"{bob.uri}/{name}"
    assert collection["totalItems"] == (0 if name == "featured" else 1)
    assert ann.uri not in json.dumps(collection)


async def test_replies_that_are_public_are_listed(gate, peers):
    bob, carol = an_actor(gate.db, "bob"), an_actor(gate.db, "carol")
    number = a_post(gate.db, bob, "A question")
    answer = a_post(gate.db, carol, "An answer", in_reply_to_id=number)
    a_post(gate.db, carol, "A whisper", in_reply_to_id=number, visibility=Visibility.PRIVATE)

    _, _, replies = await read(peers, f"{gate.read(posts.find, number).uri}/replies")

    assert replies["totalItems"] == 1
    assert gate.read(posts.find, answer).uri in json.dumps(replies)


# -- finding others ---------------------------------------------------------------------------------------------------


async def test_somebody_elsewhere_is_found_by_handle_and_once_known_not_asked_for_again(node, peers):
    ann = peers.person("ann")

    first = await node.services.resolver.actor_by_handle(f"@{ann.handle}")
    asked = len(peers.seen)
    second = await node.services.resolver.actor_by_handle(f"@{ann.name.upper()}@{ann.host}")

    assert first.uri == ann.uri
    assert second.id == first.id
    assert len(peers.seen) == asked


async def test_a_handle_that_names_nobody_is_remembered(node, peers):
    for _ in range(3):
        assert await node.services.resolver.actor_by_handle(f"@nobody@{peers.host('far')}") is None

    asked = [seen.url.partition("?")[0].rpartition("/")[2] for seen in peers.seen]
    assert asked == ["webfinger", "host-meta"]


async def test_a_handle_domain_of_its_own_is_believed_when_it_says_so_itself(node, peers):
    ann = peers.person("ann", "social")
    handle = f"ann@{peers.host('school')}"
    answer = {"subject": f"acct:{handle}", "links": [{"rel": "self", "type": AS2, "href": ann.uri}]}
    _jrd(peers, "social", ann.handle, answer)
    _jrd(peers, "school", handle, answer)

    found = await node.services.resolver.actor(ann.uri)

    assert (found.username, found.domain) == ("ann", peers.host("school"))


async def test_a_handle_at_a_domain_that_does_not_agree_is_not_given_out(node, peers):
    mallory = peers.person("mallory", "evil")
    claimed = f"president@{peers.host('school')}"
    _jrd(
        peers,
        "evil",
        mallory.handle,
        {"subject": f"acct:{claimed}", "links": [{"rel": "self", "type": AS2, "href": mallory.uri}]},
    )

    found = await node.services.resolver.actor(mallory.uri)

    assert found.acct == mallory.handle


async def test_a_post_is_found_by_its_id_and_by_its_page(node, peers):
    ann = peers.person("ann")
    note = peers.serve(ann.note())
    peers.documents[note["url"]] = note

    by_page = await node.services.resolver.post(note["url"])
    by_id = await node.services.resolver.post(note["id"])

    assert by_page == by_id is not None


def _jrd(peers, server, handle, answer):
    from aiohttp import web

    async def say(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=orjson.dumps(answer), content_type="application/jrd+json")

    peers.handlers[peers.at(f"/.well-known/webfinger?resource=acct:{handle}", server)] = say


async def test_a_handle_is_found_through_host_meta_where_webfinger_is_elsewhere(node, peers):
    ann = peers.person("ann", "social")
    school = peers.host("school")
    handle = f"ann@{school}"
    template = peers.at("/wf?for={uri}", "social")

    async def meta(_request):
        return web.Response(
            text=f'<XRD><Link rel="lrdd" template="{template}"/></XRD>', content_type="application/xrd+xml"
        )

    async def finger(request):
        assert request.query["for"] == f"acct:{handle}"
        links = [{"rel": "self", "type": "application/activity+json", "href": ann.uri}]
        return web.json_response({"subject": f"acct:{handle}", "links": links}, content_type="application/jrd+json")

    peers.handlers[peers.at("/.well-known/host-meta", "school")] = meta
    wanted = peers.at("/wf?for=", "social") + quote(f"acct:{handle}", safe="")
    peers.handlers[wanted] = peers.handlers[unquote(wanted)] = finger

    found = await node.services.resolver.actor_by_handle(handle)

    assert found is not None
    assert found.uri == ann.uri
