# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plain text that people write: what in it is a link, a mention or a hashtag, how long it counts, how it is tidied.

One pass (`pieces`) finds all three kinds, so that the `#` of a link is never a hashtag and its `@` never a mention; the
counter here and the renderer in `kernel.html` both stand on it. Everything runs in time linear in the text: the regular
expressions hold no nested repetition, and `clean` cuts runs of combining marks before it normalises, because Unicode
normalisation sorts such a run in quadratic time (100,000 marks: five seconds).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MAX_HASHTAG = 100
LINK_COUNTS = 23
MAX_MARKS = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Combining marks kept on one character: the bound of Unicode's stream-safe format (UAX #15, section 13)."""

_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_START = re.compile(
    r"(?P<link>(?<![\w@#$])https?://)"
    r"|(?P<mention>(?<![\w/=@])@(?=[A-Za-z0-9_]))"
    r"|(?P<hashtag>(?<![\w/=&)#])[#\uff03](?=\w))",
    re.IGNORECASE,
)
_HOST = re.compile(r"[\w.-]+")
_PORT = re.compile(r":[0-9]{1,5}(?![0-9])")
_PATH = re.compile(rf"[/?#][^\s<>\"`\\\x00-\x20\x7f-\x9f\u3000-\u3003\u3008-\u3011\uff08\uff09\uff0c{_INVISIBLE}]*")
_USERNAME = re.compile(r"[A-Za-z0-9_.-]+")
_MENTION_HOST = re.compile(r"@([\w.-]+)(:[0-9]{1,5}(?![0-9]))?")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NOT_SEEN = re.compile(f"[{_INVISIBLE}\u061c\u00ad\u180e\U000e0000-\U000e0fff]")
_TRAILING = ".,:;!?'\u2019\u2026*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_INNER_POINTS = "\u00b7\u30fb"
_KEPT_TEXTS, _KEPT_LENGTH = 32, 5000


