# SPDX-License-Identifier: AGPL-3.0-or-later
"""How far a member is known: to everybody, to partner schools alone, or to nobody elsewhere; at every door of federation."""

from urllib.parse import quote

import pytest

from node import access, actors, posts, profiles, relationships
from node.actors import Reach
from node.kernel.errors import NotAllowed
from node.profiles import FederationMode
from tests.support.builders import a_post, an_actor
from tests.support.peers import Forgery

MODES = (FederationMode.LOCAL, FederationMode.PARTNERS, FederationMode.OPEN)


@pytest.fixture
async def schools(node, peers):
    """(node, peers, somebody at a partner school, somebody at another server), both following our Bob."""
    theirs = peers.person("association", "quays", kind="Organization")
    friend, other = peers.person("friend", "quays"), peers.person("other", "far", key=1)
    for person in (theirs, friend, other):
        await node.services.resolver.actor(person.uri)
    node.write(relationships.want_partner, node.actor(theirs.uri))
    node.follows(node.read(actors.association), theirs.uri)
    node.followed_by(theirs.uri, node.read(actors.association))
    bob = an_actor(node.db, "bob")
    for person in (friend, other):
        node.followed_by(person.uri, bob)
    await node.work()
    peers.seen.clear()
    return node, peers, friend, other, bob


def choose(node, member, mode):
    node.write(profiles.answer, member.id, federation_mode=mode)
    return node.read(actors.get, member.id)


def token(node, member):
    """A token of a member's program that may read."""

    def issue(tx):
        redirect = ["urn:ietf:wg:oauth:2.0:oob"]
        app, _ = access.register_app(tx, name="Pier", redirect_uris=redirect, scopes="read", website=None)
        return access.issue_token(tx, app_id=app.id, member_id=member.id, scopes=("read",)).secret

    return node.write(issue)


def addresses(node, bob, post):
    """Every address that says something of Bob to other servers, and what it is asked as."""
    handle = f"{node.base}/.well-known/webfinger?resource="
    return [
        *(f"{bob.uri}{path}" for path in ("", "/outbox", "/outbox?page=true", "/followers", "/following", "/featured")),
        f"{bob.uri}/featured-tags",
        f"{bob.uri}/followers_synchronization",
        *(f"{post.uri}{path}" for path in ("", "/replies", "/likes", "/shares")),
        node.stored("Create")[0]["id"],
        f"{handle}acct:bob@{node.host}",
        f"{handle}{quote(bob.url, safe='')}",
        f"{handle}{quote(bob.uri, safe='')}",
        bob.url,
    ]


@pytest.mark.parametrize("mode", MODES)
async def test_a_member_is_there_for_those_servers_alone_that_they_chose(schools, mode):
    node, peers, friend, other, bob = schools
    post = node.read(posts.find, a_post(node.db, bob, "Hello"))
    bob = choose(node, bob, mode)
    known = {"friend": mode is not FederationMode.LOCAL, "other": mode is FederationMode.OPEN}

    for address in addresses(node, bob, post):
        for name, person in (("friend", friend), ("other", other), ("nobody", None)):
            expected = known.get(name, mode is FederationMode.OPEN)
            status, headers, body = await peers.ask("GET", address, by=person)
            if address.endswith("followers_synchronization") and person is None:
                assert status == 401
                continue
            assert status in ((200, 302) if expected else (404,)), (address, name)
            if mode is not FederationMode.OPEN:
                assert "public" not in headers.get("Cache-Control", ""), address
            assert expected or b"Hello" not in body
            assert expected or b"bob" not in body.lower()


async def test_an_account_that_is_not_there_answers_as_one_that_never_was(schools):
    node, peers, _, other, bob = schools
    choose(node, bob, FederationMode.LOCAL)

    for wanted, never in (
        (bob.uri, f"{node.base}/actors/{'a' * 26}"),
        (bob.url, f"{node.base}/@nobody"),
        (
            f"{node.base}/.well-known/webfinger?resource=acct:bob@{node.host}",
            f"{node.base}/.well-known/webfinger?resource=acct:nobody@{node.host}",
        ),
    ):
        (status, _, body), expected = await peers.ask("GET", wanted, by=other), await peers.ask("GET", never, by=other)
        assert (status, body) == (expected[0], expected[2])
    note = other.create(other.note("<p>Are you there?</p>", to=[bob.uri]))
    assert (await peers.send(note, by=other, to=f"{bob.uri}/inbox"))[0] == 404


