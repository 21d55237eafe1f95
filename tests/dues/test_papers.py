# SPDX-License-Identifier: AGPL-3.0-or-later
"""A receipt on paper."""

from datetime import date

from node.dues import papers

DAY = date(2026, 11, 25)
DOCUMENT = {
    "locale": "fr",
    "title": "Reçu de cotisation",
    "issuer": ["Les amis du port", "1 quai"],
    "rows": [["Montant", "30,00\u00a0€"], ["Reçu de", "Éloïse Œuvrard"]],
    "foot": "Ce n’est pas un reçu fiscal.",
    "duplicate": "Duplicata",
}


def test_a_receipt_is_a_pdf_and_always_the_same():
    made = papers.pdf(DOCUMENT, DAY, duplicate=False)
    assert made is not None
    assert made.startswith(b"%PDF-")
    assert made == papers.pdf(DOCUMENT, DAY, duplicate=False)
    assert made != papers.pdf(DOCUMENT, DAY, duplicate=True)


def test_a_name_in_other_letters_is_never_misspelt(monkeypatch, tmp_path):
    other = {**DOCUMENT, "rows": [["Reçu de", "Łukasz Żak"]]}
    monkeypatch.setattr(papers, "FONTS", (tmp_path / "none.ttf",))
    assert papers.pdf(other, DAY, duplicate=False) is None
