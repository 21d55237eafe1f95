# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about letters are made of.

mail_settings.html  MailSettingsView  GET and POST /settings/mail: digest, subject_only, a tick for each kind;
                                      POST /settings/mail/quiet and /settings/mail/again
unsubscribe.html    UnsubscribeView   GET and POST /unsubscribe/<token>
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettingsView:
    """Which letters the member gets. `kinds` are (field, what the letters are about, wanted)."""

    template: ClassVar[str] = "mail_settings.html"
    address: str
    kinds: tuple[tuple[str, str, bool], ...]
    digest: str
    frequencies: tuple[tuple[str, str], ...]
    subject_only: bool = False
    lost: bool = False
    has_mail: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeView:
    """For whoever holds a letter: no more of its kind. `about` says which."""

    template: ClassVar[str] = "unsubscribe.html"
    key: str
    about: str
    done: bool = False
