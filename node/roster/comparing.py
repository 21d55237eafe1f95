# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an import would do: for each person of the file, whether they are new, changed, the same, or not to be told. Pure.

Nobody is ever removed because a file does not name them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from node.kernel.folding import name_key
from node.roster import scoring
from node.roster.candidates import MAX_EMAILS, Candidate, Education, names_key, with_educations
from node.roster.scoring import Person

MAX_OTHER_NAMES: Final = 5
_ORDINARY: Final = 2
"""From so many years between two classes on, the same name is taken for another person."""


class Mode(StrEnum):
    """What an import may do to the roster."""

    CREATE = "create"
    UPDATE = "update"
    BOTH = "both"


class Verdict(StrEnum):
    """What becomes of a person of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    AMBIGUOUS = "ambiguous"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an entry of the roster says."""

    source_id: str = ""
    family_name: str = ""
    birth_family_name: str = ""
    given_name: str = ""
    other_names: tuple[str, ...] = ()
    birth_date: date | None = None
    emails: tuple[str, ...] = ()
    deceased: bool = False
    deceased_on: date | None = None
    educations: tuple[Education, ...] = ()
    details: Mapping[str, str]

    @property
    def names_key(self) -> str:
        """Family and given names as they are compared."""
        return names_key(self.family_name, self.given_name)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the roster."""

    id: int
    content: Content


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done for one person of the file; 100,000 of them are kept at once.

    `rivals` are the entries between which nothing decides (for AMBIGUOUS).
    """

    candidate: Candidate
    verdict: Verdict
    entry: Entry | None = None
    rivals: tuple[int, ...] = ()

    @property
    def content(self) -> Content:
        """What the entry says afterwards."""
        return _fresh(self.candidate) if self.entry is None else _merged(self.entry.content, self.candidate)

    def changes(self) -> Sequence[tuple[str, str, str]]:
        """(field, old, new) for all that would be written."""
        before = self.entry.content if self.entry is not None else Content(details={})
        old, new = _shown(before), _shown(self.content)
        return [
            (name, old.get(name, ""), new.get(name, "")) for name in {**old, **new} if old.get(name) != new.get(name)
        ]


def nobody(_: Candidate) -> bool:
    """Nobody of the file objects to being in it."""
    return False


def compare(
    people: Sequence[Candidate],
    entries: Iterable[Entry],
    mode: Mode,
    objects: Callable[[Candidate], bool] = nobody,
) -> Sequence[Decision]:
    """What the import does, in the order of the file. Whoever `objects` is told of is passed over."""
    known = _Known(entries)
    twice = _names_twice(people)
    decisions = []
    for candidate in people:
        entry, rivals = known.find(candidate, unique=candidate.names_key not in twice)
        if objects(candidate):
            decisions.append(Decision(candidate, Verdict.SKIPPED, entry))
        else:
            decisions.append(_decide(candidate, entry, rivals, mode))
    return decisions


def _decide(candidate: Candidate, entry: Entry | None, rivals: tuple[int, ...], mode: Mode) -> Decision:
    if rivals:
        return Decision(candidate, Verdict.AMBIGUOUS, None, rivals)
    if entry is None:
        verdict = Verdict.SKIPPED if mode is Mode.UPDATE else Verdict.CREATED
        return Decision(candidate, verdict)
    if _merged(entry.content, candidate) == entry.content:
        return Decision(candidate, Verdict.UNCHANGED, entry)
    return Decision(candidate, Verdict.SKIPPED if mode is Mode.CREATE else Verdict.CHANGED, entry)


