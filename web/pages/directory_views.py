# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the templates of the directory are shown.

people.html          PeopleView         GET /people?q=&class_year=&class_to=&within=&city=&employer=&skill=&seek=&offer=
                                        &contacts=&page=; POST /people/listed: listed_to
"""

from dataclasses import dataclass
from typing import ClassVar

from web.pages.views import PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """A value that some of those who were found share, and the way to them alone. `word`: `label` is a message id."""

    label: str
    count: int
    path: str
    word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetGroupView:
    """The facets of one kind under a message id."""

    title: str
    facets: tuple[FacetView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """Those whom the viewer may find. `years` are the classes with how many may be found, latest first; 0 where there are
    too few to be counted. `asks`: the viewer has not said yet who may find them."""

    template: ClassVar[str] = "people.html"
    people: tuple[PersonView, ...]
    count: int
    years: tuple[tuple[int, int], ...] = ()
    query: str = ""
    class_year: int | None = None
    class_to: int | None = None
    within: int | None = None
    city: str = ""
    employer: str = ""
    skill: str = ""
    seek: str = ""
    offer: str = ""
    contacts: bool = False
    has_class: bool = False
    categories: tuple[tuple[str, str], ...] = ()
    is_open: bool = True
    asks: bool = False
    too_many: bool = False
    similar: bool = False
    groups: tuple[FacetGroupView, ...] = ()
    newer: str = ""
    more: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return (
            bool(
                self.class_to
                or self.within is not None
                or self.city
                or self.employer
                or self.skill
                or self.seek
                or self.offer
            )
            or self.contacts
        )
