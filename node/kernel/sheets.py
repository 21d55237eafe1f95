# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables for a spreadsheet, as the staff takes them along. Pure.

UTF-8 with its mark, without which spreadsheets read the accents wrongly, and semicolons. No cell begins as a formula does: a
spreadsheet would work out what somebody wrote as their name (CWE-1236).
"""

import csv
import io
from collections.abc import Iterable

from node.kernel.text import plain_cell


def sheet(head: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The file. Without a `head`, the rows alone."""
    file = io.StringIO()
    table = csv.writer(file, delimiter=";", lineterminator="\r\n")
    if names := list(head):
        table.writerow(names)
    table.writerows([plain_cell(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()
