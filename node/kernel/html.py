# SPDX-License-Identifier: AGPL-3.0-or-later
"""The only place where HTML is made safe or made at all: the sanitiser, the link maker, the renderer of plain text.

Templates print `Html` as it is and escape everything else, so a string may become `Html` only here. HTML from outside
passes two walls. The first, ours, reads it as a stream of tags in linear time and writes a balanced document of the tags
in `_KEPT` and no others, at most `MAX_NESTING` deep. The second, nh3, parses that as a browser would and applies the same
allow-list again. The first keeps hostile nesting from growing (a parser that repairs unclosed `<b>` in every following
paragraph turns 100 KB into hundreds of megabytes), the second covers what the first misreads. What both agree on is the
result; if they do not agree after a few rounds, the text is kept and the markup is not. So sanitising twice is sanitising
once.

What is kept is Mastodon's list since 4.2. `invisible` and `ellipsis`, which hide text, are written by `shown_link` alone:
a link whose text is itself an address always shows the address it leads to.
"""

import html as entities
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import nh3

from node.kernel.text import Kind, Piece, fold_hashtag, pieces

MAX_SOURCE = 100_000
"""Characters of HTML read; what is longer is cut and kept as plain text."""
MAX_NESTING = 64
MAX_LINK = 2048
SHOWN_LINK = 30
"""Characters of a link that are shown, if the host is not longer."""

_MARKUP = re.compile(r'(<[^>"]*(?:"[^"]*"[^>"]*)*>)')
# In what is sanitised, where every link is closed and holds no other.
_LINK = re.compile(r'([#\uff03]?)<a href="[^"]*"[^>]*>((?:[^<]|</?span[^>]*>)*)</a>')
_SPAN = re.compile(r"</?span[^>]*>")
_SHORTCODE = re.compile(r":([A-Za-z0-9_]{2,40}):")
_LINK_REL = "nofollow noopener noreferrer ugc"

_BLOCKS = {"p", "pre", "blockquote", "ul", "ol", "li"}
_KEPT = _BLOCKS | {"br", "span", "a", "del", "code", "em", "strong", "b", "i", "u"}
_PARAGRAPH_LIKE = {
    "address",
    "article",
    "aside",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "header",
    "hgroup",
    "legend",
    "main",
    "nav",
    "section",
    "summary",
    "table",
    "tbody",
    "thead",
    "tfoot",
    "tr",
}
_RENAMED = {"s": "del", "strike": "del", "center": "p"} | dict.fromkeys(_PARAGRAPH_LIKE, "p")
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_DROPPED = {
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "template",
    "svg",
    "math",
    "object",
    "select",
    "head",
}
_CLASSES = {
    "a": {"mention", "hashtag", "u-url"},
    "span": {"h-card", "invisible", "ellipsis"},
    "p": {"quote-inline"},
}
_HIDING = {"invisible", "ellipsis"}

_WALL = nh3.Cleaner(
    tags=_KEPT,
    clean_content_tags=_DROPPED,
    attributes={
        "a": {"href", "rel", "translate"},
        "span": {"translate"},
        "ol": {"start", "reversed"},
        "li": {"value"},
    },
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)

_TAG_NAME = re.compile(r"</?([A-Za-z][^\s/>\x00]*)")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=\x00][^\s/>=\x00]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")
_UNCLOSED_VALUE = re.compile(r"\s*=\s*[\"']")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{7,});?")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_WEB_ADDRESS = re.compile(r"(https?)://([^\s/?#@\\]+)(.*)", re.IGNORECASE | re.DOTALL)
_MAIL_ADDRESS = re.compile(r"mailto:[^\s@<>\"]+@[^\s@<>\"]+", re.IGNORECASE)
_NOT_IN_LINK = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BARE_HOST = re.compile(r"((?:[\w-]+\.)+[a-z]{2,})(?::[0-9]+)?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")


