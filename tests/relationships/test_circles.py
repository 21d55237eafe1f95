# SPDX-License-Identifier: AGPL-3.0-or-later
"""Circles: who is inside, the clause against the rule in every combination, and what keeps a post in its circle."""

import itertools

import pytest
from sqlalchemy import insert, update

from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from node import actors, posts, relationships, timelines
from node.actors.tables import actors as actors_table
from node.kernel.clock import now
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.kernel.paging import Page
from node.members.tables import members as members_table
from node.notifications import queries as told
from node.posts.tables import mentions
from node.relationships import Circle, circles
from node.relationships.actions import begin, end, store_block
from node.relationships.visibility import may_see
from tests.support.builders import a_member, a_post, a_remote_actor, an_actor
from tests.support.databases import SITE

PARTNER = "quays.example"
PRIVATE = Visibility.PRIVATE


def a_circle_post(db, author, circle, text="Among ourselves #reunion", **more):
    return a_post(db, author, text, visibility=PRIVATE, circle=circle, **more)


def follow(db, follower, followee):
    db.write_now(begin, follower, followee, f"{follower.uri}#f{followee.id}", accepted=True)


def reads(db, number, viewer):
    try:
        db.read_now(posts.visible, number, viewer.id if viewer is not None else None)
    except NotFound:
        return False
    return True


@pytest.fixture
def partner(db):
    """The association of a school with which a partnership is in force."""
    ours = db.read_now(actors.association)
    theirs = a_remote_actor(db, "association", host=PARTNER, kind=ActorType.ORGANIZATION)
    db.write_now(relationships.want_partner, theirs)
    follow(db, ours, theirs)
    follow(db, theirs, ours)
    return theirs


def test_everybody_is_inside_exactly_the_circles_that_the_rule_says(db, partner):
    """Each kind of viewer, who follows or not, is named or not, is blocked or not, towards a post to each circle."""
    author = an_actor(db, class_year=2004)
    numbers = {circle: a_circle_post(db, author, circle) for circle in Circle}
    inside_of = {
        "classmate": set(Circle),
        "schoolmate": {Circle.SCHOOL, Circle.PARTNERS},
        "without a class": {Circle.SCHOOL, Circle.PARTNERS},
        "suspended": set(),
        "without a login": set(),
        "at a partner": {Circle.PARTNERS},
        "of the class elsewhere": set(),
        "elsewhere": set(),
    }

    def a_viewer(kind):
        match kind:
            case "classmate":
                return an_actor(db, class_year=2004)
            case "schoolmate":
                return an_actor(db, class_year=2005)
            case "at a partner":
                return a_remote_actor(db, host=PARTNER, class_year=2004)
            case "of the class elsewhere":
                return a_remote_actor(db, class_year=2004, school="Harbour Academy")
            case "elsewhere":
                return a_remote_actor(db, host=f"x{PARTNER}")
            case _:
                return an_actor(db, class_year=None if kind == "without a class" else 2004)

    viewers = {
        (kind, *facts): a_viewer(kind)
        for kind, facts in itertools.product(inside_of, itertools.product((False, True), repeat=3))
    }

    def relate(tx):
        for (kind, follows, named, blocks), viewer in viewers.items():
            if follows:
                begin(tx, viewer, author, f"{viewer.uri}#f", accepted=True)
            if named:
                rows = [{"post_id": number, "actor_id": viewer.id, "named": True} for number in numbers.values()]
                tx.conn.execute(insert(mentions), rows)
            if blocks:
                store_block(tx, author, viewer, f"{author.uri}#b{viewer.id}")
            if kind == "suspended":
                tx.conn.execute(
                    update(members_table).where(members_table.c.actor_id == viewer.id).values(suspended_at=now())
                )
            if kind == "without a login":
                tx.conn.execute(members_table.delete().where(members_table.c.actor_id == viewer.id))

    db.write_now(relate)

    for (kind, follows, named, blocks), viewer in viewers.items():
        shown = {version.id for version in db.read_now(posts.versions, list(numbers.values()), viewer.id)}
        listed = set(db.read_now(posts.of_author, author.id, viewer.id, Page()))
        for circle, number in numbers.items():
            expected = may_see(
                PRIVATE,
                is_named=named,
                follows_author=follows,
                blocks_between=blocks,
                to_circle=True,
                in_circle=circle in inside_of[kind],
            )
            where = (kind, follows, named, blocks, circle)
            assert (number in shown) is expected, where
            assert (number in listed) is expected, where
            assert reads(db, number, viewer) is expected, where
            inside = db.read_now(circles.insiders, [viewer.id], circle, 2004, author_id=author.id)
            assert bool(inside) is (circle in inside_of[kind]), where
    for number in numbers.values():
        assert reads(db, number, author)
        assert not reads(db, number, None)
        assert number not in db.read_now(posts.public, author.id, Page())
        assert number not in db.read_now(posts.tagged, author.id, "reunion", Page())
    assert db.read_now(posts.hashtags, "reunion") == []


