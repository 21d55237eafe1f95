# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sanitiser, the link maker and the renderer of plain text."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.kernel.html import (
    MAX_NESTING,
    MAX_SOURCE,
    Html,
    escape,
    plain_text,
    render_plain,
    sanitise,
    shown_link,
    with_own_hashtags,
)

REL = 'rel="nofollow noopener noreferrer ugc"'

ALLOWED = {
    "p": {"class"},
    "br": set(),
    "span": {"class", "translate"},
    "a": {"href", "class", "rel", "translate"},
    "ol": {"start", "reversed"},
    "li": {"value"},
} | {tag: set() for tag in ("del", "pre", "code", "em", "strong", "b", "i", "u", "ul", "blockquote")}

HOSTILE = {
    "script": "<script>alert(1)</script>x",
    "script never closed": "x<script>alert(1)",
    "script in capitals": "<ScRiPt src=//evil.example></sCrIpT >x",
    "script in a script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "image": "<img src=x onerror=alert(1)>",
    "tracking image": '<img src="https://tracker.example/p.gif">',
    "attached image": '<img src="cid:x">',
    "svg": "<svg onload=alert(1)>",
    "svg style": "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "svg foreign object": "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
    "svg animate": "<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>",
    "math style": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "math annotation": '<math><annotation-xml encoding="text/html"><style></style><img src onerror=alert(1)></math>',
    "math link": '<math href="javascript:alert(1)">x</math>',
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "form": "<form action=https://evil.example><input name=password type=password></form>",
    "button": "<button formaction=javascript:alert(1)>x</button>",
    "select": "<select><style></select><img src=x onerror=alert(1)></style>",
    "tab in a scheme": '<a href="java\tscript:alert(1)">x</a>',
    "line break in a scheme": '<a href="java&#10;script:alert(1)">x</a>',
    "reference in a scheme": '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
    "numbers in a scheme": '<a href="&#x6A;&#97;vascript:alert(1)">x</a>',
    "control before a scheme": '<a href="\u0001javascript:alert(1)">x</a>',
    "data": '<a href="data:text/html,x">x</a>',
    "vbscript": '<a href="vbscript:x">x</a>',
    "without scheme": '<a href="//evil.example">x</a>',
    "backslashes": '<a href="https:\\\\evil.example">x</a>',
    "relative": '<a href="/logout">x</a>',
    "anchor": '<a href="#top">x</a>',
    "empty host": '<a href="https:///x">x</a>',
    "user before a host": '<a href="https://bank.example@evil.example/">x</a>',
    "style attribute": '<p style="position:fixed;inset:0">x</p>',
    "our own classes": '<p class="modal open btn-primary">x</p>',
    "attributes": '<a href="https://x.example" target="_top" onclick=alert(1) id=csrf name=token>x</a>',
    "attribute without space": '<a/href="https://x.example"/onclick="alert(1)">x</a>',
    "attribute twice": '<a href="https://x.example" href="javascript:alert(1)">x</a>',
    "greater in an attribute": '<a title="><img src=x onerror=alert(1)>" href="https://x.example">x</a>',
    "quote in a name": '<p "><img src=x onerror=alert(1)>">x',
    "attribute never closed": '<a href="https://x.example/<img src=x onerror=alert(1)>',
    "template": "<template><script>alert(1)</script></template>",
    "iframe": '<iframe srcdoc="<script>alert(1)</script>">',
    "object": "<object data=x>",
    "embed": "<embed src=x>",
    "base": "<base href=https://evil.example>",
    "refresh": "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "style sheet": "<link rel=stylesheet href=https://evil.example/x.css>",
    "style": "<style>@import url(https://evil.example)</style>x",
    "textarea": "<textarea><script>x</script>",
    "title": "<title>x</title>",
    "xmp": "<xmp><p></xmp>",
    "plaintext": "<plaintext><img src=x onerror=alert(1)>",
    "comment": '<!--<img src="--><img src=x onerror=alert(1)//">',
    "comment ended by a bang": "<!-- --!><img src=x onerror=alert(1)>",
    "empty comment": "<!--><img src=x onerror=alert(1)>",
    "cdata": "<![CDATA[<script>x</script>]]>",
    "processing instruction": "<?xml version='1.0'?><img src=x onerror=alert(1)>",
    "bogus closing tag": "</ <img src=x onerror=alert(1)>>",
    "paragraphs": "<p>" * 3000,
    "bold": "<b>" * 5000,
    "links in links": '<a href="https://a.example">' * 500 + "x",
    "turned text in a link": '<a href="https://a.example/\u202egpj.exe">x</a>',
    "details": "<details open ontoggle=alert(1)>",
    "video": "<video><source onerror=alert(1)>",
    "input": "<input autofocus onfocus=alert(1)>",
    "audio": "<audio src=x>",
    "marquee": "<marquee onstart=alert(1)>x</marquee>",
    "table": "<table><tr><td><img src=x onerror=alert(1)></table>",
    "table with text outside": "<table>a<tr>b<td>c</table>",
    "lists": "<ul><li>a<li>b</ul><li>c",
    "misnested": "<b><p>a</b>b</p><i>c<p>d</i>e",
    "null": "<scr\0ipt>alert(1)</scr\0ipt><p\0>x",
    "isindex": "<isindex action=javascript:alert(1) type=image>",
    "frameset": "<frameset onload=alert(1)><frame src=javascript:alert(1)>",
    "slot": "<slot name=x onslotchange=alert(1)>x</slot>",
    "dialog": "<dialog open id=login><p>Sign in</p></dialog>",
    "popover": "<div popover id=x onbeforetoggle=alert(1)>x</div>",
    "ping": '<a href="https://x.example" ping="https://evil.example">x</a>',
    "download": '<a href="https://x.example" download>x</a>',
    "list start": '<ol start="1 onclick=alert(1)"><li value="x">x</ol>',
    "clobbering": "<a id=documentElement></a><a name=cookie></a>x",
}


