# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words by which people are found, what was typed, and how names sound."""

import pytest

from node.directory.sounds import sound_of
from node.directory.words import Reading, readings, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lefèvre", {"lefevre"}),
        ("LE FÈVRE", {"le", "fevre", "lefevre"}),
        ("d’Ormesson", {"d", "ormesson", "dormesson"}),
        ("Œuvrard", {"oeuvrard"}),
        ("Nguyễn", {"nguyen"}),
        ("Jean-Paul", {"jean", "paul", "jeanpaul"}),
        ("Anne de la Tour", {"anne", "de", "la", "tour", "latour", "delatour"}),
        ("Łukasz Ørsted", {"lukasz", "orsted"}),
        ("…", set()),
    ],
)
def test_a_text_is_kept_apart_and_together(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("query", "ways"),
    [
        ("", []),
        ("'-!", []),
        ("Le Fèvre", [("lefevre",)]),
        ("d'Ormesson", [("dormesson",)]),
        ("Jean-Paul Le Fèvre", [("jeanpaul", "lefevre"), ("jean", "paul", "lefevre"), ("jean", "paul", "fevre")]),
        ("directrice de Lyon", [("directrice", "delyon"), ("directrice", "lyon")]),
        ("anne m", [("anne",)]),
        ("m", [("m",)]),
    ],
)
def test_what_was_typed_is_read_in_every_likely_way(query, ways):
    found = readings(query)
    assert [way.terms for way in found] == ways
    assert all(len(way.terms) <= 6 for way in found)


def test_only_the_reading_that_leaves_particles_out_is_loose():
    assert readings("Anne de la Tour") == (
        Reading(("anne", "delatour")),
        Reading(("anne", "tour"), loose=True),
    )


@pytest.mark.parametrize(
    "names",
    [
        "lefevre lefebvre lefebvres",
        "dupont dupond duppon",
        "martin martain",
        "renault renaud reno renaux",
        "gauthier gautier gotier",
        "thibault thibaud tibo",
        "philippe filipe",
        "jacquot jaco jacot",
        "leroy leroi",
        "christian kristian",
        "georges jorj",
        "moreau moraux moro",
        "schmitt schmidt",
    ],
)
def test_names_that_are_said_alike_sound_alike(names):
    assert len({sound_of(name) for name in names.split()}) == 1
    assert sound_of(names.split()[0])


@pytest.mark.parametrize("names", ["meunier mounier", "girard gerard", "martin morin", "durand dupont", "simon camus"])
def test_names_that_are_said_otherwise_do_not(names):
    one, other = names.split()
    assert sound_of(one) != sound_of(other)


@pytest.mark.parametrize("word", ["", "ann", "日本太郎", "1998", "straße"])
def test_short_words_and_other_letters_have_no_sound(word):
    assert sound_of(word) == ""
