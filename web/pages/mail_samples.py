# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages about letters."""

from dataclasses import replace
from typing import Final

from web.pages.mail_settings import FREQUENCIES, KINDS
from web.pages.mail_views import MailSettingsView, UnsubscribeView
from web.pages.views import View

_SETTINGS: Final = MailSettingsView(
    address="claire@mail.example",
    kinds=tuple((about.value, words, about.value != "mention") for about, words in KINDS.items()),
    digest="weekly",
    frequencies=tuple((frequency.value, words) for frequency, words in FREQUENCIES.items()),
)

MAIL_SAMPLES: Final[dict[str, View]] = {
    "mail-settings": _SETTINGS,
    "mail-settings-lost": replace(_SETTINGS, lost=True, subject_only=True),
    "mail-settings-without-mail": replace(_SETTINGS, has_mail=False),
    "unsubscribe": UnsubscribeView(key="digest.1.abc", about="The digest: what is new for you"),
    "unsubscribed": UnsubscribeView(key="digest.1.abc", about="The digest: what is new for you", done=True),
}
