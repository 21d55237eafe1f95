# SPDX-License-Identifier: AGPL-3.0-or-later
"""Announcements come to everybody's own stream: what they say, how many answer, and that one is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import instance
from node.instance import Wording
from node.instance.tables import announcements
from node.kernel import clock, queue
from node.kernel.errors import NotFound
from node.members import Member
from tests.support.contract import hold
from tests.web.asking import Api
from tests.web.streaming.test_streams import ada, ben, opened
from web.mastodon.openapi.shapes import ref

__all__ = ["ada", "ben"]


async def test_an_announcement_its_answers_and_its_end_are_told_to_everybody(
    api: Api, ada: Member, ben: Member
) -> None:
    sockets = [await opened(api, "?stream=user", token=api.token(one)) for one in (ada, ben)]

    number = await api.db.write(instance.announce, {"admin"}, Wording(text="We meet."))
    for socket in sockets:
        stream, event, said = await socket.next()
        assert (stream, event, said["id"]) == (["user"], "announcement", str(number))
        hold(said, ref("Announcement"), "an announcement in a stream")

    await api.db.write(instance.react, ben.id, number, "🎉")
    await api.db.write(instance.remove, {"admin"}, number)
    for socket in sockets:
        _, event, answered = await socket.next()
        assert event == "announcement.reaction"
        assert answered == {"name": "🎉", "count": 1, "announcement_id": str(number)}
        _, event, gone = await socket.next()
        assert (event, str(gone)) == ("announcement.delete", str(number))


async def test_one_that_waits_is_told_once_its_time_has_come(api: Api, ada: Member) -> None:
    later = clock.now() + timedelta(hours=1)
    number = await api.db.write(instance.announce, {"admin"}, Wording(text="We meet.", publish_at=later))
    await api.db.write(instance.change, {"admin"}, number, Wording(text="We sing.", publish_at=later))
    with pytest.raises(NotFound):
        await api.db.write(instance.react, ada.id, number, "🎉")
    with pytest.raises(NotFound):
        await api.db.write(instance.dismiss, ada.id, number)
    socket = await opened(api, "?stream=user", token=api.token(ada))
    [task] = api.db.read_now(
        lambda conn: conn.execute(select(queue.tasks).where(queue.tasks.c.name == instance.PUBLISH)).all()
    )
    assert abs(task.run_at - later) < timedelta(seconds=1)

    await api.db.write(instance.publish, number, task_id=task.id)  # too early: nothing is told
    api.db.write_now(lambda tx: tx.conn.execute(update(announcements).values(published_at=tx.now)))
    await api.db.write(instance.publish, number, task_id=task.id)
    await api.db.write(instance.publish, 1, task_id=task.id)  # one that is gone
    await api.db.write(instance.remove, {"admin"}, number)

    _, event, said = await socket.next()
    assert (event, said["id"], "We sing." in said["content"]) == ("announcement", str(number), True)
    _, event, _ = await socket.next()
    assert event == "announcement.delete"
