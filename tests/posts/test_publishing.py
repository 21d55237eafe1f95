# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing: what a post brings about here, and what leaves for elsewhere, in one unit of work."""

import orjson
import pytest
from sqlalchemy import select

from activitypub.addressing import PUBLIC, Visibility
from node import notifications, posts, timelines
from node.federation.tables import activities
from node.kernel import queue
from node.kernel.db import Database
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
from node.posts import Draft
from node.relationships.actions import begin
from tests.support.builders import a_post, a_remote_actor, an_actor
from tests.support.statements import statements


def deliveries(db: Database) -> list[tuple[str, dict[str, object]]]:
    """What waits to be delivered: (inbox, activity)."""

    def read(conn):  # type: ignore[no-untyped-def]
        found = []
        for row in conn.execute(
            select(queue.tasks).where(queue.tasks.c.queue == queue.DELIVERY).order_by(queue.tasks.c.id)
        ):
            payload = orjson.loads(row.payload)
            body = conn.execute(select(activities.c.body).where(activities.c.id == payload["activity"])).scalar()
            if (
                body is not None
            ):  # what was said about a deleted post is forgotten, and its delivery finds nothing to send
                found.append((payload["inbox"], orjson.loads(body)))
        return found

    result: list[tuple[str, dict[str, object]]] = db.read_now(read)
    return result


def follows(db: Database, follower, followee) -> None:  # type: ignore[no-untyped-def]
    """Write an accepted follow of anybody by anybody."""
    db.write_now(lambda tx: begin(tx, follower, followee, f"{follower.uri}#follow-{followee.id}", accepted=True))


def test_a_post_comes_to_the_author_and_their_local_followers(db):
    author, follower, stranger = an_actor(db), an_actor(db), an_actor(db)
    follows(db, follower, author)

    post_id = a_post(db, author, "Good morning")

    homes = {actor.id: list(db.read_now(timelines.home, actor.id, Page())) for actor in (author, follower, stranger)}
    assert homes == {author.id: [post_id], follower.id: [post_id], stranger.id: []}


def test_a_post_takes_nine_statements(db):
    author = an_actor(db)

    with statements(db) as ran:
        a_post(db, author, "Good morning #harbour")

    assert len(ran) == 9


def test_a_post_leaves_once_for_each_server_with_followers(db):
    author = an_actor(db)
    for name in ("ann", "bob"):
        follows(db, a_remote_actor(db, name), author)
    follows(db, a_remote_actor(db, "eve", host="other.example"), author)

    a_post(db, author, "Good morning")

    sent = deliveries(db)
    assert [inbox for inbox, _ in sent] == ["https://far.example/inbox", "https://other.example/inbox"]
    create = sent[0][1]
    assert create["type"] == "Create"
    assert create["to"] == [PUBLIC]
    assert create["cc"] == [author.followers]
    assert create["object"]["content"] == "<p>Good morning</p>"


def test_a_direct_post_goes_to_the_named_person_alone(db):
    author, follower = an_actor(db), an_actor(db)
    follows(db, follower, author)
    friend = a_remote_actor(db, "ann")
    follows(db, a_remote_actor(db, "bob"), author)

    post_id = a_post(db, author, "@ann@far.example a word", visibility=Visibility.DIRECT)

    assert [inbox for inbox, _ in deliveries(db)] == [friend.inbox]
    assert list(db.read_now(timelines.home, follower.id, Page())) == []
    with pytest.raises(NotFound):
        db.read_now(posts.visible, post_id, follower.id)


def test_naming_somebody_here_tells_them_once(db):
    author, named = an_actor(db), an_actor(db, "nadia")

    post_id = a_post(db, author, "Hello @nadia and @Nadia@harbour.example")

    told = db.read_now(notifications.page, named.id, Page())
    assert [(item.type, item.from_id, item.post_id) for item in told] == [("mention", author.id, post_id)]


def test_a_reply_joins_the_thread_and_counts(db):
    author, other = an_actor(db), an_actor(db)
    first = a_post(db, author, "A question")

    answer = a_post(db, other, "An answer", in_reply_to_id=first)

    thread = db.read_now(posts.thread, first, None)
    assert thread.descendants == (answer,)
    assert db.read_now(posts.thread, answer, None).ancestors == (first,)
    assert db.read_now(posts.find, first).replies_count == 1


@pytest.mark.parametrize(
    "draft",
    [
        Draft(text="   "),
        Draft(text="x" * 5001),
        Draft(text="a", media_ids=(1, 2, 3, 4, 5)),
        Draft(text="a", media_ids=(7,)),
    ],
    ids=["empty", "too long", "too many pictures", "a picture that is not there"],
)
def test_a_draft_that_cannot_be_published_leaves_nothing(db, draft):
    author = an_actor(db)

    with pytest.raises(Invalid):
        db.write_now(posts.publish, author, draft)

    assert deliveries(db) == []
    assert list(db.read_now(timelines.home, author.id, Page())) == []


def test_a_deleted_post_leaves_a_tombstone_and_is_taken_back_everywhere(db):
    author, follower = an_actor(db), an_actor(db)
    follows(db, follower, author)
    follows(db, a_remote_actor(db, "ann"), author)
    post_id = a_post(db, author, "Oops")
    uri = db.read_now(posts.find, post_id).uri

    db.write_now(posts.delete_post, author, post_id)

    assert list(db.read_now(timelines.home, follower.id, Page())) == []
    last = deliveries(db)[-1][1]
    assert (last["type"], last["object"]["type"], last["object"]["id"]) == ("Delete", "Tombstone", uri)


def test_boosting_twice_is_boosting_once(db):
    author, fan = an_actor(db), an_actor(db)
    post_id = a_post(db, author)

    first = db.write_now(posts.boost, fan, post_id)
    second = db.write_now(posts.boost, fan, post_id)

    assert first == second
    assert db.read_now(posts.find, post_id).boosts_count == 1
    db.write_now(posts.unboost, fan, post_id)
    assert db.read_now(posts.find, post_id).boosts_count == 0


def test_favourites_are_counted_by_rows(db):
    author, fan = an_actor(db), an_actor(db)
    post_id = a_post(db, author)

    for _ in range(3):
        db.write_now(posts.favourite, fan, post_id)
        db.write_now(posts.favourite, fan, post_id)
        db.write_now(posts.unfavourite, fan, post_id)
    db.write_now(posts.favourite, fan, post_id)

    assert db.read_now(posts.find, post_id).favourites_count == 1


def test_followers_only_posts_of_others_cannot_be_boosted(db):
    author, follower = an_actor(db), an_actor(db)
    follows(db, follower, author)
    post_id = a_post(db, author, "For followers", visibility=Visibility.PRIVATE)

    with pytest.raises(NotFound):
        db.write_now(posts.boost, follower, post_id)


def test_an_edit_keeps_what_was_said_before(db):
    author = an_actor(db)
    post_id = a_post(db, author, "Frist")

    db.write_now(posts.edit, author, post_id, Draft(text="First"))

    history = db.read_now(posts.history, post_id, author.id)
    assert [edit.content for edit in history] == ["<p>Frist</p>", "<p>First</p>"]