@pytest.mark.parametrize("mode", MODES)
async def test_what_a_member_says_goes_to_those_servers_alone(schools, mode):
    node, peers, friend, other, bob = schools
    bob = choose(node, bob, mode)
    await node.work()
    peers.seen.clear()

    a_post(node.db, bob, "Hello")
    await node.work()

    reached = [person.host for person in (friend, other) if any(person.host in seen.url for seen in peers.posts)]
    assert reached == [friend.host, other.host][: MODES.index(mode)]


async def test_what_waits_is_not_sent_once_it_is_narrowed_but_for_what_takes_something_back(schools):
    node, peers, _, _, bob = schools
    post_id = a_post(node.db, bob, "Said before")
    await node.work()
    peers.seen.clear()
    a_post(node.db, bob, "Still waiting")
    bob = choose(node, bob, FederationMode.LOCAL)
    later = a_post(node.db, bob, "Said here alone")
    node.write(posts.delete_post, bob, post_id)
    node.write(posts.delete_post, bob, later)

    await node.work()

    said = [seen.json for seen in peers.posts]
    assert sorted({activity["type"] for activity in said}) == ["Delete", "Update"]
    assert b"waiting" not in b"".join(seen.body for seen in peers.seen)
    assert len({activity["id"] for activity in said if activity["type"] == "Delete"}) == 1
    update = next(activity for activity in said if activity["type"] == "Update")
    assert update["object"]["id"] == bob.uri


async def test_whom_a_member_is_not_known_to_they_cannot_follow_and_are_not_followed_by(schools):
    node, peers, friend, other, _ = schools
    eve = choose(node, an_actor(node.db, "eve"), FederationMode.PARTNERS)

    for person, known in ((friend, True), (other, False)):
        await node.hear(peers, person.says("Follow", eve.uri), by=person)
        assert node.read(relationships.is_following, node.actor(person.uri).id, eve.id) is known
        assert any(person.host in seen.url for seen in peers.posts) is known
    node.write(relationships.follow, eve, node.actor(friend.uri))
    with pytest.raises(NotAllowed):
        node.write(relationships.follow, eve, node.actor(other.uri))
    eve = choose(node, eve, FederationMode.LOCAL)
    with pytest.raises(NotAllowed):
        node.write(relationships.follow, eve, node.actor(friend.uri))


async def test_a_members_own_program_reads_the_account_whatever_it_is_for(schools):
    node, peers, _, _, bob = schools
    choose(node, bob, FederationMode.LOCAL)
    mine = Forgery(extra={"Authorization": f"Bearer {token(node, bob)}"})
    for path in ("", "/outbox", "/followers", "/following", "/featured", "/featured-tags"):
        status, headers, _ = await peers.ask("GET", bob.uri + path, forgery=mine)
        assert status == 200, path
        assert "public" not in headers["Cache-Control"]


async def test_the_end_of_a_partnership_counts_at_once(schools):
    node, peers, friend, _, bob = schools
    bob = choose(node, bob, FederationMode.PARTNERS)
    assert (await peers.ask("GET", bob.uri, by=friend))[0] == 200

    association = next(one.association for one in node.read(relationships.partners))
    node.write(relationships.end_partnership, association)

    assert (await peers.ask("GET", bob.uri, by=friend))[0] == 404


async def test_who_has_not_answered_is_known_to_everybody_and_the_association_always_is(schools):
    node, peers, _, _, bob = schools
    assert node.read(actors.get, bob.id).reach is Reach.OPEN
    for actor in (bob, node.read(actors.association), node.read(actors.node_actor)):
        assert (await peers.ask("GET", actor.uri))[0] == 200


async def test_a_thread_names_no_post_of_a_member_who_is_not_known_to_everybody(schools):
    node, peers, _, _, bob = schools
    eve = an_actor(node.db, "eve")
    first = node.read(posts.find, a_post(node.db, eve, "Who comes?"))
    reply = node.read(posts.find, a_post(node.db, bob, "I do", in_reply_to_id=first.id))
    for mode, named in ((FederationMode.OPEN, True), (FederationMode.LOCAL, False)):
        choose(node, bob, mode)
        for address in (f"{first.uri}/replies", f"{node.base}/contexts/{first.id}"):
            _, _, body = await peers.ask("GET", address)
            assert (reply.uri.encode() in body) is named


async def test_a_partner_school_is_asked_for_handles_in_our_name(schools):
    node, peers, friend, other, _ = schools
    new = peers.person("new", "quays"), peers.person("new", "far", key=1)
    for person in new:
        await node.services.resolver.actor_by_handle(f"new@{person.host}")
    signed = {
        person.host: any(seen.scheme for seen in peers.seen if "webfinger" in seen.url and person.host in seen.url)
        for person in new
    }
    assert signed == {friend.host: True, other.host: False}
