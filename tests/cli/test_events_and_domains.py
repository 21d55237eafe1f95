# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events, blocked domains and the queue from the command line."""

from datetime import datetime, timedelta

import pytest

from node import events, posts
from node.kernel.db import Database
from tests.cli.conftest import DOMAIN, Shell

WHEN = f"{datetime.now().astimezone() + timedelta(days=90):%Y-%m-%d}T19:00"
EVENT = ("event", "create", "--title", "Low tide supper", "--place", "The old slipway")


def test_an_event_prints_its_page_and_at_last_its_id(shell: Shell, inside: Database) -> None:
    said = shell.does(*EVENT, "--start", WHEN, "--timezone", "Europe/London", "--capacity", "40")

    page, uri = said.split()
    assert page.startswith(f"https://{DOMAIN}/events/")
    post = inside.read_now(posts.by_uri, uri)
    assert post is not None
    assert post.url == page
    event = inside.read_now(events.get, post.id, None)
    assert (event.title, event.timezone, event.capacity) == ("Low tide supper", "Europe/London", 40)


def test_a_member_can_be_the_one_who_invites(shell: Shell, inside: Database) -> None:
    uri = shell.does(*EVENT, "--start", WHEN, "--by", "@amara").split()[-1]

    post = inside.read_now(posts.by_uri, uri)
    assert post is not None
    assert inside.read_now(posts.view, post.id, None).author.username == "amara"


def test_an_event_may_be_for_the_school_alone(shell: Shell, inside: Database) -> None:
    uri = shell.does(*EVENT, "--start", WHEN, "--circle", "school").split()[-1]

    post = inside.read_now(posts.by_uri, uri)
    assert post is not None
    assert (post.visibility, post.circle) == ("private", "school")


@pytest.mark.parametrize("start", ["tomorrow", "2027-13-01T10:00", f"{WHEN}+01:00"])
def test_a_time_that_is_none_is_a_mistake_in_the_command(shell: Shell, start: str) -> None:
    assert shell.run(*EVENT, "--start", start).exit_code == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--start", "2001-01-01T10:00"), "future"),
        (("--start", WHEN, "--end", "2001-01-01T10:00"), "after it begins"),
        (("--start", WHEN, "--timezone", "Mars/Olympus"), "time zone"),
        (("--start", WHEN, "--place", ""), "where"),
        (("--start", WHEN, "--capacity", "0"), "at least 1"),
        (("--start", WHEN, "--by", "nobody"), "no member called nobody"),
        (("--start", WHEN, "--circle", "class"), "association is of no class"),
    ],
)
def test_an_event_that_cannot_be_is_refused_in_a_sentence(
    shell: Shell, options: tuple[str, ...], sentence: str
) -> None:
    assert sentence in shell.refuses(*EVENT, *options)


def test_a_domain_is_blocked_listed_and_unblocked(shell: Shell) -> None:
    shell.does("domain", "block", "Spam.Example", "--reason", "sells diplomas")
    assert shell.does("domain", "list") == "spam.example"

    shell.does("domain", "unblock", "spam.example")

    assert shell.does("domain", "list") == ""
    assert "not blocked" in shell.refuses("domain", "unblock", "spam.example")


@pytest.mark.parametrize("name", ["https://spam.example", "somebody@spam.example", "spam", ""])
def test_only_a_domain_can_be_blocked(shell: Shell, name: str) -> None:
    assert shell.run("domain", "block", name).exit_code == 2


def test_the_queue_tells_what_waits(shell: Shell) -> None:
    lines = shell.does("queue").splitlines()

    assert [line.split()[0] for line in lines] == ["inbox", "delivery", "work"]
    assert all("0 waiting" in line for line in lines)


def test_a_partner_that_cannot_be_found_is_refused_in_a_sentence(shell: Shell) -> None:
    assert "cannot be found" in shell.refuses("partner", "add", "association@nowhere.invalid")
    assert shell.does("partner", "list") == ""
