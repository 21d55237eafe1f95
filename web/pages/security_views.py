# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages are made of on which one proves who one is.

    second_step.html     SecondStepView     POST /login/code: code; /login/code/passkey: credential
    prove.html           ProveView          POST /settings/prove: password, next; /settings/prove/passkey: credential, next
    security.html        SecurityView       GET /settings/security; POST .../begin, on: code, off, codes;
                                            .../passkeys/<id>/rename: name, and remove
    codes.html           CodesView          after /settings/security/on and codes
    passkey.html         PasskeyView        POST /login/passkey: credential, next
    passkey_new.html     NewPasskeyView     POST /settings/security/passkeys: credential, name

`options` and `passkey` are what the browser needs, as JSON; the script `passkey.js` hands it over and fills in `credential`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from node.kernel.html import Html
from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """One passkey in a member's list."""

    id: int
    name: str
    since: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStepView:
    """The second form of the login: a code of the app or a recovery code, or a passkey (then `passkey` has what the
    browser needs, as JSON).
    """

    template: ClassVar[str] = "second_step.html"
    has_app: bool = True
    passkey: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveView:
    """The password once more, before something that matters; or a passkey, of those who have one."""

    template: ClassVar[str] = "prove.html"
    next: str = ""
    passkey: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesView:
    """Recovery codes, the only time that they are shown."""

    template: ClassVar[str] = "codes.html"
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityView:
    """The second step at login. The app is on, being set up (then `secret` and `picture` are there), or off."""

    template: ClassVar[str] = "security.html"
    is_on: bool = False
    secret: str = ""
    picture: Html | None = None
    passkeys: tuple[PasskeyRow, ...] = ()
    codes_left: int = 0
    email: str = ""
    has_mail: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """Logging in by a passkey. The browser is asked at once, but not again after an answer that was refused."""

    template: ClassVar[str] = "passkey.html"
    options: str
    next: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskeyView:
    """Making a passkey, and what it is called."""

    template: ClassVar[str] = "passkey_new.html"
    options: str
    name: str = ""
    faults: tuple[Fault, ...] = ()
