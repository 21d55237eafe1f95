# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many talk about is found, and what few do is told to nobody."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from activitypub.addressing import Visibility
from node import posts, relationships, trends
from node.actors import Actor
from node.actors.tables import actors
from node.kernel import clock, queue
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.kernel.queue import Task
from node.posts import Draft
from node.previews.rules import key
from node.previews.tables import post_previews, previews
from node.trends import Kind
from node.trends.computing import computed
from tests.support.builders import a_post, an_actor

PAGE = "https://press.example/quay"


@pytest.fixture
def people(db: Database) -> list[Actor]:
    """Five who want to be found."""
    return found(db, [an_actor(db, name) for name in ("ada", "ben", "cleo", "dan", "eve")])


def found(db: Database, some: Sequence[Actor], **values: object) -> list[Actor]:
    chosen = {"discoverable": True, "indexable": True, **values}
    numbers = [one.id for one in some]
    db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.id.in_(numbers)).values(**chosen)))
    return list(some)


def compute(db: Database) -> None:
    db.write_now(trends.actions.replace, db.read_now(computed, clock.now()), 0)


def names(db: Database) -> list[str]:
    compute(db)
    return [one.display for one in db.read_now(trends.trending, Kind.TAG)]


def about_page(db: Database, numbers: Sequence[int], url: str = PAGE, number: int = 7) -> None:
    def write(tx: Tx) -> None:
        card = {"url": url, "title": "Quay", "type": "link"}
        values = {"id": number, "key": key(url), "url": url, "state": "ready", "card": card, "created_at": tx.now}
        tx.conn.execute(insert(previews), values)
        tx.conn.execute(insert(post_previews), [{"post_id": post_id, "preview_id": number} for post_id in numbers])

    db.write_now(write)


def test_a_hashtag_trends_by_how_many_use_it(db: Database, people: list[Actor]) -> None:
    for one in people[:3]:
        a_post(db, one, "#Rowing")
    for one in people[:4]:
        a_post(db, one, "#Tea")
    for _ in range(9):
        a_post(db, people[0], "#alone")
        a_post(db, people[1], "#alone")

    compute(db)
    first, second = db.read_now(trends.trending, Kind.TAG)

    assert [(one.ref, one.display, one.accounts) for one in (first, second)] == [
        ("tea", "Tea", 4),
        ("rowing", "Rowing", 3),
    ]
    assert first.score > second.score > 0


@pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT])
def test_what_is_not_for_everybody_counts_for_nothing(
    db: Database, people: list[Actor], visibility: Visibility
) -> None:
    for one in people[:2]:
        a_post(db, one, "#tea")
    a_post(db, people[2], "#tea", visibility=visibility)

    assert names(db) == []


@pytest.mark.parametrize(
    "values",
    [
        {"discoverable": False, "indexable": False},
        {"suspended_at": clock.now()},
        {"limited_at": clock.now()},
        {"deleted_at": clock.now()},
    ],
)
def test_who_is_not_to_be_found_counts_for_nothing(
    db: Database, people: list[Actor], values: dict[str, object]
) -> None:
    for one in people[:3]:
        a_post(db, one, "#tea")
    found(db, people[:1], **values)

    assert names(db) == []


def test_what_is_old_counts_for_nothing(db: Database, people: list[Actor]) -> None:
    for one in people:
        a_post(db, one, "#tea")

    later = db.read_now(computed, clock.now() + timedelta(days=3, minutes=1))

    assert later[Kind.TAG] == []


def test_a_post_trends_by_how_many_like_or_share_it(db: Database, people: list[Actor]) -> None:
    ada, ben, cleo, dan, eve = people
    liked = a_post(db, ada, "One")
    shared = a_post(db, ben, "Two")
    for one in (ben, cleo, dan):
        db.write_now(posts.favourite, one, liked)
    for one in (cleo, dan):
        db.write_now(posts.boost, one, shared)
        db.write_now(posts.favourite, one, shared)
    db.write_now(posts.favourite, ben, shared)
    compute(db)
    before = db.read_now(trends.statuses, None, limit=20)
    db.write_now(posts.boost, eve, shared)
    db.write_now(posts.boost, ada, shared)
    compute(db)

    assert before == [liked]
    assert db.read_now(trends.statuses, None, limit=20) == [shared, liked]
    assert db.read_now(trends.statuses, None, limit=1, offset=1) == [liked]


