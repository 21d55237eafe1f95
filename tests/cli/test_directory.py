# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode directory`: what members are found by, made anew."""

from sqlalchemy import delete

from node import directory
from node.directory import Wanted
from node.directory.tables import directory_words
from node.kernel.db import Database
from tests.cli.conftest import Shell
from tests.support.builders import a_member


def test_a_rebuild_finds_members_again(shell: Shell, inside: Database) -> None:
    ana = a_member(inside, "ana", listed="school").actor
    a_member(inside, "bo", display_name="Bo Lefèvre", listed="school")
    inside.write_now(lambda tx: tx.conn.execute(delete(directory_words)))
    assert not inside.read_now(directory.search, ana, Wanted(words="lefevre")).people

    assert "members are found" in shell.does("directory", "rebuild")

    found = inside.read_now(directory.search, ana, Wanted(words="lefevre")).people
    assert [one.username for one in found] == ["bo"]