class _Known:
    """The roster, looked up by what can lead to somebody."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[int, Entry] = {}
        self._numbers: dict[str, int] = {}
        self._ways: dict[str | date, tuple[int, ...]] = {}
        self._taken: set[int] = set()
        for entry in entries:
            person = person_of(entry.content)
            self._entries[entry.id] = entry
            if person.number:
                self._numbers[person.number] = entry.id
            for way in _ways(person):
                self._ways[way] = (*self._ways.get(way, ()), entry.id)

    def find(self, candidate: Candidate, *, unique: bool) -> tuple[Entry | None, tuple[int, ...]]:
        """(the entry of this person, or None) and, where it cannot be told, those it might be."""
        if not self._entries:
            return None, ()
        person = person_of(candidate)
        number = self._numbers.get(person.number) if person.number else None
        if number is not None:
            if number in self._taken or scoring.contradict(person, self._person(number)):
                return None, (number,)
            return self._take(number), ()
        near = self._near(person)
        exact = [theirs for theirs, _ in near if _same_names_and_class(candidate, person, self._entries[theirs])]
        if len(exact) == 1 and unique and exact[0] not in self._taken:
            return self._take(exact[0]), ()
        likely = [(theirs, points) for theirs, points in near if points >= scoring.LIKELY]
        if not likely:
            return None, ()
        best, points = likely[0]
        second = likely[1][1] if len(likely) > 1 else 0
        if points >= scoring.SURE and points - second >= scoring.AHEAD and best not in self._taken:
            return self._take(best), ()
        return None, tuple(theirs for theirs, _ in likely[:5])

    def _near(self, person: Person) -> list[tuple[int, int]]:
        """(entry, points) of those who are not clearly somebody else, the best first."""
        found = []
        for number in {number for way in _ways(person) for number in self._ways.get(way, ())}:
            theirs = self._person(number)
            if scoring.contradict(person, theirs) or _other_generation(person, theirs):
                continue
            found.append((number, scoring.score(person, theirs)))
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def _person(self, number: int) -> Person:
        return person_of(self._entries[number].content)

    def _take(self, number: int) -> Entry:
        self._taken.add(number)
        return self._entries[number]


def _ways(person: Person) -> Iterable[str | date]:
    """Addresses (they hold an @), family names and the day of birth: by one of them a likely entry must be reached."""
    yield from person.emails
    yield from person.family_keys
    if person.birth_date is not None:
        yield person.birth_date


def person_of(source: Candidate | Content) -> Person:
    """Somebody as the scores compare them."""
    others = source.other_names if isinstance(source, Content) else ()
    names = (source.family_name, source.birth_family_name, *others)
    return Person(
        number=source.source_id,
        emails=frozenset(address.casefold() for address in source.emails),
        birth_date=source.birth_date,
        family_keys=frozenset(key for name in names if (key := name_key(name))),
        given_name=source.given_name,
        educations=source.educations,
    )


def _other_generation(one: Person, other: Person) -> bool:
    """The same names in classes years apart: father and son, unless an address or a date of birth says they are one."""
    if one.emails & other.emails or (one.birth_date is not None and one.birth_date == other.birth_date):
        return False
    mine = [education.class_year for education in one.educations if education.class_year is not None]
    theirs = [education.class_year for education in other.educations if education.class_year is not None]
    return bool(mine and theirs) and min(abs(a - b) for a in mine for b in theirs) >= _ORDINARY


def _same_names_and_class(candidate: Candidate, person: Person, entry: Entry) -> bool:
    if candidate.names_key != entry.content.names_key:
        return False
    mine = {education.class_year for education in person.educations}
    theirs = {education.class_year for education in entry.content.educations}
    return bool(mine & theirs) or not mine or not theirs


def _names_twice(people: Sequence[Candidate]) -> set[str]:
    """Names that several people of the file have in one class."""
    seen: set[tuple[str, int | None]] = set()
    twice: set[str] = set()
    for candidate in people:
        for year in {education.class_year for education in candidate.educations} or {None}:
            if (candidate.names_key, year) in seen:
                twice.add(candidate.names_key)
            seen.add((candidate.names_key, year))
    return twice


def _fresh(candidate: Candidate) -> Content:
    return Content(
        source_id=candidate.source_id,
        family_name=candidate.family_name,
        birth_family_name=candidate.birth_family_name,
        given_name=candidate.given_name,
        birth_date=candidate.birth_date,
        emails=candidate.emails,
        deceased=candidate.deceased,
        deceased_on=candidate.deceased_on,
        educations=candidate.educations,
        details=candidate.details,
    )


def _merged(content: Content, candidate: Candidate) -> Content:
    """The entry with what the file says; what the file leaves out stays."""
    others = list(content.other_names)
    renamed = candidate.family_name and name_key(candidate.family_name) != name_key(content.family_name)
    if renamed and content.family_name:
        keys = {name_key(name) for name in others} | {name_key(candidate.birth_family_name)}
        if name_key(content.family_name) not in keys:
            others.append(content.family_name)
    return replace(
        content,
        source_id=candidate.source_id or content.source_id,
        family_name=_spelling(content.family_name, candidate.family_name),
        birth_family_name=_spelling(content.birth_family_name, candidate.birth_family_name),
        given_name=_spelling(content.given_name, candidate.given_name),
        other_names=tuple(others[-MAX_OTHER_NAMES:]),
        birth_date=candidate.birth_date or content.birth_date,
        emails=_addresses(content.emails, candidate.emails),
        deceased=candidate.deceased or content.deceased,
        deceased_on=candidate.deceased_on or content.deceased_on,
        educations=with_educations(content.educations, candidate.educations),
        details={**content.details, **candidate.details},
    )


def _spelling(old: str, new: str) -> str:
    """The newer name; of two spellings of one name the one that says more: with accents, not all in capitals."""
    if not new or name_key(new) != name_key(old):
        return new or old
    says_more = (old.isascii() or not new.isascii()) and (old.isupper() or not new.isupper())
    return new if says_more else old


def _addresses(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """The file's addresses first: they are the newer ones."""
    if set(new) <= set(old) and (not new or new[0] == old[0]):
        return old
    return tuple(dict.fromkeys(new + old))[:MAX_EMAILS]


def classes_of(content: Content) -> tuple[str, ...]:
    """The classes of somebody in words: the year, and what they studied."""
    return tuple(
        " ".join(part for part in (str(education.class_year or ""), education.programme) if part)
        for education in content.educations
    )


def _shown(content: Content) -> dict[str, str]:
    shown = {
        "student_number": content.source_id,
        "family_name": content.family_name,
        "birth_family_name": content.birth_family_name,
        "given_name": content.given_name,
        "other_names": ", ".join(content.other_names),
        "birth_date": content.birth_date.isoformat() if content.birth_date else "",
        "email": ", ".join(content.emails),
        "deceased": (content.deceased_on.isoformat() if content.deceased_on else "yes") if content.deceased else "",
        "classes": ", ".join(
            " ".join(part for part in (str(e.class_year or ""), e.programme, e.campus) if part)
            for e in content.educations
        ),
        **content.details,
    }
    return {name: text for name, text in shown.items() if text}
