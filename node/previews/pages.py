# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a page says of itself in its head: OpenGraph, Twitter's names, plain HTML, and who wrote it (`fediverse:creator`).

The page is from anywhere, so it is read as a stream of tags, in one pass, and only as far as its body begins. Python's own
reader of HTML takes quadratic time for some broken pages (CVE-2025-6069), and a browser's tree of a hostile page can be
many times its size; of a head nothing is needed but the attributes of a few tags.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from node.kernel.text import clean_line

MAX_TITLE: Final = 300
MAX_DESCRIPTION: Final = 500
MAX_NAME: Final = 120
MAX_ADDRESS: Final = 2048
_MAX_TAGS: Final = 2_000
_MAX_TAG: Final = 8_000
_SNIFFED: Final = 1024

# Those that a browser knows. Others of Python's decode what is no text, or take quadratic time (`punycode`).
_CHARSETS: Final = frozenset(
    {
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4",
        "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-13", "iso8859-14",
        "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
        "cp1258", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "gb2312", "gbk", "gb18030", "big5", "big5hkscs",
        "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr", "cp949", "tis-620",
    }
)  # fmt: skip
_CHARSET: Final = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_MARK: Final = re.compile(r"<(?:!--|(/?)([A-Za-z][A-Za-z0-9]{0,19}))")
_ATTRIBUTE: Final = re.compile(
    r"[\s/]*([^\s/>=\"']{1,100})(?:\s{0,99}=\s{0,99}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]{1,2048})))?"
)
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_RAW: Final = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "textarea"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says, tidied and within bounds; addresses are absolute and of the web. Nothing of it is markup."""

    title: str = ""
    description: str = ""
    provider: str = ""
    author_name: str = ""
    author_url: str = ""
    picture: str = ""
    picture_description: str = ""
    language: str | None = None
    published_at: datetime | None = None
    creator: str = ""
    oembed: str = ""


def read(body: bytes, content_type: str, url: str) -> PageFacts:
    """The facts of the page at `url`, of which `body` may be the beginning; all empty if it says nothing."""
    said: dict[str, str] = {}
    for name, attributes, text in _tags(_decoded(body, content_type)):
        match name:
            case "title":
                said.setdefault("title", text)
            case "html" if attributes.get("lang"):
                said.setdefault("lang", attributes["lang"])
            case "meta":
                about = (attributes.get("property") or attributes.get("name") or "").strip().lower()
                if about and attributes.get("content", "").strip():
                    said.setdefault(f"meta {about}", attributes["content"])
            case "link" if "alternate" in attributes.get("rel", "").lower().split():
                if attributes.get("type", "").strip().lower() == "application/json+oembed":
                    said.setdefault("oembed", attributes.get("href", ""))
            case _:
                pass
    return _facts(said, url)


def with_oembed(facts: PageFacts, answer: Mapping[str, object], url: str) -> PageFacts:
    """The same, filled up with what an oEmbed answer says. Its `html`, which is somebody else's, is never used."""

    def text(name: str, most: int) -> str:
        value = answer.get(name)
        return clean_line(value, most) if isinstance(value, str) else ""

    def address(name: str) -> str:
        value = answer.get(name)
        return absolute(value, url) if isinstance(value, str) else ""

    return PageFacts(
        title=facts.title or text("title", MAX_TITLE),
        description=facts.description,
        provider=facts.provider or text("provider_name", MAX_NAME),
        author_name=facts.author_name or text("author_name", MAX_NAME),
        author_url=facts.author_url or address("author_url"),
        picture=facts.picture or address("thumbnail_url"),
        picture_description=facts.picture_description,
        language=facts.language,
        published_at=facts.published_at,
        creator=facts.creator,
        oembed=facts.oembed,
    )


def absolute(address: str, base: str) -> str:
    """The address as a whole one; empty if it is none of the web."""
    address = address.strip()
    if not address or len(address) > MAX_ADDRESS:
        return ""
    try:
        found = urljoin(base, address)
        parts = urlsplit(found)
    except ValueError:
        return ""
    return found if parts.scheme in ("http", "https") and parts.netloc and len(found) <= MAX_ADDRESS else ""


