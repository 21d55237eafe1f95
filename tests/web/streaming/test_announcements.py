# SPDX-License-Identifier: AGPL-3.0-or-later
"""Announcements come to everybody's own stream: what they say, how many answer, and that one is gone."""

from node import instance
from node.instance import Wording
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
