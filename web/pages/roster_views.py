# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of the roster are made of.

roster.html         RosterView        GET and POST /staff/roster: file, what; ?q=
roster_import.html  RosterImportView  GET and POST /staff/roster/<id>: encoding, separator, mode, column[<index>];
                                      /staff/roster/<id>/apply, discard, undo
missing.html        MissingPageView   GET /people/missing; ?invite=<id>; POST /people/missing/<id>: email;
                                      POST /people/missing/<id>/take-back
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class GraduateView:
    """Somebody in the roster."""

    id: int
    name: str
    birth_name: str = ""
    classes: tuple[str, ...] = ()
    email: str = ""
    deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """How many people of a file are what; `name` is a message id."""

    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """An import: `state_word` is a message id, `to_write` what it writes in all, `done` what is written."""

    id: int
    name: str
    state: str
    state_word: str
    created_at: datetime
    done: int = 0
    to_write: int = 0
    figures: tuple[FiguresView, ...] = ()
    may_undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterView:
    """The roster: searching in it, and the imports."""

    template: ClassVar[str] = "roster.html"
    count: int
    query: str = ""
    found: tuple[GraduateView, ...] = ()
    imports: tuple[ImportView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingView:
    """A classmate who is not here."""

    id: int
    name: str
    class_year: int
    invited: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPageView:
    """Missing classmates, and the form to invite one. `in_roster`: the association knows who the viewer is.
    `is_off`: this node names nobody."""

    template: ClassVar[str] = "missing.html"
    in_roster: bool
    is_off: bool = False
    # For the delegate of the class: the names of members whom no letter reaches.
    unreachable: tuple[str, ...] = ()
    people: tuple[MissingView, ...] = ()
    chosen: MissingView | None = None
    email: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """A column of the file, and what it is taken for ("" for nothing)."""

    index: int
    header: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkView:
    """Something to look at; `column` is the header, `text` a message id."""

    lines: tuple[int, ...]
    text: str
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """What is to be written about somebody: (field, old, new), the field as a message id."""

    name: str
    lines: tuple[int, ...]
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterImportView:
    """A file before a yes: how it is read, what would change. `more` are remarks and changes beyond those shown.

    `targets` are (value, message id) to choose among for a column; `words` are cells with accents, for the eye.
    """

    template: ClassVar[str] = "roster_import.html"
    item: ImportView
    columns: tuple[ColumnView, ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    encodings: tuple[str, ...] = ()
    separator: str = ""
    separators: tuple[tuple[str, str], ...] = ()
    mode: str = "both"
    modes: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    figures: tuple[FiguresView, ...] = ()
    remarks: tuple[RemarkView, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    more: int = 0
    faults: tuple[Fault, ...] = ()
