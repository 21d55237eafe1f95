# SPDX-License-Identifier: AGPL-3.0-or-later
"""Trends from the command line."""

from sqlalchemy import update

from node import trends
from node.actors.tables import actors
from node.kernel import clock
from node.kernel.db import Database
from node.trends.computing import computed
from tests.cli.conftest import Shell
from tests.support.builders import a_post, an_actor


def test_what_trends_is_hidden_and_shown_again(shell: Shell, inside: Database) -> None:
    crowd = [an_actor(inside, name) for name in ("cleo", "dan", "eve")]
    inside.write_now(lambda tx: tx.conn.execute(update(actors).values(discoverable=True)))
    for one in crowd:
        a_post(inside, one, "#Tea")
    inside.write_now(trends.actions.replace, inside.read_now(computed, clock.now()), 0)

    assert "3 accounts  tea  Tea" in shell.does("trends", "list")
    shell.does("trends", "hide", "tag", "#TEA")
    listed = shell.does("trends", "list")
    assert "hidden  tea  Tea" in listed
    assert "accounts" not in listed
    shell.does("trends", "show", "tag", "tea")
    assert "3 accounts" in shell.does("trends", "list")


def test_what_does_not_trend_is_refused(shell: Shell, inside: Database) -> None:
    assert "Nothing that trends" in shell.refuses("trends", "hide", "tag", "tea")
    assert "Nothing that is hidden" in shell.refuses("trends", "show", "link", "0")
