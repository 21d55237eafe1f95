# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls: what one may ask, who votes how often, and what is told while a poll is open and when it closes."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select, update

from activitypub.addressing import Visibility
from node import notifications, posts
from node.federation.tables import activities
from node.kernel import queue
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
from node.posts import Draft, PollDraft, voting
from node.posts import polls as poll_rows
from node.posts.tables import polls
from tests.support.builders import a_post, an_actor

DAY = timedelta(days=1)


def a_poll(db, author, *, options=("Old hall", "New hall"), open_for=DAY, multiple=False, hide_totals=False, **more):
    """The number of a poll by a member."""
    draft = PollDraft(options, open_for, multiple=multiple, hide_totals=hide_totals)
    return a_post(db, author, "Where do we meet?", poll=draft, **more)


def poll_of(db, post_id, viewer=None):
    return db.read_now(posts.poll_of, post_id, viewer.id if viewer else None)


def counts(db, post_id):
    poll = poll_of(db, post_id)
    return [option.votes for option in poll.options], poll.voters


def told(db, member):
    return [(one.type, one.post_id) for one in db.read_now(notifications.page, member.id, Page())]


def tasks_of(db, name):
    return db.read_now(
        lambda conn: conn.execute(select(queue.tasks).where(queue.tasks.c.name == name)).all(),
    )


def run(db, name, act):
    """Run the one task of that name."""
    [task] = tasks_of(db, name)
    db.write_now(act, orjson.loads(task.payload)["post"], task.id)


def said(db, kind):
    rows = db.read_now(
        lambda conn: conn.execute(
            select(activities.c.body).where(activities.c.type == kind).order_by(activities.c.id)
        ).all()
    )
    return [orjson.loads(row.body) for row in rows]


def end(db, post_id):
    """Let the poll's time be over."""
    db.write_now(
        lambda tx: tx.conn.execute(
            update(polls).where(polls.c.post_id == post_id).values(expires_at=tx.now - timedelta(seconds=1))
        )
    )


def test_a_poll_leaves_as_a_question(db):
    author = an_actor(db)

    post_id = a_poll(db, author)

    [create] = said(db, "Create")
    assert create["object"]["type"] == "Question"
    assert [option["name"] for option in create["object"]["oneOf"]] == ["Old hall", "New hall"]
    assert create["object"]["votersCount"] == 0
    assert "endTime" in create["object"]
    assert "closed" not in create["object"]
    assert db.read_now(posts.find, post_id).kind is posts.Kind.QUESTION


TOO_MUCH = {
    "one answer": ({"options": ("A",)}, "more than one"),
    "five answers": ({"options": ("A", "B", "C", "D", "E")}, "more than 4"),
    "a long answer": ({"options": ("A", "B" * 51)}, "longer than 50"),
    "equal answers": ({"options": ("Yes", "yes")}, "duplicate"),
    "too short": ({"open_for": timedelta(minutes=4)}, "too soon"),
    "too long": ({"open_for": timedelta(days=40)}, "too far"),
}


