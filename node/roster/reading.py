# SPDX-License-Identifier: AGPL-3.0-or-later
"""A roster file as people keep it, turned into rows: encoding, separator, where the header stands, what each column is.

Pure. What a cell means is read in `values`, what a row means in `candidates`.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from node.kernel.errors import Invalid
from node.kernel.folding import fold
from node.kernel.i18n import marked

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 10_000
SEPARATORS: Final = (";", ",", "\t", "|")
ENCODINGS: Final = ("utf-8", "windows-1252", "latin-1", "utf-16", "macintosh")
_HEAD: Final = 20
"""Lines at the top of the file among which the header is looked for; above it stand titles."""


class Target(StrEnum):
    """What a column can be."""

    FAMILY_NAME = "family_name"
    BIRTH_FAMILY_NAME = "birth_family_name"
    GIVEN_NAME = "given_name"
    FULL_NAME = "full_name"
    CLASS_YEAR = "class_year"
    PROGRAMME = "programme"
    CAMPUS = "campus"
    EMAIL = "email"
    EMAIL_2 = "email_2"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    CIVILITY = "civility"
    STUDENT_NUMBER = "student_number"
    ADDRESS = "address"
    POSTCODE = "postcode"
    CITY = "city"
    COUNTRY = "country"
    EMPLOYER = "employer"
    JOB_TITLE = "job_title"
    DECEASED = "deceased"
    DUES = "dues"


_NAMES: Final[Mapping[Target, str]] = {
    Target.FAMILY_NAME: "nom, nom de famille, nom usuel, nom d'usage, nom marital, last name, surname, family name",
    Target.BIRTH_FAMILY_NAME: (
        "nom de naissance, nom de jeune fille, nom patronymique, ne(e), née, maiden name, birth name"
    ),
    Target.GIVEN_NAME: "prenom, prenoms, prénom(s), first name, given name, forename",
    Target.FULL_NAME: "nom prenom, nom et prenom, name, full name",
    Target.CLASS_YEAR: (
        "promo, promotion, annee, annee de promotion, annee de diplome, annee de sortie, class, class year, grad year, "
        "graduation year"
    ),
    Target.PROGRAMME: ("formation, cursus, filiere, programme, program, diplome, degree, major, option, specialite"),
    Target.CAMPUS: "site, campus",
    Target.EMAIL: "mail, e-mail, email, courriel, adresse electronique, email perso",
    Target.EMAIL_2: "email pro, work email",
    Target.PHONE: "tel, telephone, portable, mobile, gsm, phone, cell",
    Target.BIRTH_DATE: "date de naissance, ddn, ne(e) le, née le, né le, birth date, dob",
    Target.CIVILITY: "civilite, titre, title, m/mme",
    Target.STUDENT_NUMBER: "matricule, n etudiant, n° étudiant, nº étudiant, ine, numero, id, student id",
    Target.ADDRESS: "adresse, rue, address, street",
    Target.POSTCODE: "cp, code postal, zip",
    Target.CITY: "ville, city, town",
    Target.COUNTRY: "pays, country",
    Target.EMPLOYER: "entreprise, societe, employeur, company, employer",
    Target.JOB_TITLE: "fonction, poste, job title, position",
    Target.DECEASED: "decede, décédé(e), date de deces, dcd, deceased, died",
    Target.DUES: "cotisation, a jour, paid until",
}
_BY_NAME: Final = {fold(name): target for target, names in _NAMES.items() for name in names.split(", ")}
_BY_TARGET: Final = {target.value: target for target in Target}
# A column called so is the family name beside one of given names, and the whole name where there is none.
_EITHER: Final = frozenset({"nom", "name"})

_NO_HEADER: Final = marked("No line of this file looks like a header with names of columns.")
_FRENCH_NAMES: Final = (
    "nom, prenom, promo, promotion, annee, courriel, telephone, ville, pays, date de naissance, ddn, matricule, "
    "formation, cursus, code postal, entreprise, fonction, civilite, cotisation, décédé"
)
_FRENCH: Final = frozenset(fold(name) for name in _FRENCH_NAMES.split(", "))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file; `target` is None for one that is not known, and is ignored."""

    index: int
    header: str
    target: Target | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file below the header. `line` counts from 1, as a spreadsheet shows it; `excess` cells had no column."""

    line: int
    cells: Sequence[str]
    excess: int

    def __getitem__(self, column: Column) -> str:
        return self.cells[column.index] if column.index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that could be read. Its rows are read anew each time, so that 100,000 of them need no room."""

    data: bytes = field(repr=False)
    encoding: str
    separator: str
    header_line: int
    columns: Sequence[Column]

    @property
    def known(self) -> Sequence[Column]:
        """The columns that are read."""
        return [column for column in self.columns if column.target is not None]

    @property
    def ignored(self) -> Sequence[str]:
        """The headers of the columns that are not."""
        return [column.header for column in self.columns if column.target is None and column.header]

    @property
    def is_french(self) -> bool:
        """Whether the headers are in French: it decides how dates are written."""
        return sum(fold(column.header) in _FRENCH for column in self.columns) * 2 > len(self.known)

    def rows(self) -> Iterator[Row]:
        """The lines below the header that are not blank. Raises Invalid where there are more than `MAX_ROWS`."""
        width = len(self.columns)
        count = 0
        for line, cells in _lines(self.data, self.encoding, self.separator):
            if line <= self.header_line:
                continue
            count += 1
            if count > MAX_ROWS:
                raise Invalid(marked("This file has more than 100,000 rows. Please split it."), field="file")
            yield Row(line, cells[:width], sum(bool(cell.strip()) for cell in cells[width:]))


