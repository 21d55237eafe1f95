# SPDX-License-Identifier: AGPL-3.0-or-later
"""Emoji among the tags: whose names and addresses are taken, and how many."""

from typing import Any

import pytest

from activitypub import emojis
from activitypub.emojis import MAX_EMOJIS, Emoji


def a_tag(name: object = ":cap:", **more: Any) -> dict[str, Any]:
    icon = {"type": "Image", "mediaType": "image/png", "url": "https://peer.example/cap.png"}
    return {"type": "Emoji", "id": None, "name": name, "icon": icon, **more}


def test_an_emoji_is_a_word_and_a_picture() -> None:
    assert emojis.read({"tag": a_tag()}) == (Emoji("cap", "https://peer.example/cap.png"),)


def test_colons_may_be_missing() -> None:
    assert emojis.read({"tag": [a_tag("cap")]})[0].shortcode == "cap"


@pytest.mark.parametrize(
    "name",
    [":a:", ":" + "x" * 41 + ":", ":<b>:", ':cap" onerror="x:', ":ca p:", ":câp:", "", None, 7, ":cap:\n:hat:"],
)
def test_a_word_that_is_none_is_left_out(name: object) -> None:
    assert emojis.read({"tag": [a_tag(name)]}) == ()


@pytest.mark.parametrize("icon", [None, {}, {"url": "javascript:alert(1)"}, {"url": "https://x.example/" + "a" * 2048}])
def test_an_emoji_without_a_picture_is_left_out(icon: object) -> None:
    assert emojis.read({"tag": [a_tag(icon=icon)]}) == ()


def test_of_two_of_one_name_the_first_counts_and_of_very_many_the_first_hundred() -> None:
    other = {"url": "https://peer.example/other.png"}

    assert emojis.read({"tag": [a_tag(), a_tag(icon=other)]}) == (Emoji("cap", "https://peer.example/cap.png"),)
    assert len(emojis.read({"tag": [a_tag(f":e{number}:") for number in range(10 * MAX_EMOJIS)]})) == MAX_EMOJIS


def test_other_tags_are_no_emoji() -> None:
    assert emojis.read({"tag": [a_tag(type="Hashtag"), "Emoji", None]}) == ()