@pytest.mark.parametrize(("values", "words"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_poll_that_nobody_could_answer_is_refused(db, values, words):
    author = an_actor(db)

    with pytest.raises(Invalid, match=words):
        a_poll(db, author, **values)


def test_a_vote_counts_once_and_for_good(db):
    author, voter = an_actor(db), an_actor(db)
    post_id = a_poll(db, author)

    db.write_now(posts.vote, voter, post_id, [1])

    assert counts(db, post_id) == ([0, 1], 1)
    assert poll_of(db, post_id, voter).own == (1,)
    with pytest.raises(Invalid, match="already voted"):
        db.write_now(posts.vote, voter, post_id, [0])
    assert counts(db, post_id) == ([0, 1], 1)


def test_several_answers_are_several_votes_of_one_voter(db):
    author, voter = an_actor(db), an_actor(db)
    post_id = a_poll(db, author, multiple=True)

    db.write_now(posts.vote, voter, post_id, [1, 0, 1])

    assert counts(db, post_id) == ([1, 1], 1)
    assert poll_of(db, post_id, voter).own == (0, 1)


@pytest.mark.parametrize("chosen", [[2], [-1], [], [0, 1]], ids=["beyond", "negative", "nothing", "two of one"])
def test_what_is_no_answer_is_refused(db, chosen):
    author, voter = an_actor(db), an_actor(db)
    post_id = a_poll(db, author)

    with pytest.raises(Invalid, match="chosen vote option does not exist"):
        db.write_now(posts.vote, voter, post_id, chosen)


def test_nobody_votes_in_their_own_poll_nor_after_the_end_nor_where_they_may_not_look(db):
    author, voter = an_actor(db), an_actor(db)
    post_id, private = a_poll(db, author), a_poll(db, author, visibility=Visibility.PRIVATE)

    with pytest.raises(Invalid, match="your own"):
        db.write_now(posts.vote, author, post_id, [0])
    with pytest.raises(NotFound):
        db.write_now(posts.vote, voter, private, [0])
    with pytest.raises(NotFound):
        db.write_now(posts.vote, voter, a_post(db, author), [0])
    end(db, post_id)
    with pytest.raises(Invalid, match="already ended"):
        db.write_now(posts.vote, voter, post_id, [0])


async def test_of_two_votes_at_once_in_a_single_choice_one_counts(db):
    """The rule is in the key of the rows: whatever two units of work have read, the second row cannot be written."""
    author, voter = an_actor(db), an_actor(db)
    post_id = a_poll(db, author)
    poll = poll_of(db, post_id)

    first = await db.write(poll_rows.count_vote, poll, voter, 0)
    second = await db.write(poll_rows.count_vote, poll, voter, 1)

    assert (first, second) == (True, False)
    assert counts(db, post_id) == ([1, 0], 1)


def test_counts_go_out_once_for_all_votes_of_a_minute(db):
    author = an_actor(db)
    post_id = a_poll(db, author)

    for _ in range(3):
        db.write_now(posts.vote, an_actor(db), post_id, [0])

    assert len(tasks_of(db, voting.TELL)) == 1
    assert said(db, "Update") == []
    run(db, voting.TELL, voting.tell)
    [update_activity] = said(db, "Update")
    assert [option["replies"]["totalItems"] for option in update_activity["object"]["oneOf"]] == [3, 0]
    assert update_activity["object"]["votersCount"] == 3
    assert "updated" not in update_activity["object"]
    db.write_now(posts.vote, an_actor(db), post_id, [1])
    assert len(tasks_of(db, voting.TELL)) == 1


def test_hidden_counts_are_told_to_nobody_before_the_end(db):
    author, voter = an_actor(db), an_actor(db)
    post_id = a_poll(db, author, hide_totals=True)
    db.write_now(posts.vote, voter, post_id, [0])

    run(db, voting.TELL, voting.tell)
    end(db, post_id)
    run(db, poll_rows.CLOSE, voting.close)

    before, after = said(db, "Update")
    assert all("replies" not in option for option in before["object"]["oneOf"])
    assert [option["replies"]["totalItems"] for option in after["object"]["oneOf"]] == [1, 0]


def test_when_a_poll_closes_its_author_and_its_voters_are_told(db):
    author, voter, onlooker = an_actor(db), an_actor(db), an_actor(db)
    post_id = a_poll(db, author)
    db.write_now(posts.vote, voter, post_id, [0])
    end(db, post_id)

    run(db, poll_rows.CLOSE, voting.close)

    assert told(db, author) == [("poll", post_id)]
    assert told(db, voter) == [("poll", post_id)]
    assert told(db, onlooker) == []
    assert "closed" in said(db, "Update")[-1]["object"]
    assert tasks_of(db, poll_rows.CLOSE) == []


def test_a_poll_whose_end_has_moved_closes_later(db):
    post_id = a_poll(db, an_actor(db))

    run(db, poll_rows.CLOSE, voting.close)

    assert said(db, "Update") == []
    assert len(tasks_of(db, poll_rows.CLOSE)) == 1
    assert poll_of(db, post_id).expires_at is not None


def test_the_task_of_a_poll_that_is_gone_does_nothing(db):
    author = an_actor(db)
    post_id = a_poll(db, author)
    db.write_now(posts.delete_post, author, post_id)

    run(db, poll_rows.CLOSE, voting.close)

    assert tasks_of(db, poll_rows.CLOSE) == []
    assert told(db, author) == []
    assert db.read_now(lambda conn: conn.execute(select(polls)).all()) == []


def test_the_same_answers_keep_their_votes_and_others_are_a_new_question(db):
    author, voter, booster = an_actor(db), an_actor(db), an_actor(db)
    post_id = a_poll(db, author)
    db.write_now(posts.vote, voter, post_id, [1])
    db.write_now(posts.boost, booster, post_id)
    same = PollDraft(("Old hall", "New hall"), 2 * DAY)

    db.write_now(posts.edit, author, post_id, Draft(text="Where shall we meet?", poll=same))

    assert counts(db, post_id) == ([0, 1], 1)
    assert "shall" in db.read_now(posts.find, post_id).content
    assert said(db, "Update")[-1]["object"]["type"] == "Question"
    assert told(db, voter) == told(db, booster) == [("update", post_id)]

    db.write_now(posts.edit, author, post_id, Draft(text="Where?", poll=PollDraft(("A", "B"), DAY)))

    assert counts(db, post_id) == ([0, 0], 0)
    assert poll_of(db, post_id, voter).own == ()
    db.write_now(posts.vote, voter, post_id, [0])
    assert [one.poll for one in db.read_now(posts.history, post_id, None)] == [
        ("Old hall", "New hall"),
        ("Old hall", "New hall"),
        ("A", "B"),
    ]


def test_a_poll_may_be_taken_out_of_a_post_and_put_into_one(db):
    author = an_actor(db)
    post_id = a_poll(db, author)

    db.write_now(posts.edit, author, post_id, Draft(text="No question"))
    without = poll_of(db, post_id), said(db, "Update")[-1]["object"]["type"]
    db.write_now(posts.edit, author, post_id, Draft(text="A question", poll=PollDraft(("A", "B"), DAY)))

    assert without == (None, "Note")
    assert [option.title for option in poll_of(db, post_id).options] == ["A", "B"]
    assert said(db, "Update")[-1]["object"]["type"] == "Question"
    assert [one.poll for one in db.read_now(posts.history, post_id, None)] == [
        ("Old hall", "New hall"),
        None,
        ("A", "B"),
    ]


def test_an_end_that_is_brought_forward_closes_the_poll_then(db):
    author = an_actor(db)
    post_id = a_poll(db, author)

    db.write_now(posts.edit, author, post_id, Draft(text="x", poll=PollDraft(("Old hall", "New hall"), DAY / 2)))

    ends = sorted(task.run_at for task in tasks_of(db, poll_rows.CLOSE))
    assert ends[0] == poll_of(db, post_id).expires_at < ends[1]
