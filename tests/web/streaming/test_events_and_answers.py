# SPDX-License-Identifier: AGPL-3.0-or-later
"""What streams bring of events: their answers as they come, and nothing of those for a circle to anybody outside."""

from typing import Any

import pytest

from activitypub.addressing import Visibility
from node import events
from node.members import Member
from node.relationships import Circle
from tests.support.builders import a_member, an_event_draft
from tests.web.asking import Api
from tests.web.streaming.test_streams import _post, ada, ben, opened

__all__ = ["ada", "ben"]


def _poll(status: Any) -> tuple[int, list[int]]:
    return status["poll"]["votes_count"], status["poll"]["own_votes"]


async def test_an_answer_is_shown_wherever_it_was_given(api: Api, ada: Member, ben: Member) -> None:
    token = api.token(ada)
    socket = await opened(api, "?stream=user", token=token)
    post_id = await api.db.write(events.publish, ben.actor, an_event_draft())
    _, event, status = await socket.next()
    assert (event, _poll(status)) == ("update", (0, []))

    await api.post(f"/api/v1/polls/{post_id}/votes", token, json={"choices": [0]})
    _, event, status = await socket.next()
    assert (event, _poll(status)) == ("status.update", (1, [0]))

    await api.db.write(events.leave, ada.actor, post_id)
    _, event, status = await socket.next()
    assert (event, _poll(status)) == ("status.update", (0, [1]))


@pytest.mark.parametrize("stream", ["user", "public", "public:local"])
async def test_an_event_for_the_class_is_streamed_to_no_other(api: Api, ada: Member, ben: Member, stream: str) -> None:
    organiser = a_member(api.db, class_year=1999)
    await api.post(f"/api/v1/accounts/{organiser.id}/follow", api.token(ada), json={"notify": True})
    socket = await opened(api, f"?stream={stream}", token=api.token(ada))
    draft = an_event_draft(visibility=Visibility.PRIVATE, circle=Circle.CLASS)

    post_id = await api.db.write(events.publish, organiser.actor, draft)
    await api.db.write(events.change, organiser.actor, post_id, an_event_draft(title="Winter dinner"))
    seen = await _post(api, ben)

    _, event, status = await socket.next()
    assert (event, status["id"]) == ("update", str(seen))