class Html(str):
    """HTML that is safe to print in a page. Made in this module only; `__html__` is what the templates look for."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


EMPTY: Final = Html("")


def sanitise(source: str) -> Html:
    """The safe part of HTML from outside, never longer than `MAX_SOURCE`; the same again when given its own result."""
    if len(source) > MAX_SOURCE:
        return _without_markup(source)
    before = _rewritten(source)
    for _ in range(4):
        after = _WALL.clean(before)
        if after == before:
            return Html(after) if len(after) <= MAX_SOURCE else _without_markup(source)
        before = _rewritten(after)
    return _without_markup(source)


def plain_text(source: str) -> str:
    """What a reader of the HTML reads: blank lines between paragraphs, line breaks kept, no markup, nothing escaped."""
    out: list[str] = []
    for token in _tokens(source[:MAX_SOURCE]):
        if isinstance(token, str):
            out.append(token)
        elif token.name == "br":
            out.append("\n")
        elif token.name == "li":
            out.append("\n" if token.opens else "")
        elif token.name in _BLOCKS or token.name in _HEADINGS:
            out.append("\n\n")
    text = "".join(out).replace("\xa0", " ")
    return _BLANK_LINES.sub("\n\n", text).strip()


def render_plain(
    text: str,
    *,
    mentions: Mapping[str, tuple[str, str]] | None = None,
    tag_url: Callable[[str], str] | None = None,
) -> Html:
    """Plain text as a post's HTML: paragraphs at blank lines, `<br>` at single ones, links, mentions, hashtags.

    `mentions` says for a handle in lower case (`sam` or `sam@example.org`) where it leads and the name that is shown
    after the `@`; a handle that is not in it stays text. The address is written byte for byte, because apps find the
    account by it. `tag_url` is given the hashtag folded; without it hashtags stay text.
    Source: Mastodon's client behaviour; a bare word `x` is exactly `<p>x</p>`.
    """

    def rendered(piece: Piece) -> str:
        match piece.kind:
            case Kind.LINK:
                return link(piece.text)
            case Kind.MENTION if piece.handle and mentions and piece.handle.key in mentions:
                return mention(*mentions[piece.handle.key])
            case Kind.HASHTAG if piece.tag and tag_url:
                return hashtag(piece.tag, tag_url)
        return _escaped(piece.text)

    return _paragraphs(text, rendered)


def mention(url: str, name: str) -> Html:
    """The link to an account, in the form by which apps know a mention; `name` is shown after the `@`."""
    return Html(
        f'<span class="h-card" translate="no"><a href="{_escaped(url, quoted=True)}" class="u-url mention">'
        f"@<span>{_escaped(name.removeprefix('@'))}</span></a></span>"
    )


def hashtag(tag: str, tag_url: Callable[[str], str]) -> Html:
    """The link to a hashtag, in the form by which apps know one: the `#` stands inside the link."""
    url = _escaped(tag_url(fold_hashtag(tag)), quoted=True)
    return Html(f'<a href="{url}" class="mention hashtag" rel="tag">#<span>{_escaped(tag)}</span></a>')


def with_own_hashtags(content: Html, tags: Iterable[str], tag_url: Callable[[str], str]) -> Html:
    """`content` with the links of these hashtags leading to our pages of them, in the form by which apps know one.

    Other networks link to their own pages, and some write the `#` before the link.
    """
    known = {fold_hashtag(tag) for tag in tags}
    if not known or "<a " not in content:
        return content

    def ours(found: re.Match[str]) -> str:
        text = found[1] + entities.unescape(_SPAN.sub("", found[2])).strip()
        if text[:1] not in ("#", "\uff03") or fold_hashtag(text) not in known:
            return found[0]
        return hashtag(text[1:], tag_url)

    return Html(_LINK.sub(ours, content))


def shown_link(url: str) -> Html:
    """The text of a link to `url`: scheme and end are hidden from the eye, the host never is."""
    found = _WEB_ADDRESS.fullmatch(url)
    if found is None:
        return Html(_escaped(url.removeprefix("mailto:")))
    scheme = f'<span class="invisible">{url[: found.start(2)]}</span>'
    host, rest = found[2], found[3].removesuffix("/") if found[3] == "/" else found[3]
    if len(host) + len(rest) <= SHOWN_LINK:
        return Html(scheme + _escaped(host + rest))
    cut = max(SHOWN_LINK - len(host), 0)
    hidden = f'<span class="invisible">{_escaped(rest[cut:])}</span>' if rest[cut:] else ""
    return Html(f'{scheme}<span class="ellipsis">{_escaped(host + rest[:cut])}</span>{hidden}')


def escape(text: str) -> Html:
    """Plain text as HTML that shows just that text."""
    return Html(_escaped(text))


def link(url: str) -> Html:
    """A link to a web or mail address, with its host in sight; anything else comes back as text."""
    href = _address(url)
    if href is None:
        return Html(_escaped(url))
    return Html(f'<a href="{_escaped(href, quoted=True)}" rel="{_LINK_REL}">{shown_link(href)}</a>')


def with_emojis(content: Html, emojis: Mapping[str, str]) -> Html:
    """`content` with a picture for each `:word:` in its text that `emojis` has an address for.

    Only text is looked at: an address that holds such a word stays as it is.
    """
    if not emojis or ":" not in content:
        return content

    def picture(found: re.Match[str]) -> str:
        word = found[1]
        url = emojis.get(word)
        if url is None:
            return found[0]
        address = _escaped(url, quoted=True)
        return (
            f'<img class="emoji" src="{address}" alt=":{word}:" title=":{word}:" width="20" height="20" loading="lazy">'
        )

    parts = _MARKUP.split(content)
    parts[::2] = [_SHORTCODE.sub(picture, text) for text in parts[::2]]
    return Html("".join(parts))


def _escaped(text: str, *, quoted: bool = False) -> str:
    """As nh3 writes it, so that its result can be compared with ours."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
    return text.replace('"', "&quot;") if quoted else text


