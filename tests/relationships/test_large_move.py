# SPDX-License-Identifier: AGPL-3.0-or-later
"""A move of somebody with two thousand followers here, killed again and again: nobody is lost, nobody is moved twice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from node import relationships
from node.actors.tables import actors as actors_table
from node.federation.outbox import DELIVER
from node.kernel import queue
from node.kernel.ids import new_id
from node.kernel.queue import tasks
from node.relationships import moves
from node.relationships.tables import follows
from tests.support.builders import a_remote_actor, an_actor

FOLLOWERS = 2_000


def _bring(tx, old):
    """Members without logins, who all follow `old`: made from the row of one, since making them properly takes long."""
    model = dict(tx.conn.execute(select(actors_table).where(actors_table.c.id == _model(tx))).one()._mapping)
    people, rows = [], []
    for number in range(FOLLOWERS - 1):
        actor_id, uri = new_id(tx.now), f"{tx.site.base_url}/actors/crowd{number}"
        name = {"username": f"crowd{number}", "username_key": f"crowd{number}"}
        places = {"inbox": f"{uri}/inbox", "outbox": f"{uri}/outbox", "followers": f"{uri}/followers"}
        people.append({**model, **name, **places, "id": actor_id, "uri": uri, "url": uri})
        rows.append(
            {
                "id": new_id(tx.now),
                "follower_id": actor_id,
                "followee_id": old.id,
                "state": "accepted",
                "uri": f"{uri}#follow",
                "show_boosts": True,
                "notify": False,
                "created_at": tx.now,
            }
        )
    tx.conn.execute(insert(actors_table), people)
    tx.conn.execute(insert(follows), rows)


def _model(tx):
    return tx.conn.execute(select(actors_table.c.id).where(actors_table.c.username == "model")).scalar_one()


@pytest.mark.slow
def test_two_thousand_followers_move_through_a_process_that_keeps_dying(db):
    model, old, new = an_actor(db, "model"), a_remote_actor(db, "old"), a_remote_actor(db, "new", host="new.example")
    db.write_now(relationships.actions.begin, model, old, f"{model.uri}#f", accepted=True)
    db.write_now(_bring, old)
    db.write_now(moves._begin, old, new)

    def claim(tx):
        tx.conn.execute(
            update(tasks).where(tasks.c.name == moves.REFOLLOW).values(run_at=tx.now - timedelta(minutes=1))
        )
        return [one for one in queue.claim(tx, queue.WORK, limit=5, per_lane=5, busy={}) if one.name == moves.REFOLLOW]

    def dying(tx, payload, task_id):
        moves.refollow(tx, payload["old"], payload["new"], payload["after"], task_id)
        raise KeyError("killed before the commit")

    turns = 0
    while claimed := db.write_now(claim):
        (task,) = claimed
        turns += 1
        if turns % 10 == 1:
            with pytest.raises(KeyError):
                db.write_now(dying, task.payload, task.id)
            db.write_now(queue.release_all)  # as a new process does when it starts
        else:
            payload = task.payload
            db.write_now(moves.refollow, payload["old"], payload["new"], payload["after"], task.id)

    def counted(conn):
        asks = select(func.count()).select_from(follows).where(follows.c.followee_id == new.id)
        sent = select(tasks.c.lane, func.count()).where(tasks.c.name == DELIVER).group_by(tasks.c.lane)
        return conn.execute(asks).scalar_one(), {row.lane: row[1] for row in conn.execute(sent)}

    asked, deliveries = db.read_now(counted)
    assert asked == FOLLOWERS
    assert db.read_now(relationships.local_followers, old.id) == []
    assert deliveries == {"new.example": FOLLOWERS, "far.example": FOLLOWERS}
    assert turns > FOLLOWERS / moves.BATCH
