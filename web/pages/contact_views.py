# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of contacts are made of.

contacts.html     ContactsView    GET /contacts; POST /contacts/<actor>/accept (follow), decline, withdraw, remove
contact_ask.html  ContactAskView  GET and POST /people/<actor>/contact: message, how_met
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """Somebody who asks, or is asked."""

    person: PersonView
    asked_at: datetime
    message: str = ""
    how_met: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsView:
    """One's contacts, who waits for an answer, and whose answer one waits for."""

    template: ClassVar[str] = "contacts.html"
    waiting: tuple[RequestView, ...] = ()
    asked: tuple[RequestView, ...] = ()
    people: tuple[PersonView, ...] = ()
    count: int = 0
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAskView:
    """The form to ask somebody."""

    template: ClassVar[str] = "contact_ask.html"
    person: PersonView
    message: str = ""
    how_met: str = ""
    faults: tuple[Fault, ...] = ()
