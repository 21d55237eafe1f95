# SPDX-License-Identifier: AGPL-3.0-or-later
"""Roster files as they come: encodings, separators, headers, and who is found in them."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kernel.errors import Invalid
from node.roster.candidates import Education, read_people
from node.roster.reading import MAX_COLUMNS, Target, guesses, read, sample
from tests.support import roster

TODAY = date(2026, 11, 25)
NAMES_ALONE = ";Demo;Ana;1998;;\n;Demo;Ana;1998;;\n"
TEXT = "Nom;Prénom;Promo\r\nDémo;Éloïse;1998\r\n"


def people(text, **options):
    return read_people(read(text.encode() if isinstance(text, str) else text, **options), TODAY)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("windows-1252"), "windows-1252"),
        # 0x81 is no letter of Windows-1252.
        (TEXT.encode("latin-1") + "\x81;Anna;1999\r\n".encode("latin-1"), "latin-1"),
    ],
)
def test_the_encoding_is_found(data, encoding):
    sheet = read(data)

    assert sheet.encoding == encoding
    assert [c.target for c in sheet.columns] == [Target.FAMILY_NAME, Target.GIVEN_NAME, Target.CLASS_YEAR]
    assert sample(sheet) == ["Démo", "Éloïse"] or encoding == "latin-1"


def test_the_encoding_can_be_said():
    assert read(TEXT.encode("macintosh"), encoding="macintosh").columns[1].header == "Prénom"
    with pytest.raises(Invalid):
        read(TEXT.encode("windows-1252"), encoding="utf-8")
    with pytest.raises(Invalid):
        read(TEXT.encode(), encoding="klingon")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator, end):
    text = end.join(["nom;prenom;ville", 'Démo;Ana;"Paris"', "Autre;Bo;Lyon", ""]).replace(";", separator)

    sheet = read(text.encode())

    assert sheet.separator == separator
    assert [list(row.cells) for row in sheet.rows()] == [["Démo", "Ana", "Paris"], ["Autre", "Bo", "Lyon"]]


def test_titles_and_blank_lines_stand_above_the_header():
    sheet = read(b"Annuaire des anciens, promotion par promotion\n\n;;\nNom;Prenom;Promo\n\nDemo;Ana;1998\n")

    assert sheet.header_line == 4
    assert [row.line for row in sheet.rows()] == [6]


def test_a_cell_may_go_over_lines_and_hold_separators_and_quotes():
    sheet = read('Nom;Prénom;Ville\n"O""Demo; fils";Sam;"Saint-\nDenis"\nDemo;Ana;Lyon\n'.encode())

    rows = list(sheet.rows())
    assert [row.line for row in rows] == [2, 4]
    found = read_people(sheet, TODAY).candidates
    assert found[0].family_name == 'O"Demo; fils'
    assert found[0].details["city"] == "Saint-Denis"


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        ("NOM;Prénom(s)", ["family_name", "given_name"]),
        ("Name;First Name", ["family_name", "given_name"]),
        ("Name;Class", ["full_name", "class_year"]),
        ("Nom;Promotion", ["full_name", "class_year"]),
        ("Nom de jeune fille;N° étudiant;Né(e) le", ["birth_family_name", "student_number", "birth_date"]),
        ("E-Mail;Email pro;M/Mme;Date de décès", ["email", "email_2", "civility", "deceased"]),
        ("Last name;Major;Remarks", ["family_name", "programme", None]),
    ],
)
def test_headers_in_both_languages(headers, targets):
    assert [column.target for column in read(f"{headers}\n".encode()).columns] == targets


def test_what_a_column_is_can_be_said():
    text = "Nom;Rufname;Promo;Année\nDemo;Ana;1998;x\n"

    with pytest.raises(Invalid) as refused:
        read(text.encode())
    assert refused.value.field == "mapping"
    assert [column.target for column in guesses(text.encode())][2:] == [Target.CLASS_YEAR, Target.CLASS_YEAR]
    sheet = read(text.encode(), mapping={"rufname": "given_name", "Année": ""})
    assert [column.target for column in sheet.known] == [Target.FAMILY_NAME, Target.GIVEN_NAME, Target.CLASS_YEAR]
    assert sheet.ignored == ["Année"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"one line of words\nand another one\n",
        b"PK\x03\x04 an xlsx",
        b"Nom;Pr\x00nom;Promo\n\x00",
        b'Nom;Prenom\n"' + b"a" * 20_000,
        ";".join(["Nom", "Prenom", *[f"c{n}" for n in range(MAX_COLUMNS)]]).encode(),
        b"x" * (20 * 1024 * 1024 + 1),
    ],
    ids=["empty", "blank", "prose", "xlsx", "zero bytes", "open quote", "too many columns", "too big"],
)
def test_files_that_cannot_be_used_are_refused_in_words(data):
    with pytest.raises(Invalid) as refused:
        list(read(data).rows())
    assert refused.value.message.endswith(".")


def test_more_rows_than_100_000_are_refused():
    with pytest.raises(Invalid):
        people("nom;prenom\n" + "a;b\n" * 100_001)


def test_what_nobody_is_told_by_is_refused_with_its_line():
    found = people("nom;prenom;promo\nDemo;Ana;1998\n-;n/a;1998\nDemo;Bo;1999;more\nDemo;Cy\n")

    assert [candidate.given_name for candidate in found.candidates] == ["Ana", "Cy"]
    assert [remark.line for remark in found.refused] == [3, 4]


def test_a_cell_that_cannot_be_read_is_left_out_and_told():
    found = people("nom;prenom;promo;tel;matricule;cp\nDemo;Ana;soon;3.36E+10;1.2E+8;6000\nDemo;Bo;1998;;1.2E+8;\n")

    ana, bo = found.candidates
    assert (ana.educations, ana.details, ana.source_id) == ((), {"postcode": "6000"}, "")
    assert [(remark.line, remark.column) for remark in found.remarks] == [
        (2, "promo"),
        (2, "matricule"),
        (2, "tel"),
        (2, "cp"),
        (3, "matricule"),
    ]
    assert bo.educations == (Education(1998),)


@pytest.mark.parametrize(
    "rows",
    [
        "7;Demo;Ana;1998;;\n7;DÉMO;ana;2001;;\n",
        ";Demo;Ana;1998;01/02/1975;\n;DEMO;Ana;2001;1/2/1975;\n",
        ";Demo;Ana;1998;;a@x.example\n;Demo;Anna;2001;;A@X.example\n",
    ],
    ids=["number", "birth", "address"],
)
def test_rows_of_one_person_become_one_with_two_classes(rows):
    found = people(f"matricule;nom;prenom;promo;ddn;mail\n{rows}")

    assert [candidate.lines for candidate in found.candidates] == [(2, 3)]
    assert [education.class_year for education in found.candidates[0].educations] == [1998, 2001]


@pytest.mark.parametrize(
    "rows",
    [
        "7;Demo;Ana;1998;;a@x.example\n8;Demo;Ana;1998;;a@x.example\n",
        ";Demo;Ana;1998;01/02/1975;a@x.example\n;Demo;Ana;1998;02/02/1975;a@x.example\n",
        NAMES_ALONE,
    ],
    ids=["numbers", "births", "names alone"],
)
def test_namesakes_are_kept_apart(rows):
    found = people(f"matricule;nom;prenom;promo;ddn;mail\n{rows}")

    assert len(found.candidates) == 2
    # Where something says that they are two, there is nothing to look at.
    assert found.homonyms == ([(2, 3)] if rows == NAMES_ALONE else [])


def test_dates_that_go_both_ways_in_an_english_file_are_told():
    found = people("last name;first name;dob\nDemo;Ana;04/13/1976\nDemo;Bo;13/04/1976\nDemo;Cy;05/15/1976\n")

    assert [candidate.birth_date for candidate in found.candidates] == [date(1976, 4, 13), None, date(1976, 5, 15)]
    assert [remark.line for remark in found.remarks] == [3]


def test_the_sample_of_every_trap():
    made = roster.sample()
    found = people(made.data)

    assert len(list(read(made.data).rows())) == made.rows
    assert len(found.candidates) == made.people
    assert len(found.refused) == made.refused
    assert len(found.homonyms) == made.people - 2000
    double = next(candidate for candidate in found.candidates if len(candidate.lines) == 2)
    assert len(double.educations) == 2
    assert all("secret" not in candidate.details.values() for candidate in found.candidates)


@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(data):
    for head in (b"", b"Nom;Prenom;Promo;DDN;Decede\n"):
        with contextlib.suppress(Invalid):
            people(head + data)
