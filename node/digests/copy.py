# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the copy of a member's data holds of their letters: which they chose, and whether their address takes them."""

from sqlalchemy import Connection

from node import mail
from node.digests.queries import frequency_of
from node.kernel.db import Database
from node.kernel.site import Site
from node.members import Member
from node.privacy.archive import Archive


async def chosen_letters(db: Database, member: Member, archive: Archive) -> None:
    """The file `letters.json`."""
    await archive.json("letters.json", await db.read(_chosen, db.site, member))


def _chosen(conn: Connection, site: Site, member: Member) -> dict[str, object]:
    chosen = mail.choices_of(conn, member.id)
    return {
        "digest": frequency_of(conn, member.id),
        "says": chosen.content,
        "wanted": {about.value: chosen.wanted.get(about, by_default) for about, by_default in mail.DEFAULTS.items()},
        "lettersComeBack": mail.is_lost(conn, site, member.email),
    }
