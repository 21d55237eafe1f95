# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says of contacts where every app shows it, in the reader's language."""

from sqlalchemy import Connection

from node import members
from node.actors import Actor
from node.contacts.actions import ContactAsked, ContactMade
from node.kernel.i18n import Translator, translator


def asked(conn: Connection, happening: ContactAsked) -> str:
    """To somebody who is asked, with what the other wrote."""
    _ = _of(conn, happening.asked).gettext
    said = _("%(person)s would like to be a contact of yours.") % {"person": _called(happening.asker)}
    return f"{said}\n\n{happening.message}" if happening.message else said


def accepted(conn: Connection, happening: ContactMade) -> str:
    """To the one who asked."""
    _ = _of(conn, happening.asker).gettext
    return _("%(person)s is a contact of yours now") % {"person": _called(happening.accepted_by)}


def _called(person: Actor) -> str:
    return f"{person.name} (@{person.username})"


def _of(conn: Connection, reader: Actor) -> Translator:
    return translator(members.locale_of(conn, reader.id) or "en")
