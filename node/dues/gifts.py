# SPDX-License-Identifier: AGPL-3.0-or-later
"""Receipts for gifts, by which whoever gives may pay less tax: none is given before an administrator declares so much.

Whether an association may give them is a question of law that no node can answer. So it is off from the start; who
turns it on says by which articles (of the Code général des impôts, in France), on what grounds, and who signs. That
stands on each receipt, as it was declared on that day.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from node.kernel.errors import Invalid, NotAllowed
from node.kernel.i18n import marked
from node.kernel.text import clean, clean_line

DECLARERS: Final = frozenset({"admin"})
ARTICLES: Final = ("200", "238 bis", "978")
"""Of the Code général des impôts: gifts by persons, by companies, and by those who pay the tax on real estate."""
MAX_BASIS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gifts:
    """What the association declares. `basis`: why it may give such receipts; `signer`: who signs them, and as what."""

    declared: bool = False
    articles: tuple[str, ...] = ()
    basis: str = ""
    signer: str = ""


UNDECLARED: Final = Gifts()


def check_declarer(roles: Collection[str]) -> None:
    """Raises NotAllowed for everybody but administrators: who keeps the till does not say what it is for."""
    if DECLARERS.isdisjoint(roles):
        raise NotAllowed


def checked(gifts: Gifts) -> Gifts:
    """The same, tidied. Raises Invalid where something that has to stand on a receipt is not said."""
    said = replace(
        gifts,
        articles=tuple(article for article in ARTICLES if article in gifts.articles),
        basis=clean(gifts.basis, MAX_BASIS),
        signer=clean_line(gifts.signer, 200),
    )
    if said.declared and not said.articles:
        raise Invalid(marked("Please choose by which articles."), field="articles")
    if said.declared and not said.basis:
        raise Invalid(marked("Please say on what grounds."), field="basis")
    if said.declared and not said.signer:
        raise Invalid(marked("Please say who signs."), field="signer")
    return said


def check_address(address: str) -> None:
    """Raises Invalid where there is no address of the one who gives: such a receipt has to name it."""
    if not address.strip():
        raise Invalid(marked("The receipt for a gift names the giver's address. Please write it first."), field="plan")
