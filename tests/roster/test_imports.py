# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bringing a roster in: what a second file changes, who is left alone, and that every import can be taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from node import roster as slice_
from node.kernel import clock
from node.kernel.errors import Conflict, NotAllowed, NotFound
from node.roster import exporting
from node.roster.candidates import Education
from node.roster.tables import roster_imports
from tests.support import roster

KEEPER = frozenset({"member", "secretary"})
HEAD = "matricule;nom;prenom;promo;formation;ddn;mail;ville;decede\n"


def look(db, text, mode=slice_.Mode.BOTH):
    data = text if isinstance(text, bytes) else (HEAD + text).encode()
    return slice_.preview(
        slice_.open_sheet(data, slice_.Options()), db.read_now(slice_.everybody), mode, clock.now().date()
    )


def bring_in(db, text, mode=slice_.Mode.BOTH):
    """Everything from the look to the last step. Returns the import's number."""
    preview = look(db, text, mode)
    number = db.write_now(slice_.begin, KEEPER, None, "roster.csv", slice_.Options(mode=mode), b"the file")
    db.write_now(slice_.start, KEEPER, number)
    db.write_now(slice_.note_counts, number, preview.counts)
    for step in slice_.steps(preview.to_write):
        db.write_now(slice_.apply_step, number, step)
    db.write_now(slice_.finish, number)
    return number


def undo(db, number):
    db.write_now(slice_.start_undo, KEEPER, number)
    while db.write_now(slice_.undo_step, number):
        pass


def contents(db):
    return [entry.content for entry in db.read_now(slice_.everybody)]


def verdicts(db, text, mode=slice_.Mode.BOTH):
    return [str(decision.verdict) for decision in look(db, text, mode).decisions]


ANA = "7;DÉMO;Ana;1998;Chimie;01/02/1975;ana@x.example;Lyon;\n"


def test_the_roster_taken_along_and_brought_in_again_changes_nothing(db):
    rows = (
        "nom;prenom;nom de naissance;date de naissance;promo;formation;email;tel;cp;ville;decede\n"
        "LEFÈVRE;Zoé;DEMO;01/02/1975;1998;Civil;zoe@far.example, z@far.example;+33 1 23;01000;Bourg;\n"
        "LEFÈVRE;Zoé;DEMO;01/02/1975;2004;=Design;zoe@far.example;;;;\n"
        "MARTIN;Jo;;;1976;;;;;;12/11/2019\n"
        "MARTIN;Al;;;1976;;;;;;x\n"
    )
    bring_in(db, rows.encode())
    written = exporting.as_csv(db.read_now(slice_.everybody))

    assert b";'=Design;" in written
    assert [str(one.verdict) for one in look(db, written.replace(b"'=Design", b"=Design")).decisions] == [
        "unchanged"
    ] * 3


def test_a_first_file_makes_everybody(db):
    number = bring_in(db, ANA + ";Autre;Bo;2001;;;;;x\n")

    ana, bo = contents(db)
    assert (ana.family_name, ana.given_name, ana.birth_date) == ("DÉMO", "Ana", date(1975, 2, 1))
    assert (ana.educations, ana.emails) == ((Education(1998, "Chimie"),), ("ana@x.example",))
    assert ana.details == {"city": "Lyon"}
    assert bo.deceased
    made = db.read_now(slice_.get_import, number)
    assert (made.state, made.done, made.counts["created"]) == (slice_.ImportState.APPLIED, 2, 2)
    assert db.read_now(slice_.file_of, number) is None


