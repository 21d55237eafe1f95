# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's own emoji: small pictures that members mean by `:words:` in what they write.

What is written keeps the emoji of its words in its own row, in the form that `shown` gives, so that nothing is looked up
when it is read. A change of an emoji is told upward (`EmojiChanged`), and whoever keeps such rows writes them anew.
"""

from node.emojis.actions import NewEmoji, add, add_or_replace, change, remove, replace_picture
from node.emojis.queries import by_shortcode, by_words, every, find, listed, used_in
from node.emojis.rules import check_keeper, check_shortcode, words_in
from node.emojis.types import CustomEmoji, EmojiChanged, EmojiId, Shown, own, shown, shown_of

__all__ = [
    "CustomEmoji",
    "EmojiChanged",
    "EmojiId",
    "NewEmoji",
    "Shown",
    "add",
    "add_or_replace",
    "by_shortcode",
    "by_words",
    "change",
    "check_keeper",
    "check_shortcode",
    "every",
    "find",
    "listed",
    "own",
    "remove",
    "replace_picture",
    "shown",
    "shown_of",
    "used_in",
    "words_in",
]