def _facts(said: Mapping[str, str], url: str) -> PageFacts:
    def first(*names: str) -> str:
        return next((said[name] for name in names if said.get(name, "").strip()), "")

    author = first("meta article:author", "meta author")
    written_by = first("meta author", "meta article:author", "meta twitter:creator")
    language = _LANGUAGE.fullmatch(first("lang", "meta og:locale").strip())
    return PageFacts(
        title=clean_line(first("meta og:title", "meta twitter:title", "title"), MAX_TITLE),
        description=clean_line(
            first("meta og:description", "meta twitter:description", "meta description"), MAX_DESCRIPTION
        ),
        provider=clean_line(first("meta og:site_name", "meta application-name"), MAX_NAME),
        author_name="" if _is_address(written_by) else clean_line(written_by, MAX_NAME),
        author_url=absolute(author, url) if _is_address(author) else "",
        picture=absolute(
            first("meta og:image:secure_url", "meta og:image", "meta og:image:url", "meta twitter:image"), url
        ),
        picture_description=clean_line(first("meta og:image:alt", "meta twitter:image:alt"), MAX_DESCRIPTION),
        language=language[0].replace("_", "-").split("-")[0].lower() if language else None,
        published_at=_moment(first("meta article:published_time", "meta og:article:published_time", "meta date")),
        creator=clean_line(first("meta fediverse:creator"), MAX_NAME * 3),
        oembed=absolute(first("oembed"), url),
    )


def _is_address(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://"))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip()[:40])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 1970 <= found.year <= 9000 else None


def _decoded(body: bytes, content_type: str) -> str:
    """The page as text: by its byte order mark, by its header, by what it says at its beginning, or as UTF-8.

    Source: HTML standard, "Determining the character encoding", in short.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    found = _CHARSET.search(content_type) or _CHARSET.search(body[:_SNIFFED].decode("latin-1"))
    charset = _known(found[1]) if found is not None else None
    if charset is not None:
        return body.decode(charset, "replace")
    try:
        # An end in the middle of a letter is no fault: it is where the page was cut.
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    # What says of itself that it is Latin-1 is Windows' kind of it: so browsers read it.
    found = "cp1252" if found in ("iso8859-1", "ascii") else found
    return found if found in _CHARSETS else None


def _tags(page: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """(name, attributes, text of a title) of the tags up to the body."""
    at = 0
    for _ in range(_MAX_TAGS):
        found = _MARK.search(page, at)
        if found is None:
            return
        name = (found[2] or "").lower()
        if not name:
            at = _after(page, "-->", found.end())
        elif found[1]:
            if name == "head":
                return
            at = found.end()
        elif name == "body":
            return
        else:
            attributes, at = _attributes(page, found.end())
            text = ""
            if name == "title":
                end = page.find("<", at)
                text, at = _text(page[at : end if end >= 0 else len(page)][:_MAX_TAG]), max(end, at)
            elif name in _RAW:
                at = _after(page, f"</{name}", at)
            yield name, attributes, text
        if at < 0:
            return


def _after(page: str, mark: str, at: int) -> int:
    """Where the mark ends, whatever its case; -1 if there is none."""
    found = page.find(mark, at)
    if found < 0 and mark[-1].isalpha():
        found = page.find(mark.upper(), at)
    return found + len(mark) if found >= 0 else -1


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes of the tag whose name ends at `at`, and where what follows begins. A tag too long is cut."""
    attributes: dict[str, str] = {}
    end = min(at + _MAX_TAG, len(page))
    while (found := _ATTRIBUTE.match(page, at, end)) is not None:
        value = found[2] if found[2] is not None else found[3] if found[3] is not None else found[4]
        attributes.setdefault(found[1].lower(), _text(value or ""))
        at = found.end()
    return attributes, at + 1 if page.startswith(">", at) else at


def _text(raw: str) -> str:
    try:
        return unescape(raw)
    except ValueError:  # a number of thousands of digits
        return raw
