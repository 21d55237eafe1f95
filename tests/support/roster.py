# SPDX-License-Identifier: AGPL-3.0-or-later
"""A roster of invented people, with what real files hold: several spellings, marriages, double degrees, namesakes,
cells eaten by a spreadsheet. The same people each time.
"""

import csv
import io
import random
from dataclasses import dataclass

HEADER = (
    "Matricule",
    "Civilité",
    "Nom",
    "Prénom",
    "Nom de naissance",
    "Date de naissance",
    "Promo",
    "Formation",
    "E-mail",
    "Tél",
    "CP",
    "Ville",
    "Décédé",
    "Remarque interne",
)
_FIRST = (
    "Éloïse Zoé Léa Inès Maël Noé Hugo Anaïs Théo Lou Jean-Paul Marie-Ève Sören Łukasz Ana Bo Chloé Aimée Guy Édith"
)
_SYLLABLES = (
    "bra",
    "vel",
    "tor",
    "min",
    "dau",
    "sel",
    "gre",
    "lor",
    "pau",
    "vin",
    "mar",
    "cou",
    "ber",
    "nel",
    "rou",
    "fay",
)
_PROGRAMMES = ("Génie civil", "Mécanique", "Chimie", "Informatique")


@dataclass(frozen=True)
class Sample:
    """The file, and what is to be found in it."""

    data: bytes
    rows: int
    people: int
    refused: int


def sample(people: int = 2000) -> Sample:
    """A file of that many invented people with every trap in it: a title above the header, blank lines, and in the rows
    each habit that the reader knows. Windows-1252, semicolons, as a French spreadsheet writes it.
    """
    chance = random.Random(1)
    lines = [_person(chance, number) for number in range(people)]
    extra: list[list[str]] = []
    refused = 0
    for number, line in enumerate(lines):
        if number % 97 == 5:  # a second degree, in a row of its own
            extra.append([*line[:6], str(int(_year(line)) + 2), "Chimie fine", *line[8:]])
        if number % 211 == 7:  # a row with one separator too many
            extra.append([*line, "zu viel"])
            refused += 1
        if number % 307 == 9:  # a row without a name
            extra.append(["", "", "-", "n/a", "", "", "2001", *[""] * 7])
            refused += 1
    namesakes = [line.copy() for line in lines[11::401]]
    for line in namesakes:
        line[0] = line[5] = line[8] = ""
    out = io.StringIO(newline="")
    out.write("Annuaire des anciens;;;\r\n\r\n")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER)
    for position, line in enumerate(lines + extra + namesakes):
        writer.writerow(line)
        if position % 500 == 250:
            out.write(";;;\r\n")
    return Sample(
        out.getvalue().encode("windows-1252", errors="replace"),
        len(lines) + len(extra) + len(namesakes),
        people + len(namesakes),
        refused,
    )


def _year(line: list[str]) -> str:
    digits = "".join(character for character in line[6] if character.isdigit())[-2:]
    return ("20" if int(digits) < 30 else "19") + digits


def _person(chance: random.Random, number: int) -> list[str]:
    first = _FIRST.split()[number % 20]
    # The number is spelt in syllables, so that no two people have one name.
    family = "".join(_SYLLABLES[number >> shift & 15] for shift in (8, 4, 0))
    shown = family.upper() if number % 3 else family.capitalize()
    birth = ""
    match number % 50:
        case 3:
            shown = f"{family.upper()} épouse MARTIN"
        case 13:
            shown = f"{family.upper()}-PETIT (née {family.upper()})"
        case 23:
            birth = f"de {family.capitalize()}"
        case 33:
            shown = f"\u00a0{shown}  "
    year = 1960 + number % 64
    styles = (f"{year}", f"P{year % 100:02}", f"promo {year % 100:02}", f"{year - 1}-{year}", f"{year % 100:02}")
    day, month = number % 28 + 1, number % 12 + 1
    born = f"{day:02}/{month:02}/{year - 23}" if number % 10 else "?"
    return [
        f"M{number:05}" if number % 4 else "",
        ("M.", "Mme")[number % 2],
        shown,
        first.upper() if number % 7 == 0 else first,
        birth,
        born,
        styles[number % 5],
        _PROGRAMMES[number % 4],
        f"{family}.{number}@Example.ORG" if number % 3 else "-",
        "3.36E+10" if number % 29 == 4 else f"0{chance.randrange(100000000, 999999999)}",
        "6000" if number % 31 == 2 else "69001",
        '=HYPERLINK("https://x.example")' if number % 41 == 1 else "Créteil",
        "x" if number % 60 == 40 else "",
        "secret",
    ]