@pytest.mark.parametrize(
    "how",
    [
        {"sensitive": True},
        {"spoiler_text": "Oh"},
        {"visibility": Visibility.UNLISTED},
        {"visibility": Visibility.PRIVATE},
    ],
)
def test_some_posts_never_trend(db: Database, people: list[Actor], how: dict[str, object]) -> None:
    ada, *others = people
    for one in others:
        db.write_now(relationships.follow, one, ada)
    number = a_post(db, ada, "One", **how)
    for one in others:
        db.write_now(posts.favourite, one, number)
    compute(db)

    assert db.read_now(trends.statuses, None, limit=20) == []


def test_an_answer_and_a_second_post_by_the_same_person_do_not_trend(db: Database, people: list[Actor]) -> None:
    ada, *others = people
    first = a_post(db, ada, "One")
    second, answer = a_post(db, ada, "Two"), a_post(db, people[1], "Yes", in_reply_to_id=first)
    for one in others:
        db.write_now(posts.favourite, one, first)
    for one in others[1:]:
        db.write_now(posts.favourite, one, second)
        db.write_now(posts.favourite, one, answer)
    compute(db)

    assert db.read_now(trends.statuses, None, limit=20) == [first]


def test_what_has_changed_since_is_not_shown(db: Database, people: list[Actor]) -> None:
    ada, ben, *others = people
    warned, deleted = a_post(db, ada, "One"), a_post(db, ben, "Two")
    for one in others:
        db.write_now(posts.favourite, one, warned)
        db.write_now(posts.favourite, one, deleted)
    compute(db)
    before = set(db.read_now(trends.statuses, None, limit=20))
    db.write_now(posts.edit, ada, warned, Draft(text="One", spoiler_text="Careful"))
    db.write_now(posts.delete_post, ben, deleted)

    assert before == {warned, deleted}
    assert db.read_now(trends.statuses, None, limit=20) == []


def test_a_viewer_is_not_shown_whom_they_mute_or_block(db: Database, people: list[Actor]) -> None:
    ada, *others = people
    number = a_post(db, ada, "One")
    for one in others:
        db.write_now(posts.favourite, one, number)
    compute(db)
    db.write_now(relationships.mute, others[0], ada)
    db.write_now(relationships.block, others[1], ada)

    assert db.read_now(trends.statuses, others[2].id, limit=20) == [number]
    assert db.read_now(trends.statuses, others[0].id, limit=20) == []
    assert db.read_now(trends.statuses, others[1].id, limit=20) == []


def test_a_page_trends_by_how_many_link_to_it(db: Database, people: list[Actor]) -> None:
    about_page(db, [a_post(db, one, PAGE) for one in people[:3]])
    about_page(
        db, [a_post(db, one, "https://press.example/other") for one in people[:2]], "https://press.example/other", 8
    )
    compute(db)

    [link] = db.read_now(trends.links, limit=10)

    assert (link.page.url, link.author, len(link.history)) == (PAGE, None, 7)
    assert (link.history[0].uses, link.history[0].accounts) == (3, 3)
    assert db.read_now(trends.links, limit=10, offset=1) == []


def test_what_the_staff_hides_is_not_shown_until_they_show_it_again(db: Database, people: list[Actor]) -> None:
    for one in people[:3]:
        a_post(db, one, "#Tea")
    compute(db)

    db.write_now(trends.hide, Kind.TAG, "tea")
    db.write_now(trends.hide, Kind.TAG, "tea")
    assert names(db) == []
    assert db.read_now(trends.hidden) == [(Kind.TAG, "tea", "Tea")]
    db.write_now(trends.show, Kind.TAG, "tea")
    assert names(db) == ["Tea"]
    for act in (trends.hide, trends.show):
        with pytest.raises(NotFound):
            db.write_now(act, Kind.TAG, "coffee")


async def test_the_task_comes_back_in_an_hour(db: Database, people: list[Actor]) -> None:
    for one in people[:3]:
        a_post(db, one, "#tea")
    db.write_now(trends.plan)
    db.write_now(trends.plan)
    [waiting] = db.read_now(queue.listing, queue.Chosen(name=trends.COMPUTE))

    await trends.Computer(db).run(Task(waiting.id, "work", trends.COMPUTE, "", {}, 1))

    [again] = db.read_now(queue.listing, queue.Chosen(name=trends.COMPUTE))
    assert again.run_at - clock.now() > timedelta(minutes=59)
    assert [one.name for one in db.read_now(trends.tags, None, limit=10)] == ["tea"]
