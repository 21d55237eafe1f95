# SPDX-License-Identifier: AGPL-3.0-or-later
"""Profiles among servers: links that are proved, suspensions, handles that change, and handles under another domain."""

from datetime import timedelta

import orjson
import pytest
from aiohttp import web
from sqlalchemy import update

from node import actors, posts, profiles, relationships
from node.actors import ProfileChange
from node.actors.tables import actors as actor_rows
from node.federation.links import links_back
from node.kernel import clock
from node.kernel.errors import NotFound
from node.profiles import Ask, Career, Education, Facts, FederationMode, Kind, Label
from tests.support import nodes
from tests.support.builders import a_post, an_actor
from tests.support.peers import AS2

# -- links ------------------------------------------------------------------------------------------------------------

ME = "https://harbour.example/@bob"
PAGES = {
    "a link": (f'<a href="{ME}" rel="me">Bob</a>', True),
    "in the head": (f'<link rel="me" href="{ME}">', True),
    "among others": (f"<a class=x rel=\"nofollow ME noopener\" href='{ME}'>Bob</a>", True),
    "without quotes": (f"<a rel=me href={ME}>Bob</a>", True),
    "over two lines": (f'<a\n  rel="me"\n  href="{ME}"\n>Bob</a>', True),
    "with entities": (f'<a rel="me" href="{ME.replace("/", "&#x2F;")}">Bob</a>', True),
    "without rel": (f'<a href="{ME}">Bob</a>', False),
    "of another": (f'<a rel="me" href="{ME}x">Bob</a>', False),
    "with another word": (f'<a rel="mem" href="{ME}">Bob</a>', False),
    "as text": (f'rel="me" href="{ME}"', False),
    "another element": (f'<abbr rel="me" href="{ME}">Bob</abbr>', False),
    "twice, the first counts": (f'<a rel="me" href="https://x.example" href="{ME}">Bob</a>', False),
    "too long": (f'<a {"x" * 3000} rel="me" href="{ME}">Bob</a>', False),
    "nothing": ("", False),
    "a page of open tags": ("<a " * 300_000, False),
}


@pytest.mark.parametrize(("page", "expected"), PAGES.values(), ids=PAGES)
def test_a_page_links_back_with_rel_me_to_the_very_profile(page, expected):
    assert links_back(page, (ME,)) is expected


def page_at(peers, server, text, *, kind="text/html", status=200):
    """A page of somebody's own; its address."""
    address = peers.at("/bob", server)

    async def answer(_request):
        return web.Response(text=text, content_type=kind, status=status)

    peers.handlers[address] = answer
    return address


async def test_a_members_link_is_checked_once_it_is_saved(node, peers):
    bob = an_actor(node.db, "bob")
    address = page_at(peers, "home", f'<a rel="me" href="{bob.url}">me</a>')

    node.write(relationships.update_profile, bob, ProfileChange(fields=[("Web", address), ("Work", "Pilot")]))
    await node.work()

    web_line, work = node.actor(bob.uri).fields
    assert web_line.verified_at is not None
    assert work.verified_at is None
    assert ' rel="me ' in node.stored("Update")[-1]["object"]["attachment"][0]["value"]
    asked = len(peers.gets)
    node.write(relationships.update_profile, node.actor(bob.uri), ProfileChange(fields=[("Home", address)]))
    await node.work()
    assert node.actor(bob.uri).fields[0].verified_at == web_line.verified_at
    assert len(peers.gets) == asked


@pytest.mark.parametrize("fault", ["of another", "no page", "not HTML", "our own", "not only a link"])
async def test_a_link_that_proves_nothing_is_not_marked(gate, peers, fault):
    bob = an_actor(gate.db, "bob")
    back = f'<a rel="me" href="{bob.url}">me</a>'
    address = {
        "of another": lambda: page_at(peers, "home", back.replace("@bob", "@eve")),
        "no page": lambda: page_at(peers, "home", back, status=404),
        "not HTML": lambda: page_at(peers, "home", back, kind="text/plain"),
        "our own": lambda: bob.url,
        "not only a link": lambda: page_at(peers, "home", back),
    }[fault]()
    value = f"see {address} please" if fault == "not only a link" else address

    gate.write(relationships.update_profile, bob, ProfileChange(fields=[("Web", value)]))
    await gate.work()

    assert gate.actor(bob.uri).fields[0].verified_at is None


async def test_a_strangers_links_are_not_followed_and_a_friends_are(node, peers):
    bob, uri = an_actor(node.db, "bob"), peers.at("/@ann")
    address = page_at(peers, "home", f'<link rel="me" href="{uri}">')
    line = {"type": "PropertyValue", "name": "Web", "value": f'<a href="{address}" rel="me">home</a>'}
    ann = peers.person("ann", attachment=[line])
    remote = await node.services.resolver.actor(ann.uri)
    await node.work()
    assert address not in peers.gets

    node.follows(bob, ann.uri)
    await node.work()

    assert node.actor(remote.uri).fields[0].verified_at is not None