def read(
    data: bytes,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Sheet:
    """Find out how this file is written, as far as the caller has not said it.

    Args:
        data: the file, at most `MAX_BYTES` long.
        encoding: one of `ENCODINGS`.
        separator: one of `SEPARATORS`.
        mapping: headers as they stand in the file to the value of a `Target`, or to "" for a column to ignore.

    Raises:
        Invalid: too big, no text, no header, two columns for one thing, an unknown column or target in `mapping`.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(marked("This file is larger than 20 MB. Please split it."), field="file")
    used = _encoding(data, encoding)
    if separator is not None and separator not in SEPARATORS:
        raise Invalid(marked("Columns can be separated by a semicolon, a comma, a tab or a bar."), field="separator")
    said = _said(mapping or {})
    found = _header(data, used, [separator] if separator else SEPARATORS, said)
    if found is None:
        raise Invalid(_NO_HEADER, field="file")
    line, between, headers = found
    if len(headers) > MAX_COLUMNS:
        raise Invalid(marked("This file has more than 100 columns."), field="file")
    return Sheet(data, used, between, line, _columns(headers, said))


def _encoding(data: bytes, encoding: str | None) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Invalid(marked("This is a spreadsheet file. Please save it as CSV and send that."), field="file")
    if encoding is not None and encoding not in ENCODINGS:
        raise Invalid(marked("This encoding is not known here."), field="encoding")
    if encoding is not None:
        choices: Sequence[str] = (encoding,)
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        choices = ("utf-16",)
    else:
        choices = ("utf-8", "windows-1252", "latin-1")
    for choice in choices:
        try:
            text = data.decode(choice)
        except UnicodeError:
            continue
        if "\0" not in text:
            return choice
    raise Invalid(marked("This file is not text in that encoding. Please save it as CSV in UTF-8."), field="encoding")


def _said(mapping: Mapping[str, str]) -> dict[str, Target | None]:
    said: dict[str, Target | None] = {}
    for header, target in mapping.items():
        if target and target not in _BY_TARGET:
            raise Invalid(marked("One of the columns is given a meaning that is not known here."), field="mapping")
        said[fold(header)] = _BY_TARGET.get(target)
    return said


def _lines(data: bytes, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(the line where it begins, its cells) for every record that is not blank. A quote that never ends is refused."""
    # Decoded as it is read: the whole text would take four times the room of the file.
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), codec, newline=""), delimiter=separator, strict=False)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(
                marked("A cell of this file has no end. Please look for a quotation mark that is not closed."),
                field="file",
            ) from None
        if any(len(cell) > MAX_CELL for cell in cells):
            raise Invalid(
                marked("A cell of this file has no end. Please look for a quotation mark that is not closed."),
                field="file",
            )
        if any(cell and not cell.isspace() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _header(
    data: bytes, encoding: str, separators: Sequence[str], said: Mapping[str, Target | None]
) -> tuple[int, str, list[str]] | None:
    """The line with the most known names of columns among the first, and the separator with which that is so."""
    best: tuple[int, int, int, str, list[str]] | None = None
    for separator in separators:
        for number, (line, cells) in enumerate(_lines(data, encoding, separator)):
            if number == _HEAD:
                break
            names = [fold(cell) for cell in cells]
            known = sum(name in _BY_NAME or name in said for name in names)
            filled = sum(bool(name) for name in names)
            # One known word in a sentence is a title, not a header.
            if known < (2 if filled > 1 else 1) and not (known and known == filled):
                continue
            if best is None or (known, filled) > best[:2]:
                best = (known, filled, line, separator, [" ".join(cell.split()) for cell in cells])
    return None if best is None else (best[2], best[3], best[4])


def _columns(headers: Sequence[str], said: Mapping[str, Target | None]) -> Sequence[Column]:
    names = [fold(header) for header in headers]
    unknown = [name for name in said if name not in names]
    if unknown:
        raise Invalid(marked("The file has no column of that name."), field="mapping")
    targets = [said[name] if name in said else _BY_NAME.get(name) for name in names]
    if Target.GIVEN_NAME not in targets and Target.FULL_NAME not in targets:
        targets = [
            Target.FULL_NAME if name in _EITHER and name not in said else target
            for name, target in zip(names, targets, strict=True)
        ]
    elif Target.GIVEN_NAME in targets:
        targets = [
            Target.FAMILY_NAME if name in _EITHER and name not in said else target
            for name, target in zip(names, targets, strict=True)
        ]
    given = [target for target in targets if target is not None]
    if len(set(given)) < len(given):
        raise Invalid(
            marked("Two columns seem to hold the same thing. Please say what each is, or that one is to be ignored."),
            field="mapping",
        )
    return [Column(index, header, target) for index, (header, target) in enumerate(zip(headers, targets, strict=True))]


def guesses(data: bytes, *, encoding: str | None = None, separator: str | None = None) -> Sequence[Column]:
    """The columns with what each seems to be, also where two seem to be the same: for asking. Raises as `read`."""
    found = _header(data, _encoding(data, encoding), [separator] if separator else SEPARATORS, {})
    if found is None:
        raise Invalid(_NO_HEADER, field="file")
    return [Column(index, header, _BY_NAME.get(fold(header))) for index, header in enumerate(found[2][:MAX_COLUMNS])]


_ACCENTED: Final = re.compile(r"[^\x00-\x7f]")


def sample(sheet: Sheet, most: int = 3) -> Sequence[str]:
    """Some cells with letters outside ASCII, by which a person sees whether the encoding is right."""
    found: list[str] = []
    for row in sheet.rows():
        for cell in row.cells:
            if _ACCENTED.search(cell) and (word := " ".join(cell.split())[:60]) not in found:
                found.append(word)
                if len(found) == most:
                    return found
    return found
