# SPDX-License-Identifier: AGPL-3.0-or-later
"""The copy of a member's data says which letters they chose."""

import json
import zipfile
from io import BytesIO

from node import digests, mail
from node.digests import Frequency
from node.mail import About
from node.media.store import MediaStore
from node.privacy.archive import Archive
from node.wiring.exports import EXPORTERS
from tests.support.builders import a_member


async def test_it_holds_what_was_chosen(db, tmp_path):
    ana = a_member(db, "ana")
    db.write_now(mail.choose, ana.id, {About.MENTION: True})
    db.write_now(digests.choose, ana, Frequency.DAILY)
    db.write_now(mail.note, ana.email, mail.Refusal.FOR_GOOD)

    held = BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for part in EXPORTERS:
            await part(db, ana, Archive(file, MediaStore(tmp_path)))

    found = json.loads(zipfile.ZipFile(held).read("letters.json"))
    assert (found["digest"], found["says"], found["lettersComeBack"]) == ("daily", "full", True)
    assert (found["wanted"]["mention"], found["wanted"]["follow"]) == (True, False)
