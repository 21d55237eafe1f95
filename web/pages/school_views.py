# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about schools are made of.

schools.html       SchoolsView       GET /schools: everybody; POST /staff/schools: name (for administrators)
school.html        SchoolView        GET /schools/<slug>: everybody
school_edit.html   SchoolEditView    GET and POST /staff/schools/<id>, POST .../remove;
                                     POST .../programmes, .../programmes/<id> and .../programmes/<id>/remove
"""

from dataclasses import dataclass
from typing import ClassVar

from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeView:
    """Something to study; `degree` is a message id, `key` the word of the form. As typed, if it is shown again."""

    id: int = 0
    name: str = ""
    aliases: str = ""
    key: str = "other"
    degree: str = ""
    first_year: str = ""
    last_year: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolLineView:
    """A school in a list."""

    id: int
    slug: str
    name: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolsView:
    """The schools of this node; with a form for a further one where the viewer may add it."""

    template: ClassVar[str] = "schools.html"
    schools: tuple[SchoolLineView, ...]
    may_edit: bool = False
    name: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolView:
    """A school as everybody sees it."""

    template: ClassVar[str] = "school.html"
    school: SchoolLineView
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    website: str = ""
    same_as: tuple[str, ...] = ()
    programmes: tuple[ProgrammeView, ...] = ()
    may_edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolEditView:
    """A school as a form, and its programmes as one each. `aliases` and `same_as` stand one a line."""

    template: ClassVar[str] = "school_edit.html"
    school: SchoolLineView
    name: str
    short_name: str = ""
    aliases: str = ""
    city: str = ""
    country: str = ""
    website: str = ""
    same_as: str = ""
    programmes: tuple[ProgrammeView, ...] = ()
    degrees: tuple[tuple[str, str], ...] = ()
    fresh: ProgrammeView = ProgrammeView()
    faults: tuple[Fault, ...] = ()
