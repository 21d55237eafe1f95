# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who comes to an event, as a table for the door. Pure."""

from collections.abc import Iterable

from node.actors import Actor
from node.kernel.i18n import translator
from node.kernel.sheets import sheet


def as_csv(people: Iterable[Actor], locale: str) -> bytes:
    """One line for each, in the order of their answers."""
    _ = translator(locale).gettext
    head = (_("Name"), _("Account"), _("School"), _("Class"))
    return sheet(head, ((one.name, one.acct, one.school or "", str(one.class_year or "")) for one in people))