def test_the_same_file_again_changes_nothing(db):
    made = roster.sample(300)
    bring_in(db, made.data)

    counts = look(db, made.data).counts

    # Namesakes about whom nothing more is known stay for a person to decide.
    assert (counts["created"], counts["changed"], counts["missing"]) == (0, 0, 0)
    assert counts["unchanged"] + counts["ambiguous"] == made.people


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ("7;DÉMO;Ana;1998;Chimie;01/02/1975;ana@x.example;Paris;\n", [("city", "Lyon", "Paris")]),
        (
            "7;MARTIN;Ana;1998;Chimie;01/02/1975;ana@x.example;Lyon;\n",
            [("family_name", "DÉMO", "MARTIN"), ("other_names", "", "DÉMO")],
        ),
        (
            ";Demo;Anna;1998;;01/02/1975;;;x\n",
            [("given_name", "Ana", "Anna"), ("deceased", "", "yes")],
        ),
        ("7;DÉMO;Ana;2001;Droit;;;;\n", [("classes", "1998 Chimie", "1998 Chimie, 2001 Droit")]),
        (
            "7;DÉMO;Ana;;;;new@x.example;;\n",
            [("email", "ana@x.example", "new@x.example, ana@x.example")],
        ),
        ("7;Démo;Ana;1998;;;;;\n", [("family_name", "DÉMO", "Démo")]),
        (";DEMO;Ana;1998;;;;;\n", []),
        (";DEMO;Ana;;;;;;\n", []),
    ],
    ids=[
        "moved",
        "married",
        "by birth and names",
        "second class",
        "new address",
        "says more",
        "says less",
        "names alone",
    ],
)
def test_a_later_file_changes_what_it_says_and_nothing_else(db, row, change):
    bring_in(db, ANA)

    (decision,) = look(db, row).decisions

    assert list(decision.changes()) == change
    assert decision.verdict == ("changed" if change else "unchanged")


def test_somebody_of_whom_only_the_names_are_known_is_not_made_twice(db):
    bring_in(db, ";DÉMO;Ana;;;;;;\n")

    assert verdicts(db, ";DÉMO;Ana;;;;;;\n") == ["unchanged"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (";DÉMO;Ana;2031;;;;;\n", ["created"]),
        (";DÉMO;Ana;1999;;;;;\n", ["ambiguous"]),
        ("8;DÉMO;Ana;1998;;;;;\n", ["created"]),
        (";DÉMO;Ana;1998;;02/02/1975;;;\n", ["created"]),
        ("7;DÉMO;Ana;1998;;02/02/1975;;;\n", ["ambiguous"]),
        (";DÉMO;Ana;1998;;;;;\n;DÉMO;Ana;1998;;;;Paris;\n", ["ambiguous", "ambiguous"]),
        (";Autre;Bo;1998;;;ana@x.example;;\n", ["ambiguous"]),
    ],
    ids=["generation", "year beside", "number", "birth", "number and birth", "two of them", "shared address"],
)
def test_nobody_is_taken_for_somebody_else(db, rows, expected):
    bring_in(db, ANA)
    assert verdicts(db, rows) == expected


def test_a_mode_narrows_what_is_written(db):
    bring_in(db, ANA)
    rows = ANA.replace("Lyon", "Paris") + ";Autre;Bo;2001;;;;;\n"

    assert verdicts(db, rows, slice_.Mode.CREATE) == ["skipped", "created"]
    assert verdicts(db, rows, slice_.Mode.UPDATE) == ["changed", "skipped"]


def test_those_whom_a_file_does_not_name_stay(db):
    bring_in(db, ANA + ";Autre;Bo;2001;;;;;\n")

    preview = look(db, ANA)
    bring_in(db, ANA)

    assert preview.counts["missing"] == 1
    assert len(contents(db)) == 2


def test_an_import_that_was_cut_off_goes_on_with_what_is_left(db, monkeypatch):
    monkeypatch.setattr("node.roster.actions.STEP", 10)
    made = roster.sample(35)
    preview = look(db, made.data)
    number = db.write_now(slice_.begin, KEEPER, None, "roster.csv", slice_.Options(), None)
    db.write_now(slice_.start, KEEPER, number)
    db.write_now(slice_.note_counts, number, preview.counts)
    steps = list(slice_.steps(preview.to_write))
    db.write_now(slice_.apply_step, number, steps[0])

    rest = look(db, made.data)
    db.write_now(slice_.start, KEEPER, number)
    db.write_now(slice_.note_counts, number, rest.counts)
    for step in slice_.steps(rest.to_write):
        db.write_now(slice_.apply_step, number, step)
    db.write_now(slice_.finish, number)

    assert len(contents(db)) == made.people
    found = db.read_now(slice_.get_import, number)
    assert (found.done, found.counts["created"]) == (made.people, made.people)


