# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a cell of a roster says."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kernel.folding import fold, name_key, one_edit_apart
from node.roster import values
from node.roster.values import DateOrder, FamilyName, Unreadable

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("2005", 2005),
        ("05", 2005),
        ("P05", 2005),
        ("X1998", 1998),
        ("promo 76", 1976),
        ("Promo. 76", 1976),
        ("class of 1988", 1988),
        ("2004-2005", 2005),
        ("2004/05", 2005),
        ("1999-00", 2000),
        ("32", 2032),
        ("33", 1933),
        ("'98", 1998),
        ("2005.0", 2005),
        ("", None),
        ("n/a", None),
        ("?", None),
    ],
)
def test_years_as_people_write_them(cell, year):
    assert values.class_year(cell, TODAY) == year


@pytest.mark.parametrize("cell", ["year", "20055", "1899", "2035", "5", "2005?", "12/2005", "P"])
def test_what_is_no_year_is_said(cell):
    with pytest.raises(Unreadable):
        values.class_year(cell, TODAY)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("DUPONT", FamilyName("DUPONT")),
        ("DUPONT épouse MARTIN", FamilyName("MARTIN", "DUPONT")),
        ("Dupont ép. Martin", FamilyName("Martin", "Dupont")),
        ("DUPONT-MARTIN (née DUPONT)", FamilyName("DUPONT-MARTIN", "DUPONT")),
        ("Martin née Dupont", FamilyName("Martin", "Dupont")),
        ("Martin (born Dupont)", FamilyName("Martin", "Dupont")),
        ("\u00a0de  la Tour ", FamilyName("de la Tour")),
        ("Renée", FamilyName("Renée")),
        ("-", FamilyName("")),
    ],
)
def test_the_names_in_use_and_of_birth(cell, names):
    assert values.family_name(cell) == names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("DUPONT Jean", ("DUPONT", "Jean")),
        ("Jean DUPONT", ("DUPONT", "Jean")),
        ("DE LA TOUR Anne-Marie", ("DE LA TOUR", "Anne-Marie")),
        ("Anne de LATOUR", ("de LATOUR", "Anne")),
        ("Dupont, Jean", ("Dupont", "Jean")),
        ("", ("", "")),
    ],
)
def test_one_cell_with_the_whole_name(cell, names):
    assert values.full_name(cell) == names


@pytest.mark.parametrize("cell", ["Jean Dupont", "JEAN DUPONT", "Dupont", "DUPONT Jean MARTIN"])
def test_a_whole_name_that_cannot_be_parted_is_asked(cell):
    with pytest.raises(Unreadable):
        values.full_name(cell)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("DUPONT", "Dupont"),
        ("DE LA TOUR-MARTIN", "de La Tour-Martin"),
        ("D'ORSAY", "d'Orsay"),
        ("VON BRAUN", "von Braun"),
        ("O'BRIEN", "O'Brien"),
        ("MACDONALD", "MacDonald"),
        ("MACRON", "Macron"),
        ("LÉVÊQUE", "Lévêque"),
        ("McKay", "McKay"),
        ("", ""),
    ],
)
def test_names_in_capitals_have_a_proposal(name, proposed):
    assert values.proposed_name(name) == proposed


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("31/12/1976", DateOrder.UNKNOWN, date(1976, 12, 31)),
        ("03/04/1976", DateOrder.DAY_FIRST, date(1976, 4, 3)),
        ("03/04/1976", DateOrder.MONTH_FIRST, date(1976, 3, 4)),
        ("4.4.76", DateOrder.UNKNOWN, date(1976, 4, 4)),
        ("1976-04-03", DateOrder.MONTH_FIRST, date(1976, 4, 3)),
        ("1976-04-03 00:00:00", DateOrder.UNKNOWN, date(1976, 4, 3)),
        ("03/04/26", DateOrder.DAY_FIRST, date(2026, 4, 3)),
        ("03/04/27", DateOrder.DAY_FIRST, date(1927, 4, 3)),
        ("nc", DateOrder.UNKNOWN, None),
    ],
)
def test_dates(cell, order, day):
    assert values.civil_date(cell, order, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("03/04/1976", DateOrder.UNKNOWN),
        ("04/31/1976", DateOrder.DAY_FIRST),
        ("31/02/1976", DateOrder.DAY_FIRST),
        ("31/04/1976", DateOrder.MONTH_FIRST),
        ("01/01/2077", DateOrder.DAY_FIRST),
        ("spring 1976", DateOrder.DAY_FIRST),
    ],
)
def test_dates_that_cannot_be_told_are_said(cell, order):
    with pytest.raises(Unreadable):
        values.civil_date(cell, order, TODAY)


def test_the_order_of_a_columns_dates():
    assert values.date_order(["03/04/1976"], french=False) is DateOrder.UNKNOWN
    assert values.date_order(["03/04/1976"], french=True) is DateOrder.DAY_FIRST
    assert values.date_order(["03/04/1976", "13/04/1976"], french=False) is DateOrder.DAY_FIRST
    assert values.date_order(["03/04/1976", "04/13/1976"], french=False) is DateOrder.MONTH_FIRST


def test_addresses():
    assert values.emails("Ana@Example.ORG; b@c.example / no-address") == (
        ["Ana@example.org", "b@c.example"],
        ["no-address"],
    )


@pytest.mark.parametrize(
    ("cell", "died"),
    [
        ("", (False, None)),
        ("non", (False, None)),
        ("x", (True, None)),
        ("Décédé", (True, None)),
        ("2011", (True, None)),
        ("01/02/2011", (True, date(2011, 2, 1))),
    ],
)
def test_who_has_died(cell, died):
    assert values.deceased(cell, DateOrder.DAY_FIRST, TODAY) == died


def test_cells_that_a_spreadsheet_has_eaten():
    assert values.is_eaten("3.36E+10")
    assert values.is_eaten("3,36e+10")
    assert not values.is_eaten("0336123456")
    assert values.lacks_zero("6000", 5)
    assert not values.lacks_zero("69001", 5)


def test_a_cell_is_tidied():
    assert values.tidy("Saint-\r\nDenis") == "Saint-Denis"
    assert values.tidy("'=1+1") == "=1+1"
    assert values.tidy(" N/A ") == ""


def test_names_are_folded():
    assert fold("Œuvre d'Éloïse ÅNGSTRÖM-Łódź") == "oeuvre d eloise angstrom lodz"
    assert name_key("De la Tour") == name_key("DELATOUR") == name_key("de La-Tour")
    assert name_key("Müller\u0308") == "muller"


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("dupont", "dupond", True),
        ("dupont", "dupon", True),
        ("dupont", "duupont", True),
        ("dupont", "dupotn", True),
        ("dupont", "dupont", False),
        ("dupont", "dumond", False),
        ("ab", "abcd", False),
    ],
)
def test_one_edit(one, other, apart):
    assert one_edit_apart(one, other) is apart
    assert one_edit_apart(other, one) is apart


@given(st.text(max_size=40))
def test_no_cell_breaks_a_reader(cell):
    values.family_name(cell)
    values.emails(cell)
    values.proposed_name(cell)
    assert fold(fold(cell)) == fold(cell)
    for read in (
        values.full_name,
        lambda text: values.class_year(text, TODAY),
        lambda text: values.civil_date(text, DateOrder.UNKNOWN, TODAY),
        lambda text: values.deceased(text, DateOrder.DAY_FIRST, TODAY),
    ):
        with contextlib.suppress(Unreadable):
            read(cell)
