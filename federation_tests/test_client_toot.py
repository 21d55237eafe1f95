# SPDX-License-Identifier: AGPL-3.0-or-later
"""toot, in a terminal: each of its commands is given once at least, on both databases.

The program itself is asked which commands it has. One that is not given must stand in `LEFT_OUT` with the reason.
Only signing in needs a process of its own; after that the commands are called inside this one, where each costs
milliseconds. Most print what they got in words, and fail if an answer lacks what they read.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
import toot.cli  # type: ignore[import-untyped]  # it has no types
from click.testing import CliRunner
from mastodon import Mastodon

from federation_tests.harness.clients import Toot
from federation_tests.harness.node import Account, Node

Command = tuple[str, ...]

LEFT_OUT: Final[dict[Command, str]] = {
    ("tui",): "takes the whole terminal and is driven by keys; it asks for what the other commands ask for",
}
"""Commands that are not given, and why."""


def commands(of: click.Command, path: Command = ()) -> Iterator[Command]:
    """All commands below this one, hidden ones and old names too."""
    if isinstance(of, click.Group):
        for name, one in of.commands.items():
            yield from commands(one, (*path, name))
    else:
        yield path


class Terminal:
    """One member's terminal, which remembers the commands given."""

    def __init__(self, toot_of_member: Toot) -> None:
        self.given: set[Command] = set()
        self._environment = toot_of_member.environment
        self._runner = CliRunner()

    def run(self, *words: str | Path) -> str:
        """What a command prints; an AssertionError if it fails."""
        output, code = self._run(*words)
        assert code == 0, f"toot {' '.join(map(str, words))} -> {code}\n{output}"
        return output

    def refused(self, *words: str | Path) -> str:
        """What a command prints that has to fail."""
        output, code = self._run(*words)
        assert code != 0, f"toot {' '.join(map(str, words))}\n{output}"
        return output

    def json(self, *words: str | Path) -> Any:
        return json.loads(self.run(*words, "--json"))

    def _run(self, *words: str | Path) -> tuple[str, int]:
        texts = [str(one) for one in words]
        found: click.Command = toot.cli.cli
        path: Command = ()
        while isinstance(found, click.Group):
            path += (texts[len(path)],)
            found = found.commands[path[-1]]
        self.given.add(path)
        result = self._runner.invoke(toot.cli.cli, ["--no-color", *texts], env=self._environment)
        said = f"{result.output}{result.exception or ''}"
        return said, result.exit_code


@pytest.fixture(scope="module", params=["tilleuls", "harbour"], ids=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest) -> Node:
    found: Node = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def people(node: Node) -> list[Account]:
    return node.add_members("yara", "yarasfriend", "yarasshyfriend")


@pytest.fixture(scope="module")
def friend(node: Node, people: list[Account]) -> Mastodon:
    return node.app(people[1].username)


@pytest.fixture(scope="module")
def shy(node: Node, people: list[Account]) -> Mastodon:
    return node.app(people[2].username)


@pytest.fixture(scope="module")
def terminal(node: Node, people: list[Account]) -> Terminal:
    yaras = Toot(node, people[0])
    yaras.login()
    terminal = Terminal(yaras)
    terminal.given.add(("login",))
    return terminal


def test_who_is_signed_in_and_where(terminal: Terminal, node: Node, people: list[Account]) -> None:
    assert people[0].handle in terminal.run("auth")
    terminal.run("activate", people[0].handle)
    assert "@yara" in terminal.run("whoami")
    assert terminal.json("whoami")["username"] == "yara"
    assert "Anciens" in terminal.run("instance") or "Harbour" in terminal.run("instance", node.url)
    assert "Toot Diagnostics" in terminal.run("diag", "--server")
    assert "deprecated" in terminal.run("env")
    # The password goes into the node's own page and into no program.
    refused = terminal.refused("login_cli", "-i", node.url, "-e", people[0].email, "-p", people[0].password)
    assert "Login failed" in refused


