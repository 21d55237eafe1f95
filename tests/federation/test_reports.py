# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports to and from other servers: whom they are about, what is passed on, and how many are taken."""

import pytest

from activitypub.addressing import Visibility
from node import actors, moderation, posts
from node.kernel.errors import Invalid, NotAllowed, NotFound, TooMany
from node.kernel.paging import Page
from node.moderation import Category, rules
from node.moderation.tables import reports
from tests.support.builders import a_member, a_post, an_actor


def open_cases(node):
    return node.read(moderation.cases, Page(), resolved=False)


async def a_server(peers, node):
    """The actor that signs another server's reports."""
    host = peers.host()
    signer = peers.person(host.partition(":")[0], kind="Application")
    await node.services.resolver.actor(signer.uri)
    return signer


# -- from elsewhere ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["account and posts", "posts alone", "the account alone", "summary", "no words"])
async def test_a_report_from_elsewhere_reaches_the_staff(node, peers, form):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    signer = await a_server(peers, node)
    uri = node.read(posts.find, a_post(node.db, bob)).uri
    foreign = node.read(posts.find, a_post(node.db, eve)).uri
    thing, more = {
        "account and posts": ([bob.uri, uri, foreign, peers.at("/users/ann")], {"content": "<p>Rude &amp; loud</p>"}),
        "posts alone": ([uri], {"content": "Rude & loud"}),
        "the account alone": (bob.uri, {"content": "Rude & loud"}),
        "summary": ([bob.uri, uri], {"summary": "Rude & loud"}),
        "no words": ([bob.uri, uri], {}),
    }[form]

    await node.hear(peers, signer.says("Flag", thing, to=bob.uri, **more), by=signer)

    [case] = open_cases(node)
    assert (case.target.id, case.report.host, case.reporter.uri) == (bob.id, peers.host(), signer.uri)
    assert case.report.comment == ("" if form == "no words" else "Rude & loud")
    assert case.report.posts == (() if form == "the account alone" else (uri,))


async def test_the_same_report_twice_is_one(node, peers):
    bob, signer = an_actor(node.db, "bob"), await a_server(peers, node)
    flag = signer.says("Flag", [bob.uri], content="Rude")

    await node.hear(peers, flag, by=signer)
    await node.hear(peers, flag, by=signer)

    assert node.count(reports) == 1


@pytest.mark.parametrize("about", ["somebody elsewhere", "nobody", "a thing of ours that is not there"])
async def test_a_report_about_nobody_here_is_dropped(node, peers, about):
    signer = await a_server(peers, node)
    thing = {
        "somebody elsewhere": peers.at("/users/ann"),
        "nobody": f"{node.base}/actors/{'a' * 26}",
        "a thing of ours that is not there": [f"{node.base}/objects/{'a' * 26}"],
    }[about]

    await node.hear(peers, signer.says("Flag", thing, content="Rude"), by=signer)

    assert node.count(reports) == 0


async def test_a_flood_of_reports_from_one_server_is_cut_and_others_come_through(gate, peers, monkeypatch):
    monkeypatch.setattr(rules, "PER_HOST_AN_HOUR", 3)
    bob, signer = an_actor(gate.db, "bob"), await a_server(peers, gate)
    other = peers.person("reporter", "other", key=1)
    await gate.services.resolver.actor(other.uri)
    for _ in range(5):
        await gate.hear(peers, signer.says("Flag", [bob.uri], content="Rude"), by=signer)
    await gate.hear(peers, other.says("Flag", [bob.uri], content="Rude"), by=other)

    assert sorted(case.report.host for case in open_cases(gate)) == sorted([*[peers.host()] * 3, peers.host("other")])


async def test_a_report_hides_nothing(node, peers):
    bob, signer = an_actor(node.db, "bob"), await a_server(peers, node)
    post_id = a_post(node.db, bob)
    for _ in range(3):
        uri = node.read(posts.find, post_id).uri
        await node.hear(peers, signer.says("Flag", [bob.uri, uri], content="Rude"), by=signer)

    assert node.read(posts.visible, post_id, None).id == post_id


# -- from here --------------------------------------------------------------------------------------------------------


async def a_rude_neighbour(node, peers):
    """(a member, a remote actor, the number of a post of theirs)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    remote = await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    note = peers.serve(ann.note("<p>Rude words</p>"))
    await node.hear(peers, ann.create(note), by=ann)
    return bob, remote, node.read(posts.by_uri, note["id"])


async def test_a_report_is_passed_on_by_the_node_and_never_says_by_whom(node, peers):
    bob, ann, post = await a_rude_neighbour(node, peers)

    found = node.write(
        moderation.report, bob, ann.id, post_ids=[post.id], comment="Rude", category=Category.SPAM, forward=True
    )
    await node.work()

    [flag] = [said for said in peers.received() if said["type"] == "Flag"]
    assert flag["actor"] == node.read(actors.node_actor).uri
    assert flag["object"] == [ann.uri, post.uri]
    assert (flag["content"], flag["to"]) == ("Rude", [ann.uri])
    assert found.forwarded
    assert "bob" not in str(flag)
    assert bob.uri not in str(flag)


async def test_a_report_stays_here_unless_it_is_to_be_passed_on(node, peers):
    bob, ann, post = await a_rude_neighbour(node, peers)

    found = node.write(moderation.report, bob, ann.id, post_ids=[post.id])
    await node.work()

    assert "Flag" not in [said["type"] for said in peers.received()]
    assert (found.forwarded, found.posts) == (False, (post.uri,))


async def test_only_posts_of_the_one_who_is_reported_and_that_the_reporter_sees_are_named(node):
    bob, eve, dan = (an_actor(node.db, name) for name in ("bob", "eve", "dan"))
    seen, others = a_post(node.db, eve), a_post(node.db, dan)
    hidden = a_post(node.db, eve, "@dan only you", visibility=Visibility.DIRECT)

    found = node.write(moderation.report, bob, eve.id, post_ids=[seen, others, hidden, 1])

    assert found.posts == (node.read(posts.find, seen).uri,)


async def test_a_report_has_bounds(node, monkeypatch):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    monkeypatch.setattr(rules, "PER_MEMBER_A_DAY", 1)

    with pytest.raises(Invalid):
        node.write(moderation.report, bob, bob.id)
    with pytest.raises(Invalid):
        node.write(moderation.report, bob, eve.id, comment="x" * 1001)
    with pytest.raises(NotFound):
        node.write(moderation.report, bob, 12)
    node.write(moderation.report, bob, eve.id)
    with pytest.raises(TooMany):
        node.write(moderation.report, bob, eve.id)


# -- the staff --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_moderators_deal_with_reports_and_what_they_did_is_written_down(node, role):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    mod = a_member(node.db, "mora", roles=("member", role))
    found = node.write(moderation.report, bob, eve.id)

    node.write(moderation.take, mod, found.id)
    assert node.read(moderation.open_count) == 1
    node.write(moderation.dismiss, mod, found.id)
    node.write(moderation.dismiss, mod, found.id)
    assert open_cases(node) == []
    [case] = node.read(moderation.cases, Page(), resolved=True)
    assert case.resolver.id == mod.id

    assert [(one.action, one.actor_id) for one in node.read(moderation.history, found.id)] == [
        ("take", mod.id),
        ("dismiss", mod.id),
    ]


async def test_nobody_else_deals_with_them(node):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    found = node.write(moderation.report, bob, eve.id)
    dan = a_member(node.db, "dan", roles=("member", "treasurer"))

    with pytest.raises(NotAllowed):
        node.write(moderation.dismiss, dan, found.id)
    assert node.read(moderation.open_count) == 1