def test_an_import_is_taken_back_whole(db):
    bring_in(db, ANA)
    before = contents(db)
    rows = "".join(f"N{number};Autre{number};Bo;2001;;;;;\n" for number in range(700))

    number = bring_in(db, ANA.replace("DÉMO", "MARTIN").replace("1998;Chimie", "2001;Droit") + rows)
    assert len(contents(db)) == 701
    undo(db, number)

    assert contents(db) == before
    assert db.read_now(slice_.get_import, number).state is slice_.ImportState.UNDONE


def test_an_import_on_which_another_builds_is_not_taken_back(db):
    first = bring_in(db, ANA)
    second = bring_in(db, ANA.replace("Lyon", "Paris"))

    with pytest.raises(Conflict):
        undo(db, first)
    undo(db, second)
    undo(db, first)

    assert contents(db) == []
    with pytest.raises(Conflict):
        undo(db, first)


def test_after_thirty_days_what_was_before_is_forgotten(db):
    number = bring_in(db, ANA)
    waiting = db.write_now(slice_.begin, KEEPER, None, "other.csv", slice_.Options(), b"...")

    def age(tx):
        past = {"created_at": tx.now - timedelta(days=31), "finished_at": tx.now - timedelta(days=31)}
        tx.conn.execute(update(roster_imports).values(past))

    db.write_now(age)
    with pytest.raises(Conflict):
        undo(db, number)
    db.write_now(slice_.forget_old)

    assert db.read_now(slice_.to_undo, number) == 0
    with pytest.raises(NotFound):
        db.read_now(slice_.get_import, waiting)
    assert len(contents(db)) == 1


def test_an_entry_that_was_changed_between_look_and_step_is_left_alone(db):
    bring_in(db, ANA)
    slow = look(db, ANA.replace("Lyon", "Paris"))
    bring_in(db, ANA.replace("Lyon", "Nice"))

    number = db.write_now(slice_.begin, KEEPER, None, "slow.csv", slice_.Options(), None)
    db.write_now(slice_.start, KEEPER, number)
    db.write_now(slice_.apply_step, number, slow.to_write)

    assert contents(db)[0].details == {"city": "Nice"}


def test_only_keepers_touch_the_roster(db):
    number = db.write_now(slice_.begin, KEEPER, None, "roster.csv", slice_.Options(), b"x")
    for roles in (frozenset({"member"}), frozenset({"moderator", "treasurer", "board"})):
        for act in (
            lambda tx, roles=roles: slice_.begin(tx, roles, None, "x", slice_.Options(), b""),
            lambda tx, roles=roles: slice_.start(tx, roles, number),
            lambda tx, roles=roles: slice_.start_undo(tx, roles, number),
            lambda tx, roles=roles: slice_.discard(tx, roles, number),
            lambda tx, roles=roles: slice_.set_options(tx, roles, number, slice_.Options()),
        ):
            with pytest.raises(NotAllowed):
                db.write_now(act)
    db.write_now(slice_.discard, KEEPER, number)
    with pytest.raises(NotFound):
        db.read_now(slice_.get_import, number)


def test_people_are_found_by_the_beginning_of_a_name(db):
    bring_in(db, ANA + ";de la Tour;Bo;2001;;;;;\n")

    for words in ("demo", "Dém", "ana", "7"):
        assert [entry.content.given_name for entry in db.read_now(slice_.find, words)] == ["Ana"]
    assert [entry.content.given_name for entry in db.read_now(slice_.find, "De La")] == ["Bo"]
    assert db.read_now(slice_.find, "%") == []
    assert db.read_now(slice_.count) == 2
