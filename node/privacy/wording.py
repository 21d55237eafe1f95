# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an incident concerns, in words, and as a table from which they can be written to. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from node.kernel.i18n import marked, translator
from node.kernel.sheets import sheet
from node.privacy.touched import Touched, Why

WHY: Final[Mapping[Why, str]] = {
    Why.EXPORT: marked("a file held their data"),
    Why.LOOK: marked("their data were looked at"),
    Why.OWNER: marked("it was their own account"),
    Why.MESSAGES: marked("messages between them and the account"),
    Why.CONTACT: marked("they gave the account their contact details"),
    Why.FOLLOWED: marked("followed from there, so that posts for followers went there"),
    Why.WROTE: marked("wrote to somebody there"),
    Why.PROFILE: marked("their profile is shown to partner schools"),
}


def as_csv(found: Iterable[Touched], locale: str) -> bytes:
    """One line for each member."""
    _ = translator(locale).gettext
    head = (_("Username"), _("Name"), _("E-mail"), _("Why"))
    rows = (
        (one.member.actor.username, one.member.actor.name, one.member.email, ", ".join(_(WHY[why]) for why in one.why))
        for one in found
    )
    return sheet(head, rows)
