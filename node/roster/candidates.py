# SPDX-License-Identifier: AGPL-3.0-or-later
"""The people in a roster file: each row read, and rows of one person put together. Pure.

What a candidate is to those already known is decided in `comparing`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Final, TypeVar

from node.kernel.folding import name_key
from node.kernel.i18n import marked
from node.roster import values
from node.roster.reading import Column, Row, Sheet, Target
from node.roster.values import DateOrder, FamilyName, Unreadable

R = TypeVar("R")

MAX_EMAILS: Final = 5
MAX_EDUCATIONS: Final = 10

PLAIN: Final = (
    Target.CIVILITY,
    Target.PHONE,
    Target.ADDRESS,
    Target.POSTCODE,
    Target.CITY,
    Target.COUNTRY,
    Target.EMPLOYER,
    Target.JOB_TITLE,
    Target.DUES,
)
"""What is kept as it stands, and compared with nothing."""

TOO_LONG: Final = marked("This row has more cells than the header. Please look for a separator inside a cell.")
NO_NAME: Final = marked("There is no name in this row.")
_CUT_OFF: Final = marked("A spreadsheet has cut off this number.")
_NO_ZERO: Final = marked("The zero at the front seems to be gone.")
_NO_ADDRESS: Final = marked("This is no e-mail address.")
_DIFFERS: Final = marked("Another row of the same person says something else; the first one counts.")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that whoever keeps the roster should look at: where, in which column, what."""

    line: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Education:
    """A class somebody belongs to; parts that nobody knows are None or empty."""

    class_year: int | None = None
    programme: str = ""
    campus: str = ""

    def __bool__(self) -> bool:
        return self.class_year is not None or bool(self.programme or self.campus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person as the file has them. `lines` are the rows that say so; `details` holds `PLAIN` by name."""

    lines: tuple[int, ...]
    source_id: str = ""
    family_name: str = ""
    birth_family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    emails: tuple[str, ...] = ()
    deceased: bool = False
    deceased_on: date | None = None
    educations: tuple[Education, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_key(self) -> str:
        """Family and given names as they are compared."""
        return names_key(self.family_name, self.given_name)


def names_key(family_name: str, given_name: str) -> str:
    """Family and given names as they are compared."""
    return f"{name_key(family_name)}|{name_key(given_name)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was found in a file: people, rows that cannot be used, what to look at, and who may be one person.

    `homonyms`: groups of lines with the same names in the same class, kept apart because nothing says they are one.
    """

    candidates: Sequence[Candidate]
    refused: Sequence[Remark]
    remarks: Sequence[Remark]
    homonyms: Sequence[tuple[int, ...]]


def read_people(sheet: Sheet, today: date) -> Reading:
    """Everybody in the file, in its order. Raises Invalid as `Sheet.rows` does."""
    reader = _Reader(sheet, today)
    people = _People()
    refused: list[Remark] = []
    remarks: list[Remark] = []
    for row in sheet.rows():
        try:
            candidate, seen = reader.candidate(row)
        except Unreadable as error:
            refused.append(Remark(row.line, "", str(error)))
            continue
        remarks.extend(seen)
        remarks.extend(people.add(candidate))
    return Reading(people.all, refused, remarks, list(people.homonyms()))


class _Reader:
    """Reads rows of one file."""

    def __init__(self, sheet: Sheet, today: date) -> None:
        self._columns: dict[Target, Column] = {c.target: c for c in sheet.columns if c.target is not None}
        self._today = today
        self._french = sheet.is_french
        self._order = DateOrder.UNKNOWN
        self._texts: dict[str, str] = {}
        dates = [self._columns[t] for t in (Target.BIRTH_DATE, Target.DECEASED) if t in self._columns]
        if dates:
            self._order = values.date_order(
                (row[column] for row in sheet.rows() for column in dates), french=self._french
            )

    def candidate(self, row: Row) -> tuple[Candidate, Sequence[Remark]]:
        """Raises Unreadable for a row that cannot be used as a whole."""
        if row.excess:
            raise Unreadable(TOO_LONG)
        family, given = self._names(row)
        if not family.usage and not given:
            raise Unreadable(NO_NAME)
        remarks: list[Remark] = []
        unknown: tuple[bool, date | None] = (True, None)
        died, died_on = self._or_remark(
            row, Target.DECEASED, lambda cell: values.deceased(cell, self._order, self._today), unknown, remarks
        )
        education = Education(
            self._or_remark(row, Target.CLASS_YEAR, lambda cell: values.class_year(cell, self._today), None, remarks),
            self._shared(row, Target.PROGRAMME),
            self._shared(row, Target.CAMPUS),
        )
        candidate = Candidate(
            lines=(row.line,),
            source_id=self._number(row, Target.STUDENT_NUMBER, remarks)[:64],
            family_name=family.usage,
            birth_family_name=family.birth,
            given_name=given,
            birth_date=self._or_remark(
                row,
                Target.BIRTH_DATE,
                lambda cell: values.civil_date(cell, self._order, self._today),
                None,
                remarks,
            ),
            emails=self._emails(row, remarks),
            deceased=died,
            deceased_on=died_on,
            educations=(education,) if education else (),
            details=self._details(row, remarks),
        )
        return candidate, remarks

    def _cell(self, row: Row, target: Target) -> str:
        column = self._columns.get(target)
        return row[column] if column is not None else ""

    def _shared(self, row: Row, target: Target) -> str:
        """The cell; one text for all rows that say the same, for they are many."""
        text = values.tidy(self._cell(row, target))
        return self._texts.setdefault(text, text)

    def _names(self, row: Row) -> tuple[FamilyName, str]:
        given = values.tidy(self._cell(row, Target.GIVEN_NAME), values.MAX_NAME)
        if Target.FULL_NAME in self._columns:
            usage, first = values.full_name(self._cell(row, Target.FULL_NAME))
            family = values.family_name(usage)
            given = given or first
        else:
            family = values.family_name(self._cell(row, Target.FAMILY_NAME))
        birth = values.tidy(self._cell(row, Target.BIRTH_FAMILY_NAME), values.MAX_NAME) or family.birth
        usage = family.usage or birth
        return FamilyName(usage, "" if name_key(birth) == name_key(usage) else birth), given

    def _or_remark(self, row: Row, target: Target, read: Callable[[str], R], default: R, remarks: list[Remark]) -> R:
        cell = self._cell(row, target)
        if not cell:
            return read("")
        try:
            return read(cell)
        except Unreadable as error:
            remarks.append(Remark(row.line, self._columns[target].header, str(error)))
            return default

    def _emails(self, row: Row, remarks: list[Remark]) -> tuple[str, ...]:
        found: list[str] = []
        for target in (Target.EMAIL, Target.EMAIL_2):
            good, bad = values.emails(self._cell(row, target))
            found.extend(address for address in good if address not in found)
            if bad:
                remarks.append(Remark(row.line, self._columns[target].header, _NO_ADDRESS))
        return tuple(found[:MAX_EMAILS])

    def _number(self, row: Row, target: Target, remarks: list[Remark]) -> str:
        cell = values.tidy(self._cell(row, target))
        if values.is_eaten(cell):
            remarks.append(Remark(row.line, self._columns[target].header, _CUT_OFF))
            # Two people whose numbers were cut off alike must not become one.
            return ""
        return cell

    def _details(self, row: Row, remarks: list[Remark]) -> Mapping[str, str]:
        details: dict[str, str] = {}
        for target in PLAIN:
            cell = self._shared(row, target)
            if not cell:
                continue
            lacks_zero = self._french and (
                (target is Target.PHONE and values.lacks_zero(cell, 10))
                or (target is Target.POSTCODE and values.lacks_zero(cell, 5))
            )
            if target in (Target.PHONE, Target.POSTCODE) and values.is_eaten(cell):
                remarks.append(Remark(row.line, self._columns[target].header, _CUT_OFF))
                continue
            if lacks_zero:
                remarks.append(Remark(row.line, self._columns[target].header, _NO_ZERO))
            details[target] = cell
        return details


class _People:
    """Puts rows of one person together: same number; same names and date of birth; same address and family name."""

    def __init__(self) -> None:
        self.all: list[Candidate] = []
        self._known: dict[tuple[str, ...], int] = {}
        self._classes: dict[tuple[str, int], tuple[int, ...]] = {}

    def add(self, candidate: Candidate) -> Iterator[Remark]:
        """Yields what two rows of one person say differently."""
        keys = list(_keys(candidate))
        at = next((self._known[key] for key in keys if key in self._known), None)
        if at is not None and _contradict(self.all[at], candidate):
            at = None
        if at is None:
            at = len(self.all)
            self.all.append(candidate)
        else:
            before = self.all[at]
            if _differ(before, candidate):
                yield Remark(candidate.lines[0], "", _DIFFERS)
            self.all[at] = _together(before, candidate)
        for key in keys:
            self._known.setdefault(key, at)
        for education in candidate.educations:
            if education.class_year is not None:
                namesakes = self._classes.get((candidate.names_key, education.class_year), ())
                if at not in namesakes:
                    self._classes[candidate.names_key, education.class_year] = (*namesakes, at)

    def homonyms(self) -> Iterator[tuple[int, ...]]:
        """The lines of people with the same names in the same class, where nothing says that they are two."""
        for members in self._classes.values():
            alike = {
                index
                for one, other in combinations(sorted(members), 2)
                if not _contradict(self.all[one], self.all[other])
                for index in (one, other)
            }
            if alike:
                yield tuple(sorted(line for index in alike for line in self.all[index].lines))


def _keys(candidate: Candidate) -> Iterator[tuple[str, ...]]:
    if candidate.source_id:
        yield "number", candidate.source_id
    if candidate.birth_date is not None:
        yield "born", candidate.names_key, candidate.birth_date.isoformat()
    for address in candidate.emails:
        yield "mail", address.casefold(), name_key(candidate.family_name)


def _contradict(one: Candidate, other: Candidate) -> bool:
    """Two numbers are two people, and so are two dates of birth, whatever they share."""
    if one.source_id and other.source_id:
        return one.source_id != other.source_id
    return one.birth_date is not None and other.birth_date is not None and one.birth_date != other.birth_date


def _differ(before: Candidate, row: Candidate) -> bool:
    if name_key(row.family_name) not in (
        "",
        name_key(before.family_name),
        name_key(before.birth_family_name),
    ) or name_key(row.given_name) not in ("", name_key(before.given_name)):
        return True
    return any(before.details.get(name, text) != text for name, text in row.details.items())


def _together(one: Candidate, other: Candidate) -> Candidate:
    return replace(
        one,
        lines=one.lines + other.lines,
        source_id=one.source_id or other.source_id,
        family_name=one.family_name or other.family_name,
        birth_family_name=one.birth_family_name or other.birth_family_name,
        given_name=one.given_name or other.given_name,
        birth_date=one.birth_date or other.birth_date,
        emails=tuple(dict.fromkeys(one.emails + other.emails))[:MAX_EMAILS],
        deceased=one.deceased or other.deceased,
        deceased_on=one.deceased_on or other.deceased_on,
        educations=with_educations(one.educations, other.educations),
        details={**other.details, **one.details},
    )


def with_educations(old: Sequence[Education], new: Sequence[Education]) -> tuple[Education, ...]:
    """The classes of somebody after more has been learned of them: what says less than another is left out."""
    kept = list(old)
    for education in new:
        if not any(_says_no_more(education, known) for known in kept):
            kept = [known for known in kept if not _says_no_more(known, education)]
            kept.append(education)
    return tuple(kept[:MAX_EDUCATIONS])


def _says_no_more(one: Education, other: Education) -> bool:
    return (
        one.class_year in (None, other.class_year)
        and name_key(one.programme) in ("", name_key(other.programme))
        and name_key(one.campus) in ("", name_key(other.campus))
    )
