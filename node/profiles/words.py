# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says of asks where every app shows it, in the reader's language."""

from sqlalchemy import Connection

from node import members
from node.actors import Actor
from node.kernel.i18n import Translator, translator
from node.profiles.actions import AskRemoved, Thanked


def thanked(conn: Connection, reader: Actor, by: Actor, happening: Thanked) -> str:
    """To somebody who helped, with what was sought and how it was found."""
    _ = _of(conn, reader).gettext
    person = f"{by.name} (@{by.username})"
    said = _("%(person)s has found what they sought, and thanks you: %(what)s")
    text = said % {"person": person, "what": happening.text}
    return f"{text}\n\n{happening.story}" if happening.story else text


def removed(conn: Connection, reader: Actor, happening: AskRemoved) -> str:
    """To whoever sought or offered what the staff took away."""
    _ = _of(conn, reader).gettext
    said = _("The staff has taken away what you seek or offer: %(what)s") % {"what": happening.text}
    return f"{said}\n\n{happening.reason}"


def _of(conn: Connection, reader: Actor) -> Translator:
    return translator(members.locale_of(conn, reader.id) or "en")
