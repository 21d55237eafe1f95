# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the templates of the directory are shown.

people.html          PeopleView         GET /people?q=&class_year=&class_to=&within=&school=&programme=&campus=&city=
                                        &country=&employer=&sector=&skill=&language=&seek=&offer=&distance=&active=&page=;
                                        POST /people/listed: listed_to
watches.html         WatchesView        GET /settings/watches; POST /people/watch: kind, value;
                                        POST /settings/watches/ID/remove
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from web.pages.views import PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """A value that some of those who were found share, and the way to them alone. `word`: `label` is a message id. `count`
    is None where there are too many to be counted."""

    label: str
    count: int | None
    path: str
    word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetGroupView:
    """The facets of one kind under a message id."""

    title: str
    facets: tuple[FacetView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """Something that was asked for and can be followed; `id` if the viewer does."""

    kind: str
    value: str
    label: str
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """Those whom the viewer may find. `years` are the classes with how many may be found, latest first; 0 where there are
    too few to be counted. `values`: what was asked for, by the name of the field. `schools`: where the node has several.
    `asks`: the viewer has not said yet who may find them."""

    template: ClassVar[str] = "people.html"
    people: tuple[PersonView, ...]
    count: int
    years: tuple[tuple[int, int], ...] = ()
    query: str = ""
    class_year: int | None = None
    class_to: int | None = None
    within: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    distance: str = ""
    active: bool = False
    schools: tuple[str, ...] = ()
    has_class: bool = False
    categories: tuple[tuple[str, str], ...] = ()
    is_open: bool = True
    asks: bool = False
    too_many: bool = False
    similar: bool = False
    groups: tuple[FacetGroupView, ...] = ()
    watches: tuple[WatchView, ...] = ()
    newer: str = ""
    more: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return bool(
            self.class_to or self.within is not None or any(self.values.values()) or self.distance or self.active
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLineView:
    """Something that the member follows, and the way to those who are there now. `what` is a message id."""

    id: int
    what: str
    label: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchesView:
    """What the member follows in the directory."""

    template: ClassVar[str] = "watches.html"
    watches: tuple[WatchLineView, ...]