def _paragraphs(text: str, rendered: Callable[[Piece], str] | None = None) -> Html:
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        return EMPTY
    blocks = _BLANK_LINES.split(text)
    return Html("".join(f"<p>{_lines(block, rendered)}</p>" for block in blocks if block.strip()))


def _without_markup(source: str) -> Html:
    text = plain_text(source)
    kept = _paragraphs(text)
    # Escaping makes one character six at the most.
    return kept if len(kept) <= MAX_SOURCE else _paragraphs(text[: MAX_SOURCE // 6])


def _lines(block: str, rendered: Callable[[Piece], str] | None) -> str:
    if rendered is None:
        return _escaped(block.strip()).replace("\n", "<br>")
    # A link or a handle never holds a line break, so the pieces can be joined before the breaks are made.
    return "".join(map(rendered, pieces(block.strip()))).replace("\n", "<br>")


def _address(value: str) -> str | None:
    """`value` if it is an absolute web or mail address that a link may lead to, else None."""
    value = value.strip(" \t\r\n\f").replace(" ", "%20")
    if len(value) > MAX_LINK or _NOT_IN_LINK.search(value):
        return None
    if (web := _WEB_ADDRESS.fullmatch(value)) is not None:
        return f"{web[1].lower()}{value[web.end(1) :]}"
    return f"mailto:{value[7:]}" if _MAIL_ADDRESS.fullmatch(value) else None


# ---- reading


class _Tag:
    """A tag as it stands in the source. `name` is the name it has with us."""

    __slots__ = ("attributes", "name", "opens")

    def __init__(self, name: str, attributes: dict[str, str], *, opens: bool) -> None:
        self.name, self.attributes, self.opens = name, attributes, opens


def _tokens(source: str) -> Iterator[str | _Tag]:
    """The source as text (references resolved) and tags, in one pass. Comments and what is in `_DROPPED` are left out."""
    at = 0
    while at < len(source):
        less = source.find("<", at)
        if less != at:
            yield _text(source[at : less if less >= 0 else len(source)])
        if less < 0:
            return
        found = _TAG_NAME.match(source, less)
        if found is not None:
            name = found[1].lower()
            attributes, at = _attributes(source, found.end())
            opens = source[less + 1] != "/"
            if opens and name in _DROPPED:
                at = _end_of_element(source, name, at)
            elif at <= len(source):
                yield _Tag(_RENAMED.get(name, name), attributes, opens=opens)
        elif source.startswith("<!--", less):
            at = _after(source, "-->", less + 4)
        elif source[less + 1 : less + 2] in ("!", "?", "/"):
            at = _after(source, ">", less + 1)
        else:
            yield "<"
            at = less + 1


def _text(raw: str) -> str:
    # `html.unescape` refuses numbers of more than 4,300 digits with an exception of its own.
    text = entities.unescape(_LONG_REFERENCE.sub("\ufffd", raw)) if "&" in raw else raw
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _attributes(source: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes of the tag whose name ends at `at`, and where the tag ends: beyond the source if it never does."""
    attributes: dict[str, str] = {}
    while (found := _ATTRIBUTE.match(source, at)) is not None:
        at = found.end()
        if found.lastindex == 1 and _UNCLOSED_VALUE.match(source, at):
            return attributes, len(source) + 1
        value = found[found.lastindex or 1] if found.lastindex != 1 else ""
        attributes.setdefault(found[1].lower(), _text(value))
    return attributes, _after(source, ">", at)


def _after(source: str, mark: str, at: int) -> int:
    found = source.find(mark, at)
    return found + len(mark) if found >= 0 else len(source) + 1


def _end_of_element(source: str, name: str, at: int) -> int:
    """Where the element that has just been opened ends; at the end of the source if it is never closed."""
    closing = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE).search(source, min(at, len(source)))
    return _after(source, ">", closing.end()) if closing else len(source) + 1


# ---- writing


class _Writer:
    """Writes a balanced document: every tag that is opened is closed, in the order that asks for no repair."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.open: list[tuple[str, str, int]] = []  # name with us, name in the source, where in `out` it begins

    def text(self, text: str) -> None:
        if self.open and self.open[-1][0] == "pre" and self.open[-1][2] == len(self.out) - 1:
            text = text.lstrip("\n")  # a browser drops the first line break of a <pre>
        if text and (text.strip() or not self._between_items()):
            self.out.append(_escaped(text))

    def tag(self, tag: _Tag) -> None:
        name = tag.name
        if not tag.opens:
            self._close(name)
        elif name == "br":
            self.out.append("<br>")
        elif name in _HEADINGS:
            self._block("p", name, "<p>")
            self._push("strong", name, "<strong>")
        elif name == "li" and not self._in_list():
            self._block("p", "li", "<p>")
        elif name == "a":
            self._close("a")
            if href := _address(tag.attributes.get("href", "")):
                self._push("a", "a", f"<a{_link_attributes(href, tag.attributes)}>")
        elif name in _BLOCKS:
            self._block(name, name, _opening(name, tag.attributes))
        elif name in _KEPT:
            self._push(name, name, _opening(name, tag.attributes))

    def finished(self) -> str:
        self._close_to(0)
        return "".join(self.out)

    def _push(self, name: str, source_name: str, opening: str) -> None:
        if len(self.open) < MAX_NESTING:
            self.open.append((name, source_name, len(self.out)))
            self.out.append(opening)

    def _block(self, name: str, source_name: str, opening: str) -> None:
        """Open a block. It ends an open paragraph, and an item ends the one before it."""
        ended = {"p", "pre", "li"} if name == "li" else {"p", "pre"}
        within = {"ul", "ol"} if name == "li" else {"blockquote", "li"}
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth][0] in within:
                break
            if self.open[depth][0] in ended:
                self._close_to(depth)
        self._push(name, source_name, opening)

    def _close(self, source_name: str) -> None:
        """Close the innermost element that the source called so; a tag that closes nothing is dropped."""
        inline = source_name not in _BLOCKS and source_name not in _HEADINGS
        depth = len(self.open) - 1
        while depth >= 0 and self.open[depth][1] != source_name:
            if inline and self.open[depth][0] in _BLOCKS:
                return
            depth -= 1
        if depth >= 0:
            if source_name in _HEADINGS and depth and self.open[depth - 1][1] == source_name:
                depth -= 1
            self._close_to(depth)

    def _close_to(self, depth: int) -> None:
        while len(self.open) > depth:
            name, _, begin = self.open.pop()
            if name == "a":
                self._show_target(begin)
            if len(self.out) == begin + 1 and name != "a":
                del self.out[begin]  # nothing was written in it
            else:
                self.out.append(f"</{name}>")

    def _show_target(self, begin: int) -> None:
        """Let a link whose text is an address show where it leads."""
        href = entities.unescape(self.out[begin].split('"', 2)[1])
        text = "".join(_text(part) for part in self.out[begin + 1 :] if not part.startswith("<")).strip()
        if _WEB_ADDRESS.match(text):
            address = True
        else:
            host = _BARE_HOST.fullmatch(text)
            leads_to = _WEB_ADDRESS.fullmatch(href)
            address = bool(host and leads_to and host[1].lower() != leads_to[2].lower().split(":")[0])
        if address:
            self.out[begin + 1 :] = [shown_link(href)]

    def _in_list(self) -> bool:
        return any(name in ("ul", "ol") for name, _, _ in self.open)

    def _between_items(self) -> bool:
        return bool(self.open) and self.open[-1][0] in ("ul", "ol")


def _rewritten(source: str) -> str:
    writer = _Writer()
    for token in _tokens(source):
        if isinstance(token, str):
            writer.text(token)
        else:
            writer.tag(token)
    return writer.finished()


def _opening(name: str, attributes: Mapping[str, str]) -> str:
    written = ""
    if name in _CLASSES:
        written += _class_attribute(_CLASSES[name] - _HIDING, attributes)
    if name == "span" and attributes.get("translate") == "no":
        written += ' translate="no"'
    if name == "ol" and _NUMBER.fullmatch(attributes.get("start", "")):
        written += f' start="{attributes["start"]}"'
    if name == "ol" and "reversed" in attributes:
        written += ' reversed=""'
    if name == "li" and _NUMBER.fullmatch(attributes.get("value", "")):
        written += f' value="{attributes["value"]}"'
    return f"<{name}{written}>"


def _link_attributes(href: str, attributes: Mapping[str, str]) -> str:
    rel = " ".join([word for word in ("tag", "me") if word in attributes.get("rel", "").lower().split()] + [_LINK_REL])
    translate = ' translate="no"' if attributes.get("translate") == "no" else ""
    classes = _class_attribute(_CLASSES["a"], attributes)
    return f' href="{_escaped(href, quoted=True)}"{classes} rel="{rel}"{translate}'


def _class_attribute(allowed: set[str], attributes: Mapping[str, str]) -> str:
    kept = [word for word in dict.fromkeys(attributes.get("class", "").split()) if word in allowed]
    return f' class="{" ".join(kept)}"' if kept else ""
