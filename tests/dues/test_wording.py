# SPDX-License-Identifier: AGPL-3.0-or-later
"""Amounts in figures and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dues import wording
from node.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "zero", "zéro"),
        (21, "twenty-one", "vingt et un"),
        (71, "seventy-one", "soixante et onze"),
        (77, "seventy-seven", "soixante-dix-sept"),
        (80, "eighty", "quatre-vingts"),
        (81, "eighty-one", "quatre-vingt-un"),
        (91, "ninety-one", "quatre-vingt-onze"),
        (100, "one hundred", "cent"),
        (200, "two hundred", "deux cents"),
        (201, "two hundred and one", "deux cent un"),
        (1000, "one thousand", "mille"),
        (1001, "one thousand and one", "mille un"),
        (1080, "one thousand and eighty", "mille quatre-vingts"),
        (80_000, "eighty thousand", "quatre-vingt mille"),
        (200_200, "two hundred thousand, two hundred", "deux cent mille deux cents"),
        (2_000_000, "two million", "deux millions"),
    ],
)
def test_numbers_in_words(number, english, french):
    assert wording.words(number, "JPY", "en").removesuffix(" Japanese yen") == english
    said = wording.words(number, "JPY", "fr")
    assert said.startswith(french)


@pytest.mark.parametrize("cents", [0, 1, 50, 99])
@pytest.mark.parametrize("whole", [21, 71, 80, 81, 100, 200, 1000, 1001])
def test_cents_stand_behind_the_words_as_a_fraction(whole, cents):
    for locale, between in (("en", " and "), ("fr", " et ")):
        said = wording.words(whole * 100 + cents, "EUR", locale)
        assert said == wording.words(whole * 100, "EUR", locale) + (f"{between}{cents:02d}/100" if cents else "")
        assert said.split(" euros")[0] == wording.words(whole, "JPY", locale).rsplit(" ", 2)[0]


def test_amounts_are_said_with_their_currency():
    assert wording.words(3050, "EUR", "fr") == "trente euros et 50/100"
    assert wording.words(3000, "EUR", "en") == "thirty euros"
    assert wording.words(100, "EUR", "fr") == "un euro"
    assert wording.words(100_000_000, "EUR", "fr") == "un million d’euros"
    assert wording.figures(3050, "EUR", "fr") == "30,50\u00a0€"
    assert wording.figures(3050, "EUR", "en") == "€30.50"
    assert wording.figures(500, "JPY", "en") == "JP¥500"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("30", 3000), ("30,5", 3050), (" 1 200.00 € ", 120_000), ("30.50EUR", 3050), ("1\u202f200", 120_000)],
)
def test_amounts_are_read_as_people_write_them(text, amount):
    assert wording.parsed(text, "EUR") == amount


@pytest.mark.parametrize("text", ["", "-5", "thirty", "1,234", "1e3", "٣٠", "9" * 13])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Invalid):
        wording.parsed(text, "EUR")


@given(st.integers(0, 10**9), st.sampled_from(wording.CURRENCIES), st.booleans())
def test_what_is_written_is_read_again(amount, currency, comma):
    assert wording.parsed(wording.plain(amount, currency, comma=comma), currency) == amount


@given(st.integers(0, 10**11), st.sampled_from(["en", "fr"]))
def test_every_amount_has_words(amount, locale):
    assert not set(wording.words(amount, "EUR", locale).split()) & {"-", "", "None"}
