# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is read of a page's head, whatever the page looks like."""

import time
from datetime import UTC, datetime

import pytest

from node.previews import pages
from node.previews.pages import PageFacts

URL = "https://press.example/2026/quay"


def read(head: str, content_type: str = "text/html; charset=utf-8") -> PageFacts:
    return pages.read(head.encode(), content_type, URL)


def test_opengraph_says_what_a_page_is() -> None:
    facts = read(
        """<!doctype html><html lang="fr-FR"><head><title>Le Quai | Presse</title>
        <meta property="og:title" content="Le &amp; quai"><meta property='og:description' content='Un   port.'>
        <meta property=og:site_name content=Presse>
        <meta content="/pictures/quay.jpg" property="og:image"><meta property="og:image:alt" content="A quay">
        <meta name="author" content="Mia Kay"><meta property="article:author" content="https://press.example/mia">
        <meta property="article:published_time" content="2026-03-01T10:00:00+01:00">
        <meta name="fediverse:creator" content="@mia@social.example">
        <link rel="alternate" type="application/json+oembed" href="/oembed?url=x&amp;format=json"></head>"""
    )

    assert facts == PageFacts(
        title="Le & quai",
        description="Un port.",
        provider="Presse",
        author_name="Mia Kay",
        author_url="https://press.example/mia",
        picture="https://press.example/pictures/quay.jpg",
        picture_description="A quay",
        language="fr",
        published_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        creator="@mia@social.example",
        oembed="https://press.example/oembed?url=x&format=json",
    )


def test_a_plain_page_has_a_title_and_a_description() -> None:
    facts = read('<html><head><title>\n The quay </title><META NAME="Description" CONTENT="Of stone."></head>')

    assert (facts.title, facts.description, facts.picture) == ("The quay", "Of stone.", "")


def test_twitters_names_stand_in() -> None:
    facts = read(
        '<meta name="twitter:title" content="Quay"><meta name="twitter:image" content="https://cdn.example/q.png">'
    )

    assert (facts.title, facts.picture) == ("Quay", "https://cdn.example/q.png")


@pytest.mark.parametrize(
    "page",
    [
        '<head></head><body><meta property="og:title" content="False"><title>False</title>',
        '<title>True</title><body><meta property="og:title" content="False">',
        '<title>True</title><script>"<meta property=og:title content=False>"</script>',
        '<title>True</title><!-- <meta property="og:title" content="False"> -->',
        '<title>True</title><noscript><meta property="og:title" content="False"></noscript>',
        "<title>True</title><svg><title>False</title></svg>",
    ],
)
def test_only_the_head_is_read(page: str) -> None:
    assert read(page).title in ("", "True")


def test_nothing_of_it_is_markup_or_turns_the_direction_of_writing() -> None:
    facts = read(
        '<meta property="og:title" content="a\u202eb\u0000\n<b>c"><meta property="og:image" content="javascript:x">'
    )

    assert (facts.title, facts.picture) == ("ab <b>c", "")


def test_long_texts_are_cut() -> None:
    facts = read(f'<title>{"x" * 5000}</title><meta name="description" content="{"y" * 3000}">')

    assert (len(facts.title), len(facts.description)) == (pages.MAX_TITLE, pages.MAX_DESCRIPTION)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Café</title>".encode(), "text/html"),
        ("<title>Café</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        (b'<meta charset="windows-1252">' + "<title>Café</title>".encode("cp1252"), "text/html"),
        ("<title>Café</title>".encode("cp1252"), "text/html"),
        ("\ufeff<title>Café</title>".encode("utf-16-le"), "text/html; charset=utf-8"),
        ("<title>Café</title>".encode("shift_jis", "xmlcharrefreplace"), "text/html; charset=Shift_JIS"),
        ("<title>Café</title>".encode(), "text/html; charset=punycode"),
        ("<title>Café</title>".encode(), "text/html; charset=zip"),
        ("<title>Café</title>é".encode()[:-1], "text/html"),
    ],
)
def test_letters_are_read_in_the_charset_that_is_said(body: bytes, content_type: str) -> None:
    assert pages.read(body, content_type, URL).title == "Café"


def test_bytes_that_are_nothing_are_no_fault() -> None:
    assert pages.read(bytes(range(256)) * 40, "text/html", URL).title == ""


@pytest.mark.parametrize("moment", ["yesterday", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_is_none_is_left_out(moment: str) -> None:
    assert read(f'<meta property="article:published_time" content="{moment}">').published_at is None


@pytest.mark.parametrize(
    "piece",
    ["<meta ", "<!--", "<a ", "<meta x='", '<meta x="', "<script>", "</script", "<title>", "&", "<", "a ", "&#1", "="],
)
def test_the_time_grows_with_the_page_and_no_faster(piece: str) -> None:
    body = ("<meta " + piece * (1_000_000 // len(piece))).encode()

    began = time.process_time()
    pages.read(body, "text/html", URL)

    # Linear reading takes a tenth of a second; what is quadratic would take minutes.
    assert time.process_time() - began < 5


def test_oembed_fills_up_what_a_page_leaves_out_and_embeds_nothing() -> None:
    answer = {
        "title": "Film",
        "author_name": "Mia",
        "author_url": "/mia",
        "provider_name": "Films",
        "thumbnail_url": "https://cdn.example/f.jpg",
        "html": "<iframe src=x>",
        "width": "nonsense",
    }

    facts = pages.with_oembed(PageFacts(title="Mine"), answer, URL)

    assert facts == PageFacts(
        title="Mine",
        author_name="Mia",
        author_url="https://press.example/mia",
        provider="Films",
        picture="https://cdn.example/f.jpg",
    )
    assert pages.with_oembed(PageFacts(), {"title": 7, "thumbnail_url": ["x"]}, URL) == PageFacts()
