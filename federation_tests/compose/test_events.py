# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events of Mobilizon and Gancio reach members, and people say on either side whether they come."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from federation_tests.harness.clients import Browser
from federation_tests.harness.node import Account
from federation_tests.harness.waiting import eventually

from . import people, servers
from .people import InMastodon

WITHIN = 90.0
IN_A_MONTH = timedelta(days=30)


class Mobilizon:
    """Its GraphQL API, as the one person there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._token = ""
        email = f"{people.NAME}@example.org"
        servers.run("mobilizon", "/bin/mobilizon_ctl", "users.new", email, "--password", people.PASSWORD, "--admin",
                    "--profile-username", people.NAME)  # fmt: skip
        told = self.ask(
            "mutation ($email: String!, $password: String!) { login(email: $email, password: $password)"
            " { accessToken user { defaultActor { id } } } }",
            email=email,
            password=people.PASSWORD,
        )["login"]
        self._token = told["accessToken"]
        self.actor_id = told["user"]["defaultActor"]["id"]

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        told = requests.post(
            f"{self._url}/api", json={"query": query, "variables": variables}, headers=headers, timeout=30
        ).json()
        assert not told.get("errors"), told["errors"]
        data: dict[str, Any] = told["data"]
        return data

    def add_event(self, title: str) -> dict[str, Any]:
        starts = datetime.now(UTC) + IN_A_MONTH
        return dict(
            self.ask(
                "mutation ($title: String!, $begins: DateTime!, $ends: DateTime!, $who: ID!) { createEvent("
                'title: $title, description: "<p>Bring your yearbook.</p>", beginsOn: $begins, endsOn: $ends,'
                " status: CONFIRMED, visibility: PUBLIC, joinOptions: FREE, organizerActorId: $who,"
                ' category: MEETING, draft: false, language: "en") { uuid url } }',
                title=title,
                begins=starts.isoformat(),
                ends=(starts + timedelta(hours=3)).isoformat(),
                who=self.actor_id,
            )["createEvent"]
        )

    def guests(self, uuid: str) -> list[str]:
        """The addresses of everybody who has said that they come, the organiser among them."""
        told = self.ask(
            "query ($uuid: UUID!) { event(uuid: $uuid) { participants { elements { actor { url } } } } }", uuid=uuid
        )
        return [one["actor"]["url"] for one in told["event"]["participants"]["elements"]]

    def join(self, event: str) -> None:
        found = self.ask("query ($term: String!) { searchEvents(term: $term) { elements { id } } }", term=event)
        [one] = found["searchEvents"]["elements"]
        self.ask(
            "mutation ($event: ID!, $who: ID!) { joinEvent(eventId: $event, actorId: $who) { id } }",
            event=one["id"],
            who=self.actor_id,
        )


@pytest.fixture(scope="module")
def mobilizon(at: Callable[[str], str]) -> Mobilizon:
    return Mobilizon(at("mobilizon"))


def test_a_member_says_that_they_come_to_an_event_of_mobilizon(
    mobilizon: Mobilizon, ours: Callable[[str], InMastodon]
) -> None:
    member = ours("friend_of_mobilizon")
    event = mobilizon.add_event("Supper by the harbour")
    me = f"{servers.url(servers.OURS)}/@{member.app.me().username}"
    uri = requests.get(me, headers={"Accept": "application/activity+json"}, timeout=10).json()["id"]

    browser = Browser()
    try:
        browser.open(f"{servers.url(servers.OURS)}/login")
        browser.sign_in(Account(member.app.me().username, _email(member), people.PASSWORD, member.handle))
        page = browser.open(f"{servers.url(servers.OURS)}/people/elsewhere?q={event['url']}")
        link = re.search(r'href="(/[^"]*)"[^>]*>\s*Supper by the harbour', page)
        assert link, page
        browser.open(f"{servers.url(servers.OURS)}{link.group(1)}")
        browser.press(browser.form(having="/going"))
    finally:
        browser.close()

    eventually(lambda: mobilizon.guests(event["uuid"]), within=WITHIN, until=lambda guests: uri in guests)


def _email(member: InMastodon) -> str:
    return f"{member.app.me().username}@example.org"


def test_somebody_of_mobilizon_says_that_they_come_to_ours(mobilizon: Mobilizon) -> None:
    printed = servers.run(
        *(servers.OURS, "alumnode", "event", "create", "--title", "Fifty years", "--start", "2031-06-19T18:30"),
        *("--end", "2031-06-19T23:00", "--timezone", "Europe/Paris", "--place", "Cloister", "--text", "Do come."),
        *("--capacity", "20", "--config", "/data/alumnode.toml"),
    )
    event = printed.splitlines()[-1].split()[-1]

    mobilizon.join(event)

    def seats() -> int:
        document = requests.get(event, headers={"Accept": "application/activity+json"}, timeout=10).json()
        return int(document["remainingAttendeeCapacity"])

    eventually(seats, within=WITHIN, until=lambda left: left == 19)


class Gancio:
    """Its API, as its first administrator."""

    def __init__(self, url: str) -> None:
        self._url = url
        command = ("gancio", "--config", "/data/config.json", "users")
        servers.run("gancio", *command, "create", people.NAME, "true")
        said = servers.run("gancio", *command, "reset-password", people.NAME)
        password = re.search(r"is '([^']+)'", said)
        assert password, said
        given = {"grant_type": "password", "client_id": "self", "username": people.NAME, "password": password.group(1)}
        told = requests.post(f"{url}/oauth/login", data=given, timeout=30).json()
        self._headers = {"Authorization": f"Bearer {told['access_token']}"}
        self._ask("settings", json={"key": "instance_name", "value": "gancio"})

    def add_event(self, title: str) -> None:
        starts = int((datetime.now(UTC) + IN_A_MONTH).timestamp())
        where = {"place_name": "The old customs house", "place_address": "Harbour Street 1"}
        self._ask("event", data={"title": title, "start_datetime": str(starts), **where})

    def _ask(self, path: str, **given: Any) -> None:
        answer = requests.post(f"{self._url}/api/{path}", headers=self._headers, timeout=30, **given)
        assert answer.ok, f"gancio {path} -> {answer.status_code} {answer.text[:500]}"


@pytest.fixture(scope="module")
def gancio(at: Callable[[str], str]) -> Gancio:
    return Gancio(at("gancio"))


def test_an_event_of_gancio_comes_to_who_follows_it(gancio: Gancio, ours: Callable[[str], InMastodon]) -> None:
    member = ours("friend_of_gancio")
    member.follow("@gancio@gancio.test")
    eventually(lambda: member.follows("@gancio@gancio.test"), within=WITHIN)

    gancio.add_event("Concert in the customs house")

    def heard() -> list[str]:
        return [one.content for one in member.app.timeline_home(limit=40)]

    eventually(heard, within=WITHIN, until=lambda texts: any("Concert in the customs house" in one for one in texts))
