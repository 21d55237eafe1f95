# SPDX-License-Identifier: AGPL-3.0-or-later
"""A receipt as a PDF, on one sheet of A4.

The standard fonts of PDF know the letters of Western Europe alone. Where a receipt holds others, a font of the machine
is taken that has them (DejaVu Sans, which Debian brings); where there is none, there is no PDF: a receipt on which a
name is misspelt is worth less than the page, which a browser prints with whatever letters it needs.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS: Final = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/TTF/DejaVuSans.ttf"),
)
_MARGIN: Final = 20
_LABEL: Final = 45


def pdf(document: Mapping[str, Any], issued_on: date, *, duplicate: bool) -> bytes | None:
    """The document as it was issued, or None where no font has its letters. The same bytes each time."""
    # Late: it takes 15 MiB, and most workers never print.
    from fpdf import FPDF

    sheet = FPDF(format="A4")
    family = _font(sheet, _words(document))
    if family is None:
        return None
    sheet.set_creation_date(datetime.combine(issued_on, time(12), UTC))
    sheet.set_title(document["title"])
    sheet.set_lang(document["locale"])
    sheet.set_margin(_MARGIN)
    sheet.add_page()
    sheet.set_font(family, size=11)
    for line in document["issuer"]:
        sheet.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(12)
    sheet.set_font(family, size=18)
    sheet.multi_cell(0, 10, document["title"], new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(family, size=11)
    if duplicate:
        sheet.multi_cell(0, 8, document["duplicate"], new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)
    for label, value in document["rows"]:
        sheet.cell(_LABEL, 8, label)
        sheet.multi_cell(0, 8, value, new_x="LMARGIN", new_y="NEXT")
    if document["foot"]:
        sheet.ln(10)
        sheet.set_font(family, size=9)
        sheet.multi_cell(0, 5, document["foot"], new_x="LMARGIN", new_y="NEXT")
    return bytes(sheet.output())


def name(kind: str, number: str) -> str:
    """What the file of a receipt is called."""
    return f"{kind.replace('_', '-')}-{number}.pdf"


def _font(sheet: "FPDF", words: str) -> str | None:
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        pass
    else:
        sheet.core_fonts_encoding = "cp1252"
        return "helvetica"
    for file in FONTS:
        if file.is_file():
            sheet.add_font("letters", fname=file)
            has = sheet.fonts["letters"].cmap  # type: ignore[union-attr]  # a font that was read from a file has one
            return "letters" if all(ord(sign) in has for sign in words if not sign.isspace()) else None
    return None


def _words(document: Mapping[str, Any]) -> str:
    rows = [word for row in document["rows"] for word in row]
    return "".join([*document["issuer"], document["title"], document["duplicate"], document["foot"], *rows])