def test_the_end_of_a_partnership_counts_at_once(db, partner):
    author, friend = an_actor(db), a_remote_actor(db, host=PARTNER)
    number = a_circle_post(db, author, Circle.PARTNERS)
    assert reads(db, number, friend)
    assert db.read_now(circles.has_partners)
    assert db.read_now(circles.partner_inboxes) == [partner.shared_inbox]

    db.write_now(end, partner, db.read_now(actors.association))

    assert not reads(db, number, friend)
    assert not db.read_now(circles.has_partners)
    assert db.read_now(circles.partner_inboxes) == []


def test_a_post_to_the_class_stays_with_the_class_it_was_written_for(db):
    author, old, new = an_actor(db, class_year=2004), an_actor(db, class_year=2004), an_actor(db, class_year=2010)
    number = a_circle_post(db, author, Circle.CLASS)

    db.write_now(
        lambda tx: tx.conn.execute(update(actors_table).where(actors_table.c.id == author.id).values(class_year=2010))
    )

    assert reads(db, number, old)
    assert reads(db, number, author)
    assert not reads(db, number, new)


def test_without_a_class_year_nobody_writes_to_their_class(db):
    with pytest.raises(Invalid, match="does not say your class year"):
        a_circle_post(db, an_actor(db), Circle.CLASS)


def test_a_circle_and_another_visibility_do_not_go_together(db):
    with pytest.raises(Invalid, match="visibility"):
        a_post(db, an_actor(db), "Hello", circle=Circle.SCHOOL)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED, PRIVATE])
def test_an_answer_in_a_circle_stays_there(db, visibility):
    author, mate = an_actor(db, class_year=2004), an_actor(db, class_year=2004)
    number = a_circle_post(db, author, Circle.CLASS)

    answer = db.read_now(posts.find, a_post(db, mate, "Me too", in_reply_to_id=number, visibility=visibility))

    assert (answer.visibility, answer.circle, answer.circle_year) == (PRIVATE, Circle.CLASS, 2004)


def test_an_answer_may_go_to_fewer_people_and_not_to_more(db):
    author, mate = an_actor(db, class_year=2004), an_actor(db, class_year=2005)
    number = a_circle_post(db, author, Circle.SCHOOL)

    narrower = db.read_now(posts.find, a_circle_post(db, mate, Circle.CLASS, in_reply_to_id=number))
    direct = a_post(db, mate, f"@{author.username} x", in_reply_to_id=number, visibility=Visibility.DIRECT)

    assert (narrower.circle, narrower.circle_year) == (Circle.CLASS, 2005)
    assert not reads(db, narrower.id, author)  # of another class
    assert db.read_now(posts.find, direct).circle is None
    with pytest.raises(Invalid, match="more people"):
        a_circle_post(db, mate, Circle.PARTNERS, in_reply_to_id=number)


