# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the page of invitations is made of.

invitations.html  InvitationsView  GET and POST /staff/invitations: email, class_year, school; POST .../<id>/revoke
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """An invitation: `whom` by name or address, empty for whoever has the link; `state` is a message id."""

    id: int
    whom: str
    state: str
    since: datetime
    created_at: datetime
    expires_at: datetime
    by: PersonView | None = None
    class_year: int | None = None
    school: str = ""
    uses: int = 0
    max_uses: int = 1
    may_revoke: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsView:
    """The invitations, and the form for another one; `schools` are those to choose among."""

    template: ClassVar[str] = "invitations.html"
    invitations: tuple[InvitationView, ...]
    older: str = ""
    has_mail: bool = True
    schools: tuple[str, ...] = ()
    email: str = ""
    class_year: str = ""
    school: str = ""
    faults: tuple[Fault, ...] = ()