class Kind(StrEnum):
    """What a stretch of text is."""

    PLAIN = "plain"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Handle:
    """`@username` or `@username@host`; `host` is None for somebody here, may hold a port, and is in lower case."""

    username: str
    host: str | None = None

    @property
    def key(self) -> str:
        """The handle in lower case and without the leading `@`, for comparing."""
        return self.username.lower() + (f"@{self.host}" if self.host else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text as it was written. `handle` is there for mentions only, `tag` (without `#`) for hashtags only."""

    kind: Kind
    text: str
    handle: Handle | None = None
    tag: str | None = None


def pieces(text: str) -> Sequence[Piece]:
    """The text cut into plain stretches, links, mentions and hashtags; joined again they are the text.

    A post is asked for them five times while it is published, beside others, so the last few texts are kept.
    """
    return _kept_pieces(text) if len(text) <= _KEPT_LENGTH else tuple(_cut(text))


@lru_cache(_KEPT_TEXTS)
def _kept_pieces(text: str) -> Sequence[Piece]:
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[Piece]:
    plain_from = at = 0
    while found := _START.search(text, at):
        piece = _READERS[str(found.lastgroup)](text, found.start())
        if piece is None:
            at = found.end()
            continue
        if found.start() > plain_from:
            yield Piece(Kind.PLAIN, text[plain_from : found.start()])
        yield piece
        plain_from = at = found.start() + len(piece.text)
    if plain_from < len(text):
        yield Piece(Kind.PLAIN, text[plain_from:])


def find_mentions(text: str) -> list[Handle]:
    """Who is mentioned, each once, in order of appearance; `@Sam` and `@sam` are one."""
    handles = {piece.handle.key: piece.handle for piece in reversed(list(pieces(text))) if piece.handle}
    return list(reversed(handles.values()))


def find_hashtags(text: str) -> list[str]:
    """The hashtags as first written, without `#`, each once in order of appearance; see `fold_hashtag` for sameness."""
    tags: dict[str, str] = {}
    for piece in pieces(text):
        if piece.tag:
            tags.setdefault(fold_hashtag(piece.tag), piece.tag)
    return list(tags.values())


def fold_hashtag(tag: str) -> str:
    """The one spelling under which a hashtag is stored and compared, without `#`: NFKC and case-folded."""
    folded = unicodedata.normalize("NFKC", _short_runs(tag.lstrip("#\uff03"))).casefold()
    return unicodedata.normalize("NFKC", folded)


def as_hashtag(written: str) -> str | None:
    """The hashtag that a text is, with or without `#` before it, as written and without `#`; None if it is not one."""
    bare = written.strip().lstrip("#\uff03")
    found = find_hashtags(f"#{bare}")
    return bare if [fold_hashtag(tag) for tag in found] == [fold_hashtag(bare)] else None


def length(text: str) -> int:
    """How many characters a post counts, as Mastodon and the apps count.

    A link counts 23 whatever its length, a mention without its host, and what is seen as one character (letter with
    marks, emoji sequence, flag) once.
    """
    total = 0
    for piece in pieces(text):
        if piece.kind is Kind.LINK:
            total += LINK_COUNTS
        elif piece.handle:
            total += 1 + len(piece.handle.username)
        else:
            total += _seen(piece.text)
    return total


def clean(text: str, limit: int) -> str:
    """`text` in NFC with `\\n` line ends, without control characters, without outer blank space, at most `limit` long."""
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _short_runs(text)).strip()[:limit].rstrip()


def clean_line(text: str, limit: int) -> str:
    """As `clean`, on one line and without characters that cannot be seen or turn the direction of writing.

    For names and titles: such characters make one name look like another, or turn round the text that follows it.
    """
    return clean(" ".join(_NOT_SEEN.sub("", text).split()), limit)


def plain_cell(text: str) -> str:
    """A cell of a table that no spreadsheet takes for a formula: one that could be is led by an apostrophe.

    Source: OWASP, CSV injection (CWE-1236).
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _link(text: str, start: int) -> Piece | None:
    scheme = text.index("://", start) + 3
    found = _HOST.match(text, scheme)
    host = found[0].rstrip(".-") if found else ""
    if found is None or "." not in host:
        return None
    if host != found[0]:
        return Piece(Kind.LINK, text[start : scheme + len(host)])
    port = _PORT.match(text, found.end())
    end = (port or found).end()
    # A name with a user part before it is not made a link: `https://bank.example@evil.example` leads to evil.example.
    if text[end : end + 1] in ("@", ":", "\\"):
        return None
    path = _PATH.match(text, end)
    return Piece(Kind.LINK, text[start:end] + (_without_trailing(path[0]) if path else ""))


def _without_trailing(path: str) -> str:
    """The path without punctuation that belongs to the sentence round it; brackets stay where they come in pairs."""
    surplus = {closing: path.count(closing) - path.count(opening) for closing, opening in _PAIRS.items()}
    end = len(path)
    while end:
        last = path[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return path[:end]


def _mention(text: str, start: int) -> Piece | None:
    name = _USERNAME.match(text, start + 1)
    if name is None:
        return None
    username = name[0].rstrip(".-")
    if username == name[0] and (at := _MENTION_HOST.match(text, name.end())):
        host = at[1].rstrip(".-_")
        port = at[2] if at[2] and host == at[1] else ""
        if host:
            written = f"@{username}@{host}{port}"
            return Piece(Kind.MENTION, written, handle=Handle(username, (host + port).lower()))
    return Piece(Kind.MENTION, f"@{username}", handle=Handle(username))


def _hashtag(text: str, start: int) -> Piece | None:
    end = start + 1
    while end < len(text) and _in_hashtag(text[end]):
        end += 1
    tag = text[start + 1 : end].rstrip(_INNER_POINTS)
    # Of digits alone it is a number ("#1"), not a tag. A tag too long is left as text.
    if len(tag) > MAX_HASHTAG or not any(map(str.isalpha, tag)):
        return Piece(Kind.PLAIN, text[start:end])
    return Piece(Kind.HASHTAG, text[start] + tag, tag=tag)


_READERS = {"link": _link, "mention": _mention, "hashtag": _hashtag}


def _in_hashtag(character: str) -> bool:
    # Marks belong to the word: without them Hindi or Thai tags end at their first vowel sign.
    return character.isalnum() or character in "_\u200c" + _INNER_POINTS or _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _short_runs(text: str) -> str:
    """`text` with at most `MAX_MARKS` combining marks in a row."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        # These three Tibetan vowel signs count as letters until they are decomposed, and then as two marks.
        run = run + 1 if unicodedata.combining(character) or character in "\u0f73\u0f75\u0f81" else 0
        if run <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _seen(text: str) -> int:
    """How many characters a reader sees. Follows the common cases of UAX #29, not its tables for Hangul and Indic."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    total = 0
    joined = flag = False
    for character in text:
        code = ord(character)
        if character == "\u200d":
            joined = True
            continue
        if _is_mark(character) or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
            # Marks, skin tones and tag letters change the character before them.
            total += 0 if total else 1
            continue
        second_half = flag and 0x1F1E6 <= code <= 0x1F1FF
        flag = not second_half and 0x1F1E6 <= code <= 0x1F1FF
        if not joined and not second_half:
            total += 1
        joined = False
    return total
