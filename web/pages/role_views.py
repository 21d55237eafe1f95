# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page of roles is made of.

roles.html  RolesView  GET /staff/roles: ?who=<username>; POST /staff/roles/<id>: a tick for each role
"""

from dataclasses import dataclass
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleView:
    """A role as a tick: the word of the form, and message ids of what it is called and what it allows."""

    word: str
    name: str
    meaning: str
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """Somebody and their roles, as message ids. `lacks_class`: a delegate of no class, who decides about nobody."""

    person: PersonView
    roles: tuple[str, ...]
    lacks_class: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesView:
    """Who has a part in running the association; `chosen` is whose part is being changed."""

    template: ClassVar[str] = "roles.html"
    holders: tuple[HolderView, ...]
    query: str = ""
    chosen: HolderView | None = None
    ticks: tuple[RoleView, ...] = ()
    faults: tuple[Fault, ...] = ()
