# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the doctor finds, and that a fault is told from a worry by the exit code."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from node.cli.context import database
from node.cli.doctor import Finding, Level, findings
from node.kernel import queue
from node.kernel.config import load
from node.kernel.db import Database, Tx
from node.moderation.actions import note
from node.moderation.tables import staff_actions
from tests.cli.conftest import DOMAIN, Shell


def _found(shell: Shell) -> list[Finding]:
    return list(findings(load(shell.config), shell.config))


def _about(found: list[Finding], words: str) -> Finding:
    [finding] = [one for one in found if words in one.what]
    return finding


def test_a_node_that_does_not_run_fails_only_from_outside(shell: Shell) -> None:
    found = _found(shell)

    assert _about(found, "SQLite database").level is Level.OK
    assert _about(found, "signing keys can be read").level is Level.OK
    assert _about(found, "nothing waits longer").level is Level.OK
    failed = [one.what for one in found if one.level is Level.FAIL]
    assert all(DOMAIN in what for what in failed)
    assert failed


def test_every_fault_comes_with_what_to_do(shell: Shell) -> None:
    assert all(one.remedy for one in _found(shell) if one.level is not Level.OK)


def test_a_fault_ends_with_exit_code_1(shell: Shell) -> None:
    result = shell.run("doctor")

    assert result.exit_code == 1
    assert "fail  " in result.stdout


def test_private_addresses_on_a_public_domain_are_a_fault(shell: Shell) -> None:
    shell.change("domain", '"harbour.example"')
    shell.config.write_text(shell.config.read_text() + "\n[federation]\nallow_private_addresses = true\n")

    finding = _about(_found(shell), "allow_private_addresses")

    assert finding.level is Level.FAIL
    assert "harbour.example" in finding.what


def test_a_changed_log_of_the_staff_is_a_fault(shell: Shell) -> None:
    settings = load(shell.config)
    assert _about(_found(shell), "what the staff did").level is Level.OK
    with database(settings) as db:
        db.write_now(lambda tx: note(tx, None, "block", domain="spam.example"))
        db.write_now(lambda tx: tx.conn.execute(update(staff_actions).values(domain="friend.example")))

    finding = _about(_found(shell), "what the staff did")

    assert (finding.level, "line 1" in finding.what) == (Level.FAIL, True)


def test_another_secret_is_a_fault(shell: Shell) -> None:
    shell.change("secret_key", f'"{"x" * 40}"')

    assert _about(_found(shell), "signing keys").level is Level.FAIL


def test_a_configuration_that_others_can_read_is_a_worry(shell: Shell) -> None:
    shell.config.chmod(0o644)

    assert _about(_found(shell), "others can read").level is Level.WARN


def test_an_empty_database_is_a_fault(shell: Shell) -> None:
    shell.change("database_url", '"sqlite:///elsewhere/other.db"')

    assert _about(_found(shell), "database is empty").level is Level.FAIL


@pytest.mark.parametrize(("behind", "level"), [(timedelta(minutes=20), Level.WARN), (timedelta(hours=2), Level.FAIL)])
def test_a_queue_that_stands_still_is_told(shell: Shell, inside: Database, behind: timedelta, level: Level) -> None:
    def wait(tx: Tx) -> None:
        queue.enqueue(tx, "delivery.send", {}, queue=queue.DELIVERY, run_at=tx.now - behind)

    inside.write_now(wait)

    assert _about(_found(shell), "delivery: 1 wait").level is level


def test_a_task_that_was_given_up_is_a_worry(shell: Shell, inside: Database) -> None:
    def give_up(tx: Tx) -> None:
        queue.enqueue(tx, "delivery.send", {}, queue=queue.DELIVERY)
        [task] = queue.claim(tx, queue.DELIVERY, limit=1, per_lane=1, busy={})
        queue.park(tx, task.id, error="gone")

    inside.write_now(give_up)

    assert _about(_found(shell), "given up").level is Level.WARN
