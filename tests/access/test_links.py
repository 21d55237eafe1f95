# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links in letters prove that letters arrive."""

from dataclasses import replace

import pytest

from node import access, mail
from node.kernel.db import Database
from tests.support import letters
from tests.support.builders import a_member


@pytest.mark.parametrize("address", ["ana@mail.example", "ana@new.example"])
def test_whoever_uses_a_link_gets_letters_there_again(db: Database, address: str) -> None:
    db.site = replace(db.site, has_mail=True)
    ana = a_member(db, "ana", password_hash="old")
    db.write_now(mail.note, address, mail.Refusal.FOR_GOOD)
    is_new = address != ana.email
    if is_new:
        db.write_now(access.ask_change, ana, address)
    else:
        db.write_now(access.ask_reset, ana.email)
    [(to, letter)] = letters.in_queue(db)
    assert (to, db.read_now(mail.is_lost, db.site, address)) == (address, True)

    token = letter["link"].rpartition("/")[2]
    if is_new:
        db.write_now(access.change_by_link, token)
    else:
        db.write_now(access.reset_by_link, token, "new")

    assert not db.read_now(mail.is_lost, db.site, address)
