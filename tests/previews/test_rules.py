# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which link of a post has a card, and when a page is asked again."""

from datetime import timedelta

import pytest

from node.kernel import html
from node.kernel.site import Site
from node.previews import rules
from node.previews.rules import State

SITE = Site(base_url="https://social.harbour.example", domain="harbour.example")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<p>See <a href="https://press.example/a?b=1&amp;c=2#d">this</a></p>', "https://press.example/a?b=1&c=2#d"),
        ('<a href="https://one.example/">1</a> <a href="https://two.example/">2</a>', "https://one.example/"),
        ('<a class="u-url mention" href="https://far.example/@mia">@mia</a>', None),
        ('<a class="mention hashtag" rel="tag" href="https://far.example/tags/quay">#quay</a>', None),
        ('<a rel="tag" href="https://far.example/t/quay">#quay</a>', None),
        ('<a href="https://social.harbour.example/@ada/1">here</a>', None),
        ('<a href="https://harbour.example/@ada/1">here</a>', None),
        ('<a href="https://Harbour.Example/">here</a>', None),
        ('<a href="mailto:mia@far.example">write</a>', None),
        ('<a href="http://press.example/">plain</a>', None),
        ('<a href="https://[broken/">x</a>', None),
        ('<p class="quote-inline">RE: <a href="https://far.example/@mia/1">x</a></p>', None),
        ('<a href="https://far.example/film.mp4">film</a>', None),
        (f'<a href="https://far.example/{"x" * 2048}">long</a>', None),
        ("<p>No link</p>", None),
    ],
)
def test_the_first_link_to_a_page_elsewhere_is_shown(content: str, expected: str | None) -> None:
    safe = html.sanitise(content)

    assert rules.shown_link(safe, SITE, beside={"https://far.example/film.mp4"}) == expected


def test_our_own_texts_are_read_alike() -> None:
    text = html.render_plain(
        "Hello @mia #quay https://press.example/a", mentions={"mia": ("https://h.example/@mia", "mia")},
        tag_url=SITE.tag_url,
    )  # fmt: skip

    assert rules.shown_link(text, SITE) == "https://press.example/a"


def test_places_of_a_page_are_one_page() -> None:
    assert rules.key("https://press.example/a#b") == rules.key("https://press.example/a")
    assert rules.key("https://press.example/a?b") != rules.key("https://press.example/a")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("press.example", True),
        ("www.press.example", True),
        ("PRESS.example:8080", True),
        ("expresspress.example", False),
        ("press.example.evil.example", False),
    ],
)
def test_a_page_belongs_to_a_domain_or_to_none(host: str, expected: bool) -> None:
    assert rules.is_of(host, ("press.example",)) is expected
    assert not rules.is_of(host, ())


def test_what_may_be_down_is_tried_twice_more_and_then_once_a_day() -> None:
    assert rules.pause(1, retryable=True) == (State.WAITING, timedelta(minutes=10))
    assert rules.pause(2, retryable=True) == (State.WAITING, timedelta(hours=2))
    assert rules.pause(3, retryable=True) == (State.NONE, timedelta(days=1))
    assert rules.pause(1, retryable=False) == (State.NONE, timedelta(days=1))