class Read(HTMLParser):
    """What a browser would see: tags with attributes, and how deep they lie in each other."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.depth = self.deepest = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_safe(html: Html) -> None:
    read = Read(html)
    assert "<!" not in html
    assert "<?" not in html
    assert read.depth == 0, "every tag is closed"
    assert read.deepest <= MAX_NESTING
    assert len(html) <= MAX_SOURCE
    for tag, attributes in read.tags:
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag]
        assert set((attributes.get("class") or "").split()) <= {
            "mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline",
        }  # fmt: skip
        if tag == "a":
            assert re.fullmatch(r"(https?://[^\s/?#@\\]+.*|mailto:\S+@\S+)", attributes["href"] or "")
            assert (attributes["rel"] or "").endswith("nofollow noopener noreferrer ugc")
    assert sanitise(html) == html, "sanitising twice is sanitising once"


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_that_acts_gets_through(payload: str) -> None:
    assert_safe(sanitise(payload))


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "round_it", ["<p>%s</p>", "<ul><li>%s", "<b>%s", '<a href="https://a.example">%s</a>', "<!-- %s", "<pre>%s"]
)
def test_nothing_that_acts_gets_through_inside_something_else(round_it: str, payload: str) -> None:
    assert_safe(sanitise(round_it % payload))


SOUP = st.lists(
    st.one_of(
        st.sampled_from(sorted(set("".join(HOSTILE.values())))),
        st.sampled_from([f"<{tag}>" for tag in [*ALLOWED, "h1", "h6", "div", "td", "table", "svg", "math", "style"]]),
        st.sampled_from([f"</{tag}>" for tag in [*ALLOWED, "h1", "h6", "div", "td", "table", "svg", "math", "style"]]),
        st.sampled_from(
            [
                '<a href="https://a.example/x">',
                '<a href="https://a.example" class="mention u-url" rel="me">',
                '<span class="invisible">',
                "https://b.example/",
                "b.example",
                "&lt;",
                "&amp;lt;",
                "&nbsp;",
                "&#0;",
                "&#x3c;",
                "&",
                "\n",
                "\n\n",
                " ",
                "x",
                "é",
                "\0",
                "<!--",
                "-->",
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=40,
).map("".join)


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_in_what_goes_out_is_safe_and_stable(soup: str) -> None:
    assert_safe(sanitise(soup))
    assert isinstance(plain_text(soup), str)


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ("<p>Hello <strong>all</strong>, <em>and</em> <b>a</b> <i>b</i> <u>c</u> <del>d</del><br>e</p>", None),
        ("<blockquote><p>said</p></blockquote><pre><code>a  b\n  c</code></pre>", None),
        ('<ol start="3" reversed=""><li value="7">x</li><li>y</li></ol><ul><li>z</li></ul>', None),
        ('<p class="quote-inline">RE: x</p>', None),
        ("<h2>Title</h2><p>x</p>", "<p><strong>Title</strong></p><p>x</p>"),
        ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<li>a</li>", "<p>a</p>"),
        ("<s>old</s>", "<del>old</del>"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "<p>a</p><p>b</p>"),
        ("<p></p><p>x</p><b></b>", "<p>x</p>"),
        ("<article>x<img src=y>z</article>", "<p>xz</p>"),
        ("a & b < c > d \"e\"", 'a &amp; b &lt; c &gt; d "e"'),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", None),
        ("<p>a &amp;lt;b&amp;gt; c</p>", None),
        ("<pre>\n\n  x</pre>", "<pre>  x</pre>"),
        ("x &#99999999999; y", "x \ufffd y"),
        ("x &#" + "9" * 5000 + "; y", "x \ufffd y"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_mastodon_shows_is_kept(given_html: str, kept: str | None) -> None:
    assert sanitise(given_html) == (given_html if kept is None else kept)


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ('<a href="https://a.example/x?y=1&amp;z=2">x</a>', f'<a href="https://a.example/x?y=1&amp;z=2" {REL}>x</a>'),
        ('<a href=" HTTPS://A.example/a b ">x</a>', f'<a href="https://A.example/a%20b" {REL}>x</a>'),
        ('<a href="mailto:office@school.example">x</a>', f'<a href="mailto:office@school.example" {REL}>x</a>'),
        ('<a href="https://a.example" rel="me evil" target="_blank">x</a>',
         '<a href="https://a.example" rel="me nofollow noopener noreferrer ugc">x</a>'),
        ('<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>',
         '<a href="https://a.example/tags/x" class="mention hashtag" rel="tag nofollow noopener noreferrer ugc">'
         "#<span>x</span></a>"),
        ('<span class="h-card" translate="no"><a href="https://a.example/@sam" class="u-url mention">'
         "@<span>sam</span></a></span>",
         f'<span class="h-card" translate="no"><a href="https://a.example/@sam" class="u-url mention" {REL}>'
         "@<span>sam</span></a></span>"),
        ("<a>x</a>", "x"),
        ('<a href="https://a.example/' + "x" * 3000 + '">x</a>', "x"),
        ('<a href="gopher://a.example">x</a>', "x"),
    ],
)  # fmt: skip
def test_links_are_absolute_and_marked(given_html: str, kept: str) -> None:
    assert sanitise(given_html) == kept


@pytest.mark.parametrize(
    "shown",
    [
        '<span class="invisible">https://</span>bank.example<span class="invisible">.evil.example</span>',
        "https://bank.example",
        "bank.example",
        "<b>bank.example</b>/login",
        "HTTP://bank.example",
        "&#104;ttps://bank.example",
    ],
)
def test_a_link_that_looks_like_an_address_shows_where_it_leads(shown: str) -> None:
    html = sanitise(f'<a href="https://evil.example">{shown}</a>')

    assert html == (
        f'<a href="https://evil.example" {REL}><span class="invisible">https://</span>evil.example</a>'
    )  # fmt: skip


@pytest.mark.parametrize("shown", ["our page", "@sam", "#tag", "a.example", "see a.example now"])
def test_other_link_texts_stay(shown: str) -> None:
    assert sanitise(f'<a href="https://a.example/x">{shown}</a>') == f'<a href="https://a.example/x" {REL}>{shown}</a>'


def test_text_cannot_be_hidden_by_others() -> None:
    assert sanitise('<span class="invisible h-card">x</span>') == '<span class="h-card">x</span>'


def test_nesting_stops_at_the_bound_and_keeps_the_text() -> None:
    html = sanitise("<blockquote>" * 200 + "deep")

    assert Read(html).deepest == MAX_NESTING
    assert Read(html).text == "deep"


def test_what_is_too_long_is_cut_and_kept_as_text() -> None:
    html = sanitise("<p>one <b>two</b></p>" + "<p>x</p>" * 20_000)

    assert html.startswith("<p>one two</p><p>x</p>")
    assert_safe(html)


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>" * 33_000,
        '<a b="' * 16_000,
        "<" * 100_000,
        "<a " * 33_000,
        "&" * 100_000,
        "&#9" * 33_000,
        "<!--" * 25_000,
        "<script>" * 12_000,
        "<svg></svg>" * 9_000,
        "<style></style " * 6_600,
        "<a " + "=" * 99_000,
        "<a" + " " * 99_000,
        "<p>" + "\n" * 99_000,
        "<ul><li>" * 12_000,
        "<p>" + "".join(f"<b title={n}>" for n in range(3000)) + "<p>x" * 12_000,
        "<a href=https://a.example>" + "a-." * 30_000 + "</a>",
        "<a href=mailto:" + "a@" * 40_000 + ">",
    ],
    ids=lambda value: value[:12],
)
def test_hostile_html_takes_linear_time_and_does_not_grow(hostile: str) -> None:
    started = time.process_time()

    html = sanitise(hostile)

    # 50-150 ms on an idle machine; anything quadratic takes seconds.
    assert time.process_time() - started < 2
    assert_safe(html)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("<p>&lt;b&gt; &amp;amp;</p>", "<b> &amp;"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>x<script>y</script><style>z</style></p>", "x"),
        ('<a><span class="invisible">https://</span>a.example<span class="invisible">/b</span></a>', "https://a.example/b"),
        ("<h1>T</h1>x", "T\n\nx"),
        ("just text", "just text"),
        ("a&nbsp;b", "a b"),
        ("", ""),
    ],
)  # fmt: skip
def test_plain_text_is_what_a_reader_reads(source: str, text: str) -> None:
    assert plain_text(source) == text


MENTIONS = {
    "sam": ("https://lyon.example/@sam", "sam"),
    "ana@turin.example": ("https://turin.example/users/ana?a=1&b", "ana"),
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("x", "<p>x</p>"),
        ("", ""),
        (" \n ", ""),
        ("a\nb\n\nc\n \n\nd", "<p>a<br>b</p><p>c</p><p>d</p>"),
        ("a\r\nb", "<p>a<br>b</p>"),
        ("<b>&amp;\x00", "<p>&lt;b&gt;&amp;amp;</p>"),
        ("@sam", '<p><span class="h-card" translate="no"><a href="https://lyon.example/@sam" class="u-url mention">'
                 "@<span>sam</span></a></span></p>"),
        ("@Ana@Turin.Example!", '<p><span class="h-card" translate="no"><a href="https://turin.example/users/ana?a=1&amp;b" '
                                'class="u-url mention">@<span>ana</span></a></span>!</p>'),
        ("@nobody and sam@lyon.example", "<p>@nobody and sam@lyon.example</p>"),
        ("#Été2026", '<p><a href="https://lyon.example/tags/été2026" class="mention hashtag" rel="tag">'
                     "#<span>Été2026</span></a></p>"),
        ("https://a.example/",
         f'<p><a href="https://a.example/" {REL}><span class="invisible">https://</span>a.example</a></p>'),
        ("(https://a.example/x).",
         f'<p>(<a href="https://a.example/x" {REL}><span class="invisible">https://</span>a.example/x</a>).</p>'),
        ("https://bank.example@evil.example/", "<p>https://bank.example@evil.example/</p>"),
        ("javascript:alert(1) //evil.example", "<p>javascript:alert(1) //evil.example</p>"),
    ],
)  # fmt: skip
def test_plain_text_becomes_what_apps_expect(text: str, html: str) -> None:
    assert render_plain(text, mentions=MENTIONS, tag_url=lambda tag: f"https://lyon.example/tags/{tag}") == html


def test_without_addresses_mentions_and_hashtags_stay_text() -> None:
    assert render_plain("@sam #x") == "<p>@sam #x</p>"


def test_a_long_link_hides_its_end_but_never_its_host() -> None:
    host = "a-very-long-name-of-a-school.alumni.example"

    assert shown_link("https://a.example/" + "x" * 40) == (
        '<span class="invisible">https://</span><span class="ellipsis">a.example/' + "x" * 20
        + '</span><span class="invisible">' + "x" * 20 + "</span>"
    )  # fmt: skip
    assert f'<span class="ellipsis">{host}</span>' in shown_link(f"https://{host}/login")
    assert plain_text(shown_link(f"https://{host}/login")) == f"https://{host}/login"


@given(st.text(max_size=200) | SOUP)
@settings(max_examples=150, deadline=None)
def test_rendered_text_reads_as_it_was_written(text: str) -> None:
    html = render_plain(text, mentions=MENTIONS, tag_url=lambda tag: f"https://lyon.example/{len(tag)}")

    assert_safe(sanitise(html))
    assert "".join(plain_text(html).split()) == "".join(plain_text(sanitise(html)).split())


def test_only_this_module_s_type_is_printed_unescaped() -> None:
    assert isinstance(sanitise("<b>x</b>"), Html)
    assert sanitise("<b>x</b>").__html__() == "<b>x</b>"
    assert escape('<b> & "') == '&lt;b&gt; &amp; "'
    assert not hasattr(plain_text("x"), "__html__")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://far.example/tags/Harbour" class="mention hashtag" rel="tag">#<span>Harbour</span></a>',
        '<a href="https://far.example/tag/harbour" rel="tag">#Harbour</a>',
        '#<a href="https://far.example/search?tag=Harbour">Harbour</a>',
    ],
)
def test_the_hashtags_of_others_lead_to_our_pages_of_them(link: str) -> None:
    other = '<a href="https://far.example/">#1 in ships</a> <a href="https://far.example/Harbour">Harbour</a>'
    ours = '<a href="/tags/harbour" class="mention hashtag" rel="tag">#<span>Harbour</span></a>'

    shown = with_own_hashtags(Html(f"<p>{link} {other}</p>"), ["harbour"], lambda tag: f"/tags/{tag}")

    assert shown == f"<p>{ours} {other}</p>"
    assert with_own_hashtags(shown, [], lambda _tag: "/never") == shown
