# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the copy of a member's data is made of: each slice that keeps something of theirs adds its part here."""

from typing import Final

from node.digests.copy import chosen_letters
from node.privacy import Part
from node.privacy.parts import PARTS

EXPORTERS: Final[tuple[Part, ...]] = (*PARTS, chosen_letters)
