# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member takes part in a community of Lemmy: follows it, reads in it, answers, opens a thread, votes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from federation_tests.harness.waiting import eventually

from . import people
from .people import InMastodon

WITHIN = 90.0
COMMUNITY = "old_students"


class Lemmy:
    """Its API, as the person who set it up."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        given = {"username_or_email": people.NAME, "password": people.PASSWORD}
        self._http.headers["Authorization"] = f"Bearer {self.ask('POST', 'user/login', **given)['jwt']}"

    def ask(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        address = f"{self._url}/api/v3/{path}"
        if method == "GET":
            answer = self._http.get(address, params=given, timeout=30)
        else:
            answer = self._http.request(method, address, json=given, timeout=30)
        assert answer.ok, f"lemmy {path} -> {answer.status_code} {answer.text[:500]}"
        told: dict[str, Any] = answer.json()
        return told

    def threads(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "post/list", community_name=COMMUNITY, sort="New")["posts"])

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def lemmy(at: Callable[[str], str]) -> Iterator[Lemmy]:
    made = Lemmy(at("lemmy"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def community(lemmy: Lemmy) -> int:
    made = lemmy.ask("POST", "community", name=COMMUNITY, title="Old students")
    return int(made["community_view"]["community"]["id"])


@pytest.fixture(scope="module")
def member(lemmy: Lemmy, community: int, ours: Callable[[str], InMastodon]) -> InMastodon:
    """A member who follows the community."""
    found = ours("friend_of_lemmy")
    found.follow(f"@{COMMUNITY}@lemmy.test")
    eventually(lambda: found.follows(f"@{COMMUNITY}@lemmy.test"), within=WITHIN)
    return found


@pytest.fixture
def thread(lemmy: Lemmy, community: int, member: InMastodon) -> dict[str, Any]:
    """A thread that somebody there has opened, and that the member has on their home timeline."""
    made = lemmy.ask("POST", "post", community_id=community, name="Who remembers the boat house?", body="I do.")
    post: dict[str, Any] = made["post_view"]["post"]
    eventually(lambda: member.has(post["ap_id"]), within=WITHIN)
    return post


def test_an_answer_of_ours_stands_in_their_thread(lemmy: Lemmy, thread: dict[str, Any], member: InMastodon) -> None:
    answer = member.post("It smelled of tar", answering=thread["ap_id"])

    def comments() -> list[str]:
        told = lemmy.ask("GET", "comment/list", post_id=thread["id"])
        return [one["comment"]["ap_id"] for one in told["comments"]]

    eventually(comments, within=WITHIN, until=lambda seen: answer in seen)


def test_a_favourite_of_ours_is_a_vote(lemmy: Lemmy, thread: dict[str, Any], member: InMastodon) -> None:
    member.favourite(thread["ap_id"])

    def votes() -> int:
        return int(lemmy.ask("GET", "post", id=thread["id"])["post_view"]["counts"]["upvotes"])

    # The first vote is the author's own.
    eventually(votes, within=WITHIN, until=lambda count: count == 2)


def test_a_post_that_names_the_community_opens_a_thread(lemmy: Lemmy, community: int, member: InMastodon) -> None:
    post = member.post(f"@{COMMUNITY}@lemmy.test Found the visitors' book of 1974")

    eventually(
        lambda: [one["post"]["ap_id"] for one in lemmy.threads()], within=WITHIN, until=lambda seen: post in seen
    )
