# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page of those who run the association is made of.

dashboard.html  DashboardView  GET /staff; its figures as a table at /staff/export
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """A page of the staff; `label` is a message id, `waiting` how much work waits there."""

    path: str
    label: str
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysView:
    """Pages that belong together; `title` is a message id."""

    title: str
    ways: tuple[WayView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """A figure; `name` is a message id. `few` stands for a number of people that is too small to be told."""

    name: str
    number: int
    few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigureView:
    """How many members a class has."""

    year: int
    number: int
    few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigureView:
    """How many joined in a month, which is named by its first day; `few` may be nobody."""

    month: date
    number: int
    few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardView:
    """Where those who run the association begin. Nobody sees more than their part."""

    template: ClassVar[str] = "dashboard.html"
    ways: tuple[WaysView, ...]
    figures: tuple[FigureView, ...] = ()
    classes: tuple[ClassFigureView, ...] = ()
    months: tuple[MonthFigureView, ...] = ()
    may_export: bool = False
