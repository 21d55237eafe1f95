# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association tells a member, as Mastodon.py sees it: a private message, until the matter is closed."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
import requests
from mastodon import Mastodon

from node import contacts
from node.contacts import Grant
from tests.web.asking import HOST, Api
from tests.web.mastodon.conftest import Person

Found = TypeVar("Found")


class Seen:
    """One member's app."""

    def __init__(self, api: Api, person: Person) -> None:
        session = requests.Session()
        session.headers["Host"] = HOST
        self.session = session
        self.app = Mastodon(
            access_token=person.token, api_base_url=str(api.client.make_url("/")).rstrip("/"), session=session
        )

    async def ask(self, what: Callable[[Mastodon], Found]) -> Found:
        """Beside the loop, which serves what the app asks."""
        return await asyncio.to_thread(what, self.app)

    async def told(self) -> list[tuple[str, str, str]]:
        """(who, how, what) of each conversation, the newest first."""
        found = await self.ask(lambda app: [one.last_status for one in app.conversations()])
        return [(one.account.acct, one.visibility, one.content) for one in found]


@pytest.fixture
def people(api: Api, ada: Person, ben: Person) -> tuple[Seen, Seen]:
    """The apps of both."""
    return Seen(api, ada), Seen(api, ben)


async def test_a_request_is_a_private_message_until_it_is_answered(
    api: Api, ada: Person, ben: Person, people: tuple[Seen, Seen]
) -> None:
    of_ada, of_ben = people
    api.db.write_now(contacts.ask, ada.member.actor, ben.member.actor, message="The choir!")

    [(who, how, what)] = await of_ben.told()
    assert (who, how) == ("association", "direct")
    assert "would like to be a contact of yours" in what
    assert "The choir!" in what
    assert f"https://{HOST}/contacts" in what
    [notification] = await of_ben.ask(lambda app: app.notifications())
    assert (notification.type, notification.account.acct) == ("mention", "association")
    assert await of_ada.told() == []
    number = notification.status.id
    assert (await api.get(f"/api/v1/statuses/{number}", ada.token)).status == 404

    api.db.write_now(contacts.accept, ben.member.actor, ada.member.actor, grants=[Grant.EMAIL])
    assert await of_ben.told() == []
    assert (await api.get(f"/api/v1/statuses/{number}", ben.token)).status == 404
    [(who, how, what)] = await of_ada.told()
    assert (who, how) == ("association", "direct")
    assert f"https://{HOST}/contacts/{ben.id}" in what

    api.db.write_now(contacts.remove, ben.member.actor, ada.member.actor)
    assert await of_ada.told() == []
    for seen in people:
        seen.session.close()


async def test_it_is_on_no_timeline_of_others_and_in_no_outbox(
    api: Api, ada: Person, ben: Person, people: tuple[Seen, Seen]
) -> None:
    _, of_ben = people
    api.db.write_now(contacts.ask, ada.member.actor, ben.member.actor)
    [notification] = await of_ben.ask(lambda app: app.notifications())

    found = (await api.get("/api/v1/timelines/public", ada.token)).json
    found += (await api.get(f"/api/v1/accounts/{notification.account.id}/statuses", ada.token)).json
    assert [one["id"] for one in found] == []
    path = notification.status.uri.removeprefix(f"https://{HOST}")
    answer = await api.ask("GET", path, headers={"Accept": "application/activity+json"})
    assert answer.status == 404
    for seen in people:
        seen.session.close()