def test_an_account_is_made_over(terminal: Terminal, png: bytes, tmp_path: Path) -> None:
    picture = tmp_path / "yara.png"
    picture.write_bytes(png)
    changed: list[str | Path] = [
        "--note",
        "In a terminal",
        "--avatar",
        picture,
        "--header",
        picture,
        "--no-bot",
        "--discoverable",
    ]

    assert "updated" in terminal.run("update-account", "--display-name", "Yara", *changed)
    assert "updated" in terminal.run("update_account", "--no-locked", "--privacy", "public", "--language", "fr")

    me = terminal.json("whoami")
    assert (me["display_name"], me["source"]["language"]) == ("Yara", "fr")
    assert "In a terminal" in terminal.run("whois", "yara")


def test_ties(terminal: Terminal, friend: Mastodon, shy: Mastodon) -> None:
    shy.account_update_credentials(locked=True)
    me = terminal.json("whoami")["id"]
    assert terminal.json("follow", "yarasfriend")["following"]
    assert "yarasfriend" in terminal.run("following")
    friend.account_follow(me)
    assert "yarasfriend" in terminal.run("followers", "yara")

    terminal.run("update-account", "--locked")
    shy.account_follow(me)
    assert "yarasshyfriend" in terminal.run("follow-requests", "list")
    terminal.run("follow-requests", "reject", "yarasshyfriend")
    shy.account_follow(me)
    terminal.run("follow-requests", "accept", "yarasshyfriend")
    terminal.run("update-account", "--no-locked")
    assert shy.account_relationships([me])[0].following

    assert terminal.json("mute", "yarasshyfriend")["muting"]
    assert "yarasshyfriend" in terminal.run("muted")
    terminal.run("unmute", "yarasshyfriend")
    assert "No accounts" in terminal.run("muted")
    assert terminal.json("block", "yarasshyfriend")["blocking"]
    assert "yarasshyfriend" in terminal.run("blocked")
    terminal.run("unblock", "yarasshyfriend")
    assert "No accounts" in terminal.run("blocked")
    terminal.run("follow", "yarasshyfriend")
    assert not terminal.json("unfollow", "yarasshyfriend")["requested"]


def test_posts(terminal: Terminal, friend: Mastodon, png: bytes, tmp_path: Path) -> None:
    picture = tmp_path / "yard.png"
    picture.write_bytes(png)
    assert "Successfully uploaded" in terminal.run("upload", picture, "--description", "A yard")
    posted = terminal.json(
        "post", "From #toot", "--media", picture, "-d", "A yard", "--thumbnail", picture, "-p", "Art", "-l", "en"
    )
    assert posted["media_attachments"][0]["description"] == "A yard"
    assert posted["spoiler_text"] == "Art"
    assert "From #toot" in terminal.run("status", posted["id"])
    assert "scheduled" in terminal.run("post", "Later", "--scheduled-in", "2 hours")
    assert "reblogged by anyone" in terminal.run("reblogged-by", posted["id"])

    theirs = str(friend.status_post("Good morning").id)
    reply = terminal.json("post", "And to you", "--reply-to", theirs)
    last = terminal.json("post", "And again", "--reply-last")
    assert last["in_reply_to_id"] == reply["id"]
    assert "And again" in terminal.run("thread", reply["id"])
    assert terminal.json("favourite", theirs)["favourited"]
    assert "Good morning" in terminal.run("timelines", "favourites", "--no-pager", "--no-clear")
    terminal.run("unfavourite", theirs)
    assert terminal.json("reblog", theirs, "--visibility", "unlisted")["reblog"]["id"] == theirs
    assert "yara" in terminal.run("reblogged-by", theirs)
    assert [one["username"] for one in terminal.json("reblogged_by", theirs)] == ["yara"]
    terminal.run("unreblog", theirs)
    assert terminal.json("bookmark", theirs)["bookmarked"]
    assert "Good morning" in terminal.run("bookmarks", "--once")
    terminal.run("unbookmark", theirs)
    assert terminal.json("pin", posted["id"])["pinned"]
    terminal.run("unpin", posted["id"])
    assert "deleted" in terminal.run("delete", last["id"])
    terminal.refused("status", last["id"])


