# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages on data protection are made of.

privacy.html           PrivacyView   GET /settings/privacy
privacy_export.html    ExportView    GET /settings/export; POST /settings/export; GET /settings/export/<number>.zip
privacy_register.html  RegisterView  GET /about/data
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """Something that a member agreed to, and until when; `until` is None while it holds."""

    what: str
    since: datetime
    until: datetime | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """Somebody of the staff looked at what is kept about the member."""

    what: str
    at: datetime
    person: PersonView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """Something that happened to the account."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyView:
    """What a member agreed to, who looked, and what happened to the account."""

    template: ClassVar[str] = "privacy.html"
    consents: tuple[ConsentView, ...] = ()
    looks: tuple[LookView, ...] = ()
    changes: tuple[ChangeView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """The copy of a member's data. `link` is empty while it is being made."""

    template: ClassVar[str] = "privacy_export.html"
    asked_at: datetime | None = None
    link: str = ""
    size: int = 0
    ends_at: datetime | None = None
    may_ask: bool = True
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingView:
    """One line of the register."""

    what: str
    data: str
    why: str
    who: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterView:
    """What the association does with personal data."""

    template: ClassVar[str] = "privacy_register.html"
    association: str
    contact_email: str | None
    rows: tuple[ProcessingView, ...] = ()
    has_policy: bool = False
