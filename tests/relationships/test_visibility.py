# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may see a post: the clause in every query against the rule over facts, in every combination there is."""

import itertools
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, update

from activitypub.addressing import Visibility
from node import posts, relationships
from node.actors import Actor
from node.actors.tables import actors as actors_table
from node.kernel.clock import now
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.posts.tables import mentions
from node.relationships.actions import begin, store_block
from node.relationships.visibility import may_see
from tests.support.builders import a_post, an_actor

FOLLOWS = ("none", "asked", "accepted")
BLOCKS = ("none", "by the viewer", "by the author")
STATES = ("active", "suspended", "deleted")


@dataclass(frozen=True)
class Case:
    """A viewer and what is true of them, towards one author."""

    viewer: Actor
    named: bool
    follow: str
    block: str


@dataclass
class World:
    author: Actor
    state: str
    posts: dict[Visibility, int]
    boosts: dict[Visibility, int]
    cases: list[Case]


def a_world(db, state, viewers):
    """An author in that state with a post of each visibility, and every viewer in their own relation to them."""
    author, booster = an_actor(db), an_actor(db)
    numbers = {visibility: a_post(db, author, "Hello", visibility=visibility) for visibility in Visibility}
    cases = [
        Case(viewer, *facts)
        for viewer, facts in zip(viewers, itertools.product((False, True), FOLLOWS, BLOCKS), strict=True)
    ]
    boosts = {
        visibility: db.write_now(posts.boost, booster, numbers[visibility])
        for visibility in (Visibility.PUBLIC, Visibility.UNLISTED)
    }

    def relate(tx):
        for case in cases:
            if case.named:
                rows = [{"post_id": number, "actor_id": case.viewer.id, "named": True} for number in numbers.values()]
                tx.conn.execute(insert(mentions), rows)
            if case.follow != "none":
                begin(tx, case.viewer, author, f"{case.viewer.uri}#{author.id}", accepted=case.follow == "accepted")
            if case.block == "by the viewer":
                store_block(tx, case.viewer, author, f"{case.viewer.uri}#b{author.id}")
            if case.block == "by the author":
                store_block(tx, author, case.viewer, f"{author.uri}#b{case.viewer.id}")
        column = {"suspended": {"suspended_at": now()}, "deleted": {"deleted_at": now()}}.get(state)
        if column:
            tx.conn.execute(update(actors_table).where(actors_table.c.id == author.id).values(**column))

    db.write_now(relate)
    return World(author, state, numbers, boosts, cases)


def test_the_clause_and_the_rule_agree_in_every_combination(db):
    viewers = [an_actor(db) for _ in range(18)]
    worlds = [a_world(db, state, viewers) for state in STATES]
    everything = [number for world in worlds for number in (*world.posts.values(), *world.boosts.values())]

    def expected(world, visibility, case):
        return may_see(
            visibility,
            is_author=case is None,
            is_named=case is not None and case.named,
            follows_author=case is not None and case.follow == "accepted",
            blocks_between=case is not None and case.block != "none",
            author_active=world.state == "active",
        )

    checked = 0
    for world in worlds:
        for viewer, case in [(world.author, None), *((case.viewer, case) for case in world.cases)]:
            shown = {version.id for version in db.read_now(posts.versions, everything, viewer.id)}
            views = {view.post.id for view in db.read_now(posts.views, everything, viewer.id)}
            listed = set(db.read_now(posts.of_author, world.author.id, viewer.id, Page(limit=40)))
            public = set(db.read_now(posts.public, viewer.id, Page(limit=40)))
            for visibility, number in world.posts.items():
                may = expected(world, visibility, case)
                where = (world.state, visibility, case)
                assert (number in shown) is may, where
                assert (number in views) is may, where
                assert (number in listed) is may, where
                assert (number in public) is (may and visibility is Visibility.PUBLIC), where
                assert _reads(db, number, viewer.id) is may, where
                checked += 1
            for visibility, number in world.boosts.items():
                assert (number in shown) is expected(world, visibility, case), (world.state, visibility, case)
                assert (number in views) is expected(world, visibility, case), (world.state, visibility, case)
    assert checked == 3 * 19 * 4


def _reads(db, number, viewer):
    try:
        db.read_now(posts.visible, number, viewer)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("visibility", Visibility)
def test_a_stranger_sees_what_is_open_to_all(db, visibility):
    author = an_actor(db)
    number = a_post(db, author, "Hello #harbour", visibility=visibility)
    open_to_all = visibility in (Visibility.PUBLIC, Visibility.UNLISTED)

    assert _reads(db, number, None) is open_to_all
    assert (number in db.read_now(posts.of_author, author.id, None, Page())) is open_to_all
    assert (number in db.read_now(posts.public, None, Page())) is (visibility is Visibility.PUBLIC)
    assert (number in db.read_now(posts.tagged, None, "harbour", Page())) is (visibility is Visibility.PUBLIC)


def test_a_thread_leaves_out_what_a_viewer_may_not_see(db):
    author, other, viewer = an_actor(db), an_actor(db), an_actor(db)
    first = a_post(db, author, "A question")
    shown = a_post(db, other, "An answer", in_reply_to_id=first)
    hidden = a_post(db, other, "A whisper", in_reply_to_id=first, visibility=Visibility.PRIVATE)
    below = a_post(db, author, "Said to the answer", in_reply_to_id=shown)

    assert db.read_now(posts.thread, first, viewer.id).descendants == (shown, below)
    db.write_now(relationships.block, viewer, other)
    assert shown not in db.read_now(posts.thread, first, viewer.id).descendants
    assert hidden in db.read_now(posts.thread, first, other.id).descendants


def test_what_is_hidden_can_neither_be_answered_liked_boosted_nor_kept(db):
    author, viewer = an_actor(db), an_actor(db)
    number = a_post(db, author, "For followers", visibility=Visibility.PRIVATE)

    for act in (posts.favourite, posts.boost, posts.bookmark, posts.unfavourite, posts.unbookmark):
        with pytest.raises(NotFound):
            db.write_now(act, viewer, number)
    with pytest.raises(NotFound):
        a_post(db, viewer, "An answer", in_reply_to_id=number)
    for ask in (posts.history, posts.thread):
        with pytest.raises(NotFound):
            db.read_now(ask, number, viewer.id)
    with pytest.raises(NotFound):
        db.read_now(posts.favourited_by, number, viewer.id, Page())