def test_polls(terminal: Terminal, friend: Mastodon) -> None:
    asked = terminal.json("post", "Which?", "--poll-option", "Tea", "--poll-option", "Coffee", "--poll-hide-totals")
    assert "Coffee" in terminal.run("polls", "show", asked["poll"]["id"])
    theirs = friend.status_post("And you?", poll=friend.make_poll(["Rice", "Fufu"], expires_in=3600))
    assert "You voted" in terminal.run("polls", "vote", str(theirs.poll.id), "1")
    assert friend.poll(theirs.poll.id).options[1].votes_count == 1


def test_lists_under_new_and_old_names(terminal: Terminal, friend: Mastodon) -> None:
    terminal.run("lists", "create", "Walkers", "--replies-policy", "list")
    terminal.run("lists", "add", "Walkers", "yarasfriend")
    assert "Walkers" in terminal.run("lists", "list")
    assert "yarasfriend" in terminal.run("lists", "accounts", "Walkers")
    friend.status_post("For the list")
    assert "For the list" in terminal.run("timelines", "list", "Walkers", "--no-pager", "--no-clear")
    terminal.run("lists", "remove", "Walkers", "yarasfriend")
    terminal.run("lists", "delete", "Walkers")

    terminal.run("list_create", "Runners")
    terminal.run("list_add", "Runners", "yarasfriend")
    assert "yarasfriend" in terminal.run("list_accounts", "Runners")
    terminal.run("list_remove", "Runners", "yarasfriend")
    terminal.run("list_delete", "Runners")
    assert "Runners" not in terminal.run("lists", "list")


def test_timelines_tags_and_the_search(terminal: Terminal, node: Node, friend: Mastodon) -> None:
    friend.status_post("On every timeline #tootwalk")
    whole = ("--no-pager", "--no-clear")
    for words in (
        ("home",),
        ("public",),
        ("public", "--local"),
        ("public", "--instance", node.url),
        ("tag", "tootwalk"),
        ("tag", "tootwalk", "--instance", node.url),
        ("account", "yarasfriend"),
    ):
        assert "On every timeline" in terminal.run("timelines", *words, "--limit", "3", *whole), words
    assert "On every timeline" in terminal.run("timelines", "tag", "tootwalk", "--pager", "--no-clear")
    terminal.run("timelines", "link", "https://pages.example/one", *whole)
    terminal.run("timelines", "trending", *whole)
    assert "On every timeline" in terminal.run("timeline", "--once", "--count", "3")
    assert "On every timeline" in terminal.run("timeline", "--once", "--tag", "tootwalk", "--reverse")

    assert terminal.json("tags", "follow", "tootwalk")["following"]
    assert "tootwalk" in terminal.run("tags", "followed")
    assert "Followed" in terminal.run("tags", "info", "tootwalk")
    terminal.run("tags", "unfollow", "tootwalk")
    assert "Not followed" in terminal.run("tags", "info", "tootwalk")
    terminal.run("tags", "feature", "tootwalk")
    assert "tootwalk" in terminal.run("tags", "featured")
    terminal.run("tags", "unfeature", "tootwalk")
    assert "don't have" in terminal.run("tags", "featured")
    assert "yarasfriend" in terminal.run("search", "yarasfriend", "--resolve", "--type", "accounts")


def test_notifications(terminal: Terminal, friend: Mastodon) -> None:
    friend.status_post("@yara Good evening")

    assert "Good evening" in terminal.run("notifications", "--mentions")
    assert "Good evening" in terminal.run("notifications", "--reverse", "--exclude-type", "follow")
    assert "cleared" in terminal.run("notifications", "--clear")
    assert "no notifications" in terminal.run("notifications")


def test_every_command_was_given_or_is_named_with_its_reason(terminal: Terminal, people: list[Account]) -> None:
    """Comes last: it looks at what the tests before it have given, and signs out."""
    assert "logged out" in terminal.run("logout", people[0].handle)
    for module in pkgutil.iter_modules(toot.cli.__path__, "toot.cli."):
        importlib.import_module(module.name)
    all_of_them = set(commands(toot.cli.cli))
    print(f"toot: {len(terminal.given)} of {len(all_of_them)} commands given, {len(LEFT_OUT)} left out")
    assert all_of_them - terminal.given - LEFT_OUT.keys() == set()
    assert LEFT_OUT.keys() & terminal.given == set(), "these are given: take them off the table"
    assert LEFT_OUT.keys() - all_of_them == set(), "toot has no such commands any more"