def test_it_comes_home_to_followers_inside_and_only_they_are_told(db):
    author = an_actor(db, "author", class_year=2004)
    mate, other = an_actor(db, "mate", class_year=2004), an_actor(db, "other", class_year=2005)
    for one in (mate, other):
        db.write_now(relationships.follow, one, author, notify=True)

    number = a_circle_post(db, author, Circle.CLASS, "Hello @mate and @other")

    homes = {one.username: list(db.read_now(timelines.home, one.id, Page())) for one in (author, mate, other)}
    assert homes == {"author": [number], "mate": [number], "other": []}
    assert [note.type for note in db.read_now(told.page, mate.id, Page()) if note.post_id == number]
    assert [note for note in db.read_now(told.page, other.id, Page()) if note.post_id == number] == []
    assert [person.username for person in db.read_now(posts.view, number, author.id).mentioned] == ["mate"]


def test_nobody_passes_it_on_but_its_author_inside_the_circle(db):
    author, mate, other = (an_actor(db, class_year=year) for year in (2004, 2004, 2005))
    number = a_circle_post(db, author, Circle.CLASS)

    with pytest.raises(NotFound):
        db.write_now(posts.boost, mate, number)
    boost = db.write_now(posts.boost, author, number)

    assert reads(db, boost, mate)
    assert not reads(db, boost, other)
    assert db.read_now(posts.versions, [boost], other.id) == []
    db.write_now(posts.unboost, author, number)
    assert not reads(db, boost, mate)


def test_it_is_quoted_by_its_author_in_the_same_circle_alone(db):
    author, mate = an_actor(db, class_year=2004), an_actor(db, class_year=2004)
    number = a_circle_post(db, author, Circle.CLASS)

    with pytest.raises(NotAllowed):
        a_circle_post(db, mate, Circle.CLASS, quoted_id=number)
    for wider in ({"visibility": Visibility.PUBLIC}, {"visibility": PRIVATE, "circle": Circle.SCHOOL}):
        with pytest.raises(NotAllowed, match="same circle"):
            a_post(db, author, "Look", quoted_id=number, **wider)
    assert reads(db, a_circle_post(db, author, Circle.CLASS, quoted_id=number), mate)


def test_a_post_to_a_circle_quotes_nobody_outside_who_would_have_to_be_sent_it(db):
    author, stranger = an_actor(db), a_remote_actor(db)
    follow(db, author, stranger)

    def elsewhere(tx):
        return posts.write(
            tx,
            posts.NewPost(
                uri=f"{stranger.uri}/notes/1",
                url=f"{stranger.uri}/notes/1",
                author=stranger,
                kind=posts.Kind.NOTE,
                visibility=Visibility.PUBLIC,
                created_at=tx.now,
            ),
        ).id

    quoted = db.write_now(elsewhere)

    with pytest.raises(NotAllowed, match="not in the circle"):
        a_circle_post(db, author, Circle.SCHOOL, quoted_id=quoted)


def test_the_association_writes_to_its_members(db):
    association = db.read_now(actors.association)

    number = a_circle_post(db, association, Circle.SCHOOL)

    assert reads(db, number, an_actor(db))
    assert not reads(db, number, a_remote_actor(db))


def test_a_member_who_leaves_is_outside(db):
    author, member = an_actor(db), a_member(db)
    number = a_circle_post(db, author, Circle.SCHOOL)
    assert reads(db, number, member.actor)

    db.write_now(relationships.delete_account, member)

    assert not reads(db, number, member.actor)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/circles/school", (Circle.SCHOOL, None)),
        ("/circles/partners", (Circle.PARTNERS, None)),
        ("/circles/class/2004", (Circle.CLASS, 2004)),
        ("/circles/class", None),
        ("/circles/class/04", None),
        ("/circles/class/²004", None),
        ("/circles/school/2004", None),
        ("/circles/everybody", None),
        ("/actors/school", None),
    ],
)
def test_the_address_of_a_circle_says_which_it_is(address, named):
    assert circles.by_address(SITE, SITE.base_url + address) == named
    assert circles.by_address(SITE, "https://elsewhere.example" + address) is None
    if named is not None:
        assert circles.address(SITE, *named) == SITE.base_url + address
