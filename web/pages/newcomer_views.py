# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of newcomers are made of: what they see while they wait, and what members say of them.

sign_up_standing.html  SignUpStandingView  GET and POST /sign-up/answer/<token>; below it claim, classmates, delete
newcomers.html         NewcomersView       GET /people/newcomers
vouch.html             VouchFormView       GET and POST /people/newcomers/<code>
verification.html      VerificationView    GET and POST /staff/people/<id>/verification
welcome.html           WelcomeView         GET and POST /welcome: listed_to, mode, sure, tell
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView, VouchView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpStandingView:
    """How far a sign-up is, for the one who signed up. `state` is a word of `node.roster.State`.

    `said` is what they were asked, or why they were refused; `may_answer` and `may_appeal` that they can write now.
    `may_claim`: they have not said who they were at school. `vouching`: others may vouch for them, by `link`.
    """

    template: ClassVar[str] = "sign_up_standing.html"
    name: str
    action: str
    state: str
    said: str = ""
    answer: str = ""
    may_answer: bool = False
    may_appeal: bool = False
    may_claim: bool = False
    may_delete: bool = False
    vouching: bool = False
    link: str = ""
    to_classmates: bool = False
    vouches: tuple[VouchView, ...] = ()
    words: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """A newcomer as classmates see them."""

    name: str
    class_year: int | None
    path: str
    vouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomersView:
    """Those of the member's class who wait and would like others to vouch for them."""

    template: ClassVar[str] = "newcomers.html"
    people: tuple[WaitingView, ...]
    class_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchFormView:
    """Vouching for somebody; `ways` are words and message ids."""

    template: ClassVar[str] = "vouch.html"
    newcomer: WaitingView
    ways: tuple[tuple[str, str], ...]
    how_known: str = ""
    text: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchedView:
    """Somebody for whom a member vouched; `hidden`: they are not let in."""

    person: PersonView
    when: datetime
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationView:
    """How a member came in; `state` and `how` are message ids."""

    template: ClassVar[str] = "verification.html"
    person: PersonView
    state: str
    how: str
    since: datetime
    by: PersonView | None = None
    said: str = ""
    vouches: tuple[VouchView, ...] = ()
    vouched_for: tuple[VouchedView, ...] = ()
    may_revoke: bool = False
    may_give_roles: bool = False
    reason: str = ""
    class_year: str = ""
    school: str = ""
    schools: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeView:
    """What a new member is asked. The choices are words, and message ids of their names and of what they mean.
    `may_tell`: they have just come, and have a class that could be told."""

    template: ClassVar[str] = "welcome.html"
    name: str
    listings: tuple[tuple[str, str, str], ...]
    modes: tuple[tuple[str, str, str], ...]
    listed_to: str = ""
    mode: str = ""
    may_tell: bool = False
    tell: bool = False
    faults: tuple[Fault, ...] = ()
