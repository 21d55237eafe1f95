# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member blocks a whole network: what was there goes, and nothing of it comes back until they unblock it."""

import pytest

from node import notifications, posts, relationships, timelines
from node.actors import Actor
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid, NotAllowed
from node.kernel.paging import Page
from node.notifications import Kind
from node.posts.tables import posts as posts_table
from node.relationships import networks, ties
from node.relationships.networks import BATCH
from tests.support.builders import a_post, a_remote_actor, an_actor

HERE = "harbour.example"


def _follow(db: Database, follower: Actor, followee: Actor) -> None:
    db.write_now(relationships.actions.begin, follower, followee, f"{follower.uri}#f{followee.id}", accepted=True)


def _home(db: Database, owner: Actor) -> list[int]:
    return list(db.read_now(timelines.home, owner.id, Page()))


def test_a_block_ends_the_follows_and_clears_what_was_told(db: Database) -> None:
    ada, far = an_actor(db, "ada"), a_remote_actor(db, "sam", host="far.example")
    near = a_remote_actor(db, "kim", host="near.example")
    for person in (far, near):
        _follow(db, ada, person)
        _follow(db, person, ada)
    assert {one.from_id for one in db.read_now(notifications.page, ada.id, Page())} == {far.id, near.id}

    db.write_now(networks.block_network, ada, "FAR.example")

    between = db.read_now(relationships.between, ada.id, [far.id, near.id])
    assert between[far.id] == relationships.Relationship(domain_blocking=True)
    assert between[near.id].following
    assert between[near.id].followed_by
    assert {one.from_id for one in db.read_now(notifications.page, ada.id, Page())} == {near.id}
    assert [name for _, name in db.read_now(networks.blocked_networks, ada.id, Page())] == ["far.example"]


def test_what_was_at_home_leaves(db: Database) -> None:
    ada, far = an_actor(db, "ada"), a_remote_actor(db, "sam", host="far.example")

    def arrive(tx: Tx) -> None:
        timelines.fill_from(tx, ada.id, far.id, [12])

    db.write_now(arrive)
    assert _home(db, ada) == [12]

    db.write_now(networks.block_network, ada, "far.example")

    assert _home(db, ada) == []


def test_nobody_there_is_followed_or_told_of(db: Database) -> None:
    ada, far = an_actor(db, "ada"), a_remote_actor(db, "sam", host="far.example")
    db.write_now(networks.block_network, ada, "far.example")

    with pytest.raises(NotAllowed):
        db.write_now(relationships.follow, ada, far)
    db.write_now(notifications.notify, ada, Kind.FOLLOW, far)

    assert db.read_now(notifications.page, ada.id, Page()) == []
    db.write_now(networks.unblock_network, ada, "far.example")
    db.write_now(relationships.follow, ada, far)
    assert db.read_now(relationships.between, ada.id, [far.id])[far.id].requested


def test_a_boost_of_them_comes_home_to_others_only(db: Database) -> None:
    ada, ben, carla = an_actor(db, "ada"), an_actor(db, "ben"), an_actor(db, "carla")
    far = a_remote_actor(db, "sam", host="far.example")
    _follow(db, ada, ben)
    _follow(db, carla, ben)
    db.write_now(networks.block_network, ada, "far.example")

    db.write_now(timelines.fan_out, 77, ben.id, author_is_local=True, boosted_author=far.id)

    assert _home(db, ada) == []
    assert _home(db, carla) == [77]


def test_the_public_timeline_is_without_them(db: Database) -> None:
    ada, ben, author = an_actor(db, "ada"), an_actor(db, "ben"), an_actor(db, "carla")
    post_id = a_post(db, author, "Fog")
    far = a_remote_actor(db, "sam", host="far.example")
    db.write_now(
        lambda tx: tx.conn.execute(posts_table.update().where(posts_table.c.id == post_id).values(author_id=far.id))
    )
    db.write_now(networks.block_network, ada, "far.example")

    assert list(db.read_now(posts.public, ada.id, Page())) == []
    assert list(db.read_now(posts.public, ben.id, Page())) == [post_id]


@pytest.mark.parametrize("domain", ["", "not a domain", "a/b", HERE])
def test_what_is_no_other_network_cannot_be_blocked(db: Database, domain: str) -> None:
    ada = an_actor(db, "ada")

    with pytest.raises(Invalid):
        db.write_now(networks.block_network, ada, domain)


def test_more_than_a_hundred_follows_end_by_a_task(db: Database) -> None:
    ada = an_actor(db, "ada")
    for number in range(BATCH + 3):
        _follow(db, ada, a_remote_actor(db, f"far{number}", host="far.example"))

    db.write_now(networks.block_network, ada, "far.example")
    assert db.read_now(networks.ties_to_network, ada.id, "far.example") == (3, 0)
    db.write_now(networks.leave, ada.id, "far.example", 0)

    assert db.read_now(networks.ties_to_network, ada.id, "far.example") == (0, 0)


@pytest.mark.parametrize(("language", "arrives"), [("en", True), ("fr", False), (None, True), ("e", False)])
def test_only_the_languages_that_are_followed_come_home(db: Database, language: str | None, arrives: bool) -> None:
    ada, ben = an_actor(db, "ada"), an_actor(db, "ben")
    db.write_now(relationships.follow, ada, ben, languages=["en", "de"])

    post_id = a_post(db, ben, "Fog", language=language)

    assert _home(db, ada) == ([post_id] if arrives else [])
    assert db.read_now(relationships.between, ada.id, [ben.id])[ben.id].languages == ("en", "de")


def test_at_the_limit_only_what_is_new_is_refused(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "MAX_BLOCKS", 1)
    monkeypatch.setattr(ties, "MAX_ENDORSEMENTS", 1)
    ada, ben, cleo = (an_actor(db, name) for name in ("ada", "ben", "cleo"))
    for other in (ben, cleo):
        _follow(db, ada, other)

    for _ in range(2):
        db.write_now(networks.block_network, ada, "far.example")
        db.write_now(ties.endorse, ada, ben)

    with pytest.raises(Invalid, match="thousand"):
        db.write_now(networks.block_network, ada, "near.example")
    with pytest.raises(Invalid, match="hundred"):
        db.write_now(ties.endorse, ada, cleo)
    assert [actor.id for _, actor in db.read_now(ties.endorsed, ada.id, Page())] == [ben.id]
