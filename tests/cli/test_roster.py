# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roster from the command line: a file is shown, brought in, found in, and taken back."""

import csv

from sqlalchemy import Connection, select

from node import roster
from node.kernel.db import Database
from node.roster.tables import roster_entries
from tests.cli.conftest import Shell

TEXT = "Annuaire;;\nNom;Prénom;Promo;Rang;Ville\nDÉMO;Éloïse;98;3;=1+1\n;;2001;;\nDurand;Bo;soon;;Lyon\n"


def a_file(tmp_path, text=TEXT):
    path = tmp_path / "anciens.csv"
    path.write_bytes(text.encode("windows-1252"))
    return str(path)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(shell: Shell, inside: Database, tmp_path) -> None:
    report = tmp_path / "report.csv"

    said = shell.does("roster", "import", a_file(tmp_path), "--dry-run", "--report", str(report))

    assert "Read as windows-1252, columns separated by semicolon, header in line 2." in said
    assert "DÉMO · Éloïse" in said
    assert "Ignored columns: Rang" in said
    assert "2 created" in said
    assert "line 4: There is no name in this row." in said
    assert "line 5: Promo: This is no year." in said
    assert inside.read_now(roster.count) == 0
    rows = list(csv.reader(report.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert ["3", "created", "city", "", "'=1+1"] in rows
    assert ["4", "refused", "", "", "There is no name in this row."] in rows


def test_a_file_is_brought_in_found_and_taken_back(shell: Shell, inside: Database, tmp_path) -> None:
    said = shell.does("roster", "import", a_file(tmp_path), "--yes")
    number = said.split("Import ")[1].split()[0]

    assert "Éloïse DÉMO  1998" in shell.does("roster", "find", "demo")
    assert f"{number}  " in shell.does("roster", "imports")
    shell.does("roster", "undo", number)

    assert inside.read_now(roster.count) == 0
    assert "undone" in shell.does("roster", "imports")


def test_somebody_who_asks_for_it_is_left_alone(shell: Shell, inside: Database, tmp_path) -> None:
    shell.does("roster", "import", a_file(tmp_path), "--yes")
    number = shell.does("roster", "find", "demo").split()[0]

    shell.does("roster", "leave-alone", number)
    assert inside.read_now(objecting) == [int(number)]
    shell.does("roster", "leave-alone", number, "--undo")
    assert inside.read_now(objecting) == []


def objecting(conn: Connection) -> list[int]:
    return list(conn.execute(select(roster_entries.c.id).where(roster_entries.c.objected)).scalars())


def test_the_same_file_again_has_nothing_to_write(shell: Shell, inside: Database, tmp_path) -> None:
    shell.does("roster", "import", a_file(tmp_path), "--yes")

    assert "2 unchanged" in shell.does("roster", "import", a_file(tmp_path))
    assert len(inside.read_now(roster.imports)) == 1


def test_what_a_column_is_can_be_said(shell: Shell, inside: Database, tmp_path) -> None:
    path = a_file(tmp_path, "Nom;Rufname;Promo\nDemo;Ana;1998\n")

    shell.does("roster", "import", path, "--map", "Rufname=given_name", "--yes")

    assert inside.read_now(roster.find, "ana")
    for wrong in ("Rufname=alias", "Rufname"):
        assert shell.run("roster", "import", path, "--map", wrong).exit_code == 2


def test_a_file_that_cannot_be_used_ends_in_one_sentence(shell: Shell, tmp_path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"PK\x03\x04")

    assert shell.refuses("roster", "import", str(path)) == (
        "This is a spreadsheet file. Please save it as CSV and send that."
    )
    assert "Record not found" in shell.refuses("roster", "undo", "7")
