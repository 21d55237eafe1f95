# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of the association's emoji are made of.

emojis.html         EmojisView        GET /staff/emojis; POST /staff/emojis: shortcode, image (file), category, hidden,
                                      replace; POST /staff/emojis/<id>: category, offered; /staff/emojis/<id>/on, off
                                      and remove
emoji_words.html    EmojiWordsView    GET /emojis
"""

from dataclasses import dataclass
from typing import ClassVar

from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiView:
    """An emoji as those who look after it see it; `url` is its picture, also if it is off."""

    id: int
    shortcode: str
    url: str
    category: str = ""
    offered: bool = True
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojisView:
    """All emoji by category, (category, emoji), and the form of a new one, with what was typed if it is shown again."""

    template: ClassVar[str] = "emojis.html"
    groups: tuple[tuple[str, tuple[EmojiView, ...]], ...] = ()
    shortcode: str = ""
    category: str = ""
    hidden: bool = False
    replace: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiWordsView:
    """The emoji that members may choose among, by category: for those who write here and not in an app."""

    template: ClassVar[str] = "emoji_words.html"
    groups: tuple[tuple[str, tuple[EmojiView, ...]], ...] = ()
