# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roster as a table, one line for each degree. Pure.

The headers are such that the file can be brought in again; that changes nothing then.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from node.kernel.sheets import sheet
from node.roster.candidates import Education
from node.roster.comparing import Entry
from node.roster.reading import Target

_COLUMNS: Final = (
    "student number",
    "last name",
    "birth name",
    "first name",
    "birth date",
    "email",
    "class year",
    "programme",
    "campus",
    "deceased",
)
_DETAILS: Final[Mapping[Target, str]] = {
    Target.CIVILITY: "title",
    Target.PHONE: "phone",
    Target.ADDRESS: "address",
    Target.POSTCODE: "zip",
    Target.CITY: "city",
    Target.COUNTRY: "country",
    Target.EMPLOYER: "employer",
    Target.JOB_TITLE: "job title",
    Target.DUES: "dues",
}


def as_csv(entries: Iterable[Entry]) -> bytes:
    """All that the entries say. Takes some seconds for 100,000; call it off the loop."""
    return sheet((*_COLUMNS, *_DETAILS.values()), _rows(entries))


def _rows(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        said = entry.content
        for education in said.educations or (Education(None, "", ""),):
            yield (
                said.source_id,
                said.family_name,
                said.birth_family_name,
                said.given_name,
                said.birth_date.isoformat() if said.birth_date else "",
                ", ".join(said.emails),
                str(education.class_year or ""),
                education.programme,
                education.campus,
                (said.deceased_on.isoformat() if said.deceased_on else "x") if said.deceased else "",
                *(said.details.get(target, "") for target in _DETAILS),
            )