# -- suspended --------------------------------------------------------------------------------------------------------


async def test_somebody_whom_their_server_suspends_is_not_shown_until_it_is_over(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    note = ann.note()
    await node.hear(peers, ann.create(note), by=ann)
    post = node.read(posts.by_uri, note["id"])

    await node.hear(peers, ann.says("Update", {**ann.document, "suspended": True}), by=ann)
    with pytest.raises(NotFound):
        node.read(posts.visible, post.id, bob.id)
    await node.hear(peers, ann.create(ann.note()), by=ann)
    assert node.actor(ann.uri).statuses_count == 1
    assert await node.services.resolver.actor(ann.uri) is None

    await node.hear(peers, ann.says("Update", ann.document), by=ann)
    assert node.read(posts.visible, post.id, bob.id).id == post.id


async def test_a_moderators_suspension_is_not_taken_back_from_elsewhere(node, peers):
    ann = peers.person("ann")
    remote = await node.services.resolver.actor(ann.uri)
    node.write(lambda tx: actors.touch(tx, remote.id, suspended_at=tx.now))

    await node.hear(peers, ann.says("Update", ann.document), by=ann)
    await node.services.resolver.actor(ann.uri, refresh=True)

    assert not node.actor(ann.uri).is_active


async def test_a_suspended_member_says_so_and_nothing_else(node, peers):
    bob = an_actor(node.db, "bob")
    node.write(relationships.update_profile, bob, ProfileChange(summary="Personal"))
    node.write(
        lambda tx: tx.conn.execute(update(actor_rows).where(actor_rows.c.id == bob.id).values(suspended_at=tx.now))
    )

    status, _, body = await peers.ask("GET", bob.uri, accept=AS2)

    document = orjson.loads(body)
    assert (status, document["suspended"], document["summary"]) == (200, True, "")
    assert "Personal" not in body.decode()
    assert document["publicKey"]["publicKeyPem"]
    status, _, _ = await peers.ask("GET", f"{bob.uri}/outbox", accept=AS2)
    assert status == 403


async def test_what_others_say_of_being_found_is_kept(node, peers):
    ann = peers.person("ann", discoverable=True, indexable=True, memorial=True)

    await node.services.resolver.actor(ann.uri)

    remote = node.actor(ann.uri)
    assert (remote.discoverable, remote.indexable, remote.memorial) == (True, True, True)
    await node.hear(peers, ann.says("Update", {**ann.document, "indexable": False, "memorial": None}), by=ann)
    remote = node.actor(ann.uri)
    assert (remote.discoverable, remote.indexable, remote.memorial) == (True, False, False)


# -- handles ----------------------------------------------------------------------------------------------------------


def finger(peers, host, handle, uri, *, subject=None):
    """What WebFinger says of a handle at one of the servers."""

    async def answer(_request):
        links = [{"rel": "self", "type": AS2, "href": uri}]
        body = orjson.dumps({"subject": f"acct:{subject or handle}", "links": links})
        return web.Response(body=body, content_type="application/jrd+json")

    peers.handlers[f"http://{host}/.well-known/webfinger?resource=acct:{handle}"] = answer


async def test_a_new_handle_is_believed_once_webfinger_says_so(node, peers):
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    document = {**ann.document, "preferredUsername": "annie"}
    await node.hear(peers, ann.says("Update", document), by=ann)
    assert node.actor(ann.uri).acct == ann.handle

    ann.document["preferredUsername"], ann.name = "annie", "annie"
    await node.hear(peers, ann.says("Update", document), by=ann)

    assert node.actor(ann.uri).acct == f"annie@{peers.host()}"
    assert node.read(actors.by_handle, "ann", peers.host()) is None


async def test_nobody_takes_the_handle_of_somebody_else(node, peers):
    ann, eve = peers.person("ann"), peers.person("eve", key=1)
    await node.services.resolver.actor(ann.uri)
    await node.services.resolver.actor(eve.uri)
    eve.document.update(preferredUsername="ann", webfinger=ann.handle)

    await node.hear(peers, eve.says("Update", eve.document), by=eve)
    await node.services.resolver.actor(eve.uri, refresh=True)

    assert node.read(actors.by_handle, "ann", peers.host()).uri == ann.uri


async def test_a_handle_stays_while_webfinger_is_away(node, peers):
    school = peers.host("school")
    ann = peers.person("ann", webfinger=f"ann@{school}")
    finger(peers, school, f"ann@{school}", ann.uri)
    await node.services.resolver.actor(ann.uri)
    del peers.handlers[f"http://{school}/.well-known/webfinger?resource=acct:ann@{school}"]

    await node.services.resolver.actor(ann.uri, refresh=True)

    assert node.actor(ann.uri).acct == f"ann@{school}"


async def test_whoever_lost_a_handle_does_not_take_it_back_by_saying_so(node, peers):
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    anew = peers.person("anew", key=1, preferredUsername="ann")
    finger(peers, peers.host(), f"ann@{peers.host()}", anew.uri)
    await node.services.resolver.actor(anew.uri)
    assert node.read(actors.by_handle, "ann", peers.host()).uri == anew.uri

    await node.hear(peers, ann.says("Update", {**ann.document, "name": "Ann"}), by=ann)

    assert node.actor(ann.uri).display_name == "Ann"
    assert node.read(actors.by_handle, "ann", peers.host()).uri == anew.uri


@pytest.mark.parametrize("said", ["by WebFinger", "in the document"])
async def test_a_handle_under_another_domain_than_the_id_is_theirs_if_both_say_so(node, peers, said):
    school = peers.host("school")
    handle = f"ann@{school}"
    ann = peers.person("ann", **({"webfinger": handle} if said == "in the document" else {}))
    finger(peers, peers.host(), ann.handle, ann.uri, subject=handle)
    finger(peers, school, handle, ann.uri)

    remote = await node.services.resolver.actor(ann.uri)

    assert remote.acct == handle
    assert (await node.services.resolver.actor_by_handle(f"@{handle}")).id == remote.id


@pytest.mark.parametrize("fault", ["the other host says nothing", "the other host names another", "a third host"])
async def test_a_handle_that_the_other_domain_does_not_know_is_not_believed(node, peers, fault):
    school, third = peers.host("school"), peers.host("third")
    ann = peers.person("ann", webfinger=f"ann@{school}")
    finger(peers, peers.host(), ann.handle, ann.uri, subject=f"ann@{school}")
    if fault == "the other host names another":
        finger(peers, school, f"ann@{school}", f"{ann.uri}x")
    elif fault == "a third host":
        finger(peers, school, f"ann@{school}", ann.uri, subject=f"ann@{third}")

    assert (await node.services.resolver.actor(ann.uri)).acct == ann.handle


# -- ours under another domain ----------------------------------------------------------------------------------------


@pytest.fixture
async def split(tmp_path, sqlite_template):
    """A node whose handles are under `school`, and whose server is called `harbour`."""
    async with nodes.running(tmp_path, sqlite_template, None, handles="school") as made:
        yield made


FORMS = (
    "acct:bob@{school}",
    "bob@{school}",
    "@Bob@{SCHOOL}",
    "acct:bob@{host}",
    "acct%3Abob%40{host}",
    "http://{host}/@bob",
    "http://{host}/@Bob/",
    "https://{school}/@bob",
    "{uri}",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("asked", ["school", "host"])
async def test_every_question_is_answered_with_the_handle(split, peers, form, asked):
    school = split.services.settings.domain
    bob = an_actor(split.db, "bob")
    resource = form.format(school=school, SCHOOL=school.upper(), host=split.host, uri=bob.uri)

    status, _, body = await peers.ask(
        "GET", f"http://{school if asked == 'school' else split.host}/.well-known/webfinger?resource={resource}"
    )

    answer = orjson.loads(body)
    assert (status, answer["subject"]) == (200, f"acct:bob@{school}")
    assert next(link["href"] for link in answer["links"] if link["rel"] == "self") == bob.uri
    assert bob.uri.startswith(split.base)


async def test_a_member_is_mentioned_followed_and_posts_under_the_other_domain(split, peers):
    school = split.services.settings.domain
    bob, ann = an_actor(split.db, "bob"), peers.person("ann")
    await split.services.resolver.actor(ann.uri)
    _, _, body = await peers.ask("GET", bob.uri, accept=AS2)
    assert orjson.loads(body)["webfinger"] == f"bob@{school}"

    await split.hear(peers, ann.says("Follow", bob.uri), by=ann)
    a_post(split.db, bob, f"@bob@{school} and @{ann.handle}")
    await split.work()

    accept, create = peers.received()
    assert accept["type"] == "Accept"
    assert create["object"]["id"].startswith(f"{split.base}/objects/")
    assert create["object"]["url"].startswith(f"{split.base}/@bob/")
    assert split.read(actors.by_handle, "bob").id == bob.id
    for name, expected in ((f"bob@{school}", bob.id), (f"bob@{split.host}", bob.id)):
        assert (await split.services.resolver.actor_by_handle(name)).id == expected


async def test_the_node_itself_is_found_under_both_names(split, peers):
    school = split.services.settings.domain
    node_actor = split.read(actors.node_actor)
    for resource in (school, split.host, f"https://{school}/", f"acct:{node_actor.username}@{school}"):
        status, _, body = await peers.ask("GET", f"{split.base}/.well-known/webfinger?resource={resource}")
        assert (status, node_actor.uri in body.decode()) == (200, True), resource


# -- what is public of a profile ---------------------------------------------------------------------------------------


async def test_what_becomes_public_of_a_profile_is_told_in_our_words_and_in_those_of_schema_org(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    node.write(profiles.answer, bob.id, federation_mode=FederationMode.OPEN)
    facts = Facts(headline="Pilot & more", pronouns="he/him", languages=(("fr", "native"),), city="Lyon", country="FR")
    node.write(profiles.write, bob.id, facts, dict.fromkeys(("headline", "pronouns", "languages", "location"), 5))
    for kind, details in (
        (Kind.EDUCATION, Education(school="Harbour Academy", programme="Navigation", class_year=2004)),
        (Kind.CAREER, Career(employer="Ferries <& Co>", title="Pilot")),
        (Kind.SKILL, Label(label="Knots")),
        (Kind.SEEK, Ask(text="A berth for June")),
        (Kind.OFFER, Ask(text="Lessons in knots")),
    ):
        node.write(profiles.add, bob.id, kind, details, 5)
    await node.work()

    update = peers.received()[-1]
    said = update["object"]
    assert said["summary"].startswith("<p>Pilot &amp; more</p>")
    assert [(line["name"], line["value"]) for line in said["attachment"]] == [
        ("School", "Harbour Academy, 2004"),
        ("Programme", "Navigation"),
        ("City", "Lyon"),
        ("Employer", "Ferries &lt;&amp; Co&gt;"),
        ("Seeks", "A berth for June"),
        ("Offers", "Lessons in knots"),
    ]
    assert update["@context"][-1]["sc"] == "http://schema.org/"
    terms = orjson.loads(orjson.dumps({name: value for name, value in said.items() if name.startswith("sc:")}))
    ends = [terms[name][0].pop("sc:validThrough") for name in ("sc:seeks", "sc:makesOffer")]
    assert all(end.endswith("Z") for end in ends)
    assert terms == {
        "sc:pronouns": "he/him",
        "sc:alumniOf": [{"type": "sc:EducationalOrganization", "sc:name": "Harbour Academy"}],
        "sc:worksFor": [{"type": "sc:Organization", "sc:name": "Ferries <& Co>"}],
        "sc:hasOccupation": [{"type": "sc:Occupation", "sc:name": "Pilot"}],
        "sc:knowsAbout": ["Knots"],
        "sc:knowsLanguage": ["fr"],
        "sc:homeLocation": {
            "type": "sc:Place",
            "sc:address": {"type": "sc:PostalAddress", "sc:addressLocality": "Lyon", "sc:addressCountry": "FR"},
        },
        "sc:seeks": [{"type": "sc:Demand", "sc:name": "A berth for June"}],
        "sc:makesOffer": [{"type": "sc:Offer", "sc:name": "Lessons in knots"}],
    }
    served = orjson.loads((await peers.ask("GET", bob.uri))[2])
    assert served == said | {"@context": served["@context"]}
    assert served["@context"][-1]["sc"] == "http://schema.org/"


async def test_followers_hear_when_something_public_changes_or_is_narrowed_and_of_nothing_else(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    skill = node.write(profiles.add, bob.id, Kind.SKILL, Label(label="Knots"), 5)
    hidden = node.write(profiles.add, bob.id, Kind.SKILL, Label(label="Sailing"), 4)

    async def told(fn, *args, **more):
        peers.seen.clear()
        node.write(fn, bob.id, *args, **more)
        await node.work()
        return [update["object"].get("sc:knowsAbout") for update in peers.received()]

    assert await told(profiles.answer, federation_mode=FederationMode.PARTNERS) == [None]
    assert await told(profiles.answer, federation_mode=FederationMode.OPEN) == [["Knots"]]
    assert await told(profiles.change, hidden, Label(label="Rowing"), 3) == []
    assert await told(profiles.change, skill, Label(label="Splicing"), 5) == [["Splicing"]]
    assert await told(profiles.change, skill, Label(label="Splicing"), 4) == [None]
    assert await told(profiles.remove, skill) == []


async def test_what_is_sought_is_in_no_document_after_its_end(node, peers, monkeypatch):
    bob = an_actor(node.db, "bob")
    node.write(profiles.answer, bob.id, federation_mode=FederationMode.OPEN)
    for days in (2, 20):
        until = clock.now() + timedelta(days=days)
        node.write(profiles.add, bob.id, Kind.SEEK, Ask(text=f"A berth for {days} days"), 5, valid_until=until)
    assert b"for 2 days" in (await peers.ask("GET", bob.uri))[2]

    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr("node.kernel.clock.now", lambda: later)

    said = (await peers.ask("GET", bob.uri))[2]
    assert b"for 2 days" not in said
    assert b"for 20 days" in said
