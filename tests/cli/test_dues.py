# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode dues`."""

import json
import re
from datetime import date, timedelta

import pytest

from node import dues, members
from node.dues import PaymentState, Terms
from node.kernel import clock
from node.kernel.db import Database
from tests.cli.conftest import Shell

KEEPER = frozenset({"treasurer"})


@pytest.fixture
def plan(inside: Database) -> int:
    """Thirty euros a year."""
    return inside.write_now(dues.add_plan, KEEPER, "Dues", Terms(amount=3000))


@pytest.fixture
def amara(inside: Database) -> int:
    """The member of the node."""
    found = inside.read_now(members.by_login, "amara")
    assert found is not None
    return int(found.id)


def day_before(days: int) -> date:
    """So many days before today, far enough from midnight not to matter."""
    return clock.now().date() - timedelta(days=days)


def test_a_payment_is_written_down_listed_and_taken_to_the_accountant(
    shell: Shell, plan: int, amara: int, inside: Database, tmp_path
) -> None:
    assert shell.does("dues", "plans") == f"{plan}  Dues  30.00 EUR  fixed rolling everybody"
    assert shell.does("dues", "list", "--status", "current") == ""
    day = day_before(5)
    told = shell.does("dues", "record", "amara", str(plan), "30", "--method", "cheque", "--on", str(day))
    assert re.fullmatch(r"Receipt 2[0-9]{3}-0001, paid until [0-9-]{10}\.", told)

    assert shell.does("dues", "list").split()[:2] == ["amara", "current"]
    [who] = json.loads(shell.does("dues", "list", "--format", "json"))
    assert (who["username"], who["status"], who["plan"]) == ("amara", "current", "Dues")
    lines = shell.does("dues", "list", "--format", "csv").splitlines()
    assert lines[0].endswith("Username;Name;Class;E-mail;State;Until;For")
    assert lines[1].startswith("amara;")
    file = tmp_path / "dues.csv"
    assert shell.does("dues", "export", str(day.year), str(file)) == f"1 payments are in {file}."
    assert f"{day};" in file.read_text("utf-8-sig")

    assert "There is no member nobody." in shell.refuses(
        "dues", "record", "nobody", str(plan), "30", "--method", "cash"
    )
    assert "There is no plan 7" in shell.refuses("dues", "record", "amara", "7", "30", "--method", "cash")
    assert "Please write an amount" in shell.refuses("dues", "record", "amara", str(plan), "much", "--method", "cash")
    assert shell.run("dues", "record", "amara", str(plan), "30", "--method", "cash", "--on", "soon").exit_code == 2


def test_a_file_of_the_bank_is_shown_first_and_counted_once(
    shell: Shell, plan: int, amara: int, inside: Database, tmp_path
) -> None:
    day = day_before(5)
    text = (
        "date;amount;name;text\n"
        f"{day};30.00;;{dues.reference_of(amara)}\n"
        f"{day};7.00;;{dues.reference_of(amara)}\n"
        f"{day};30.00;Somebody;\n"
    )
    file = tmp_path / "bank.csv"
    file.write_text(text)
    told = shell.does("dues", "import", str(file), "--dry-run")
    assert "2 matched by reference" in told
    assert "1 of nobody known" in told
    assert f"  {day}  30.00 EUR  amara  Dues  (reference)" in told.partition("Left out:")[0]
    assert inside.read_now(dues.payments_of, amara) == []
    assert shell.run("dues", "import", str(file), given="n\n").exit_code == 1
    assert inside.read_now(dues.payments_of, amara) == []

    assert shell.does("dues", "import", str(file), "--yes").endswith("1 payments are counted.")

    [payment] = inside.read_now(dues.payments_of, amara)
    assert (payment.state, payment.amount, payment.paid_on) == (PaymentState.CONFIRMED, 3000, day)
    told = shell.does("dues", "import", str(file), "--yes")
    assert "1 counted before" in told
    assert "To count" not in told
    assert len(inside.read_now(dues.payments_of, amara)) == 1


def test_reminders_are_sent_now_and_once(shell: Shell, plan: int) -> None:
    day = day_before(370)
    shell.does("dues", "record", "amara", str(plan), "30", "--method", "cash", "--on", str(day))
    assert shell.does("dues", "remind", "--dry-run") == "amara  +1 days"
    assert shell.does("dues", "remind") == "1 members are reminded."
    assert shell.does("dues", "remind", "--dry-run") == ""
    assert shell.does("dues", "remind") == "0 members are reminded."
