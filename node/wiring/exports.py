# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the copy of a member's data is made of: each slice that keeps something of theirs adds its part here."""

from typing import Final

from node.digests.copy import chosen_letters
from node.kernel.db import Database
from node.members import Member
from node.moderation import wishes
from node.privacy import Archive, Part
from node.privacy.parts import PARTS


async def wishes_of(db: Database, member: Member, archive: Archive) -> None:
    """The file `memorial.json`: what is to become of the account when they have died, if they said so."""
    said = await db.read(wishes.of, member.id)
    if said is not None:
        await archive.json("memorial.json", {"wish": said.wish, "words": said.words})


EXPORTERS: Final[tuple[Part, ...]] = (*PARTS, chosen_letters, wishes_of)
