# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages are made of on which administrators look after members' data, and whoever is gone sees what became of it.

data.html     DataView     GET /staff/data; ?before
touched.html  TouchedView  POST /staff/data/touched: kind, which, since, until; POST /staff/data/touched.csv likewise
erased.html   ErasedView   GET /deleted/<token>
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file with members' data that somebody of the staff took along."""

    id: int
    what: str
    rows: int
    at: datetime
    person: PersonView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureView:
    """An account that is gone, and the servers that have not said that they forgot it."""

    number: int
    at: datetime
    told: int
    asking: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView:
    """What was asked for: whom an incident of this kind concerns."""

    kind: str = "export"
    which: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView:
    """What the staff took along, who is gone, and the question whom an incident concerns."""

    template: ClassVar[str] = "data.html"
    files: tuple[FileView, ...] = ()
    newer: str = ""
    older: str = ""
    erasures: tuple[ErasureView, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    asked: AskedView = field(default_factory=AskedView)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedRow:
    """A member whom it concerns, and why."""

    person: PersonView
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedView:
    """Whom an incident concerns."""

    template: ClassVar[str] = "touched.html"
    asked: AskedView
    rows: tuple[TouchedRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedView:
    """What became of the copies of somebody who is gone."""

    template: ClassVar[str] = "erased.html"
    erasure: ErasureView
