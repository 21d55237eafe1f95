# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages hold what they must, whatever is put into them: structure, names, forms that are safe, texts that stay text."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kernel.html import Html
from node.kernel.i18n import Translator, translator
from web import rendering
from web.pages.contact_samples import CONTACT_SAMPLES
from web.pages.cv_samples import CV_SAMPLES
from web.pages.dashboard_samples import DASHBOARD_SAMPLES
from web.pages.death_samples import DEATH_SAMPLES
from web.pages.dues_samples import DUES_SAMPLES
from web.pages.mail_samples import MAIL_SAMPLES
from web.pages.member_samples import MEMBER_SAMPLES
from web.pages.moderation_samples import MODERATION_SAMPLES
from web.pages.newcomer_samples import NEWCOMER_SAMPLES
from web.pages.privacy_samples import PRIVACY_SAMPLES
from web.pages.roster_samples import ROSTER_SAMPLES
from web.pages.samples import CLAIRE, DINNER, EVENTS, NOW, PEOPLE, frame
from web.pages.samples import SAMPLES as OTHER_SAMPLES
from web.pages.school_samples import SCHOOL_SAMPLES
from web.pages.staff_samples import STAFF_SAMPLES
from web.pages.views import Answer, ErrorView, EventPageView, Frame, Place, ProfileView, View

SAMPLES = {
    **OTHER_SAMPLES,
    **MEMBER_SAMPLES,
    **STAFF_SAMPLES,
    **ROSTER_SAMPLES,
    **SCHOOL_SAMPLES,
    **PRIVACY_SAMPLES,
    **CONTACT_SAMPLES,
    **DUES_SAMPLES,
    **CV_SAMPLES,
    **DASHBOARD_SAMPLES,
    **MAIL_SAMPLES,
    **DEATH_SAMPLES,
    **MODERATION_SAMPLES,
    **NEWCOMER_SAMPLES,
}
TEMPLATES = sorted((rendering.FOLDER / "templates").glob("*.html"))
SHARED = {
    "base.html", "parts.html", "icons.html", "passkey_parts.html", "dues_parts.html", "cv_parts.html",
    "erased_parts.html",
}  # fmt: skip
MEMBERS_ONLY = {
    "death_report.html",
    "contact_ask.html", "contact.html", "contact_ways.html", "contact_settings.html",
    "parts_example.html", "event_form.html", "report.html", "filter_post.html", "block_network.html", "mute.html",
    "set_aside.html", "requests.html", "shown.html",
}  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BREAKING = "\"'><img src=x onerror=alert(1)></title></textarea><script>alert(1)</script>{{7*7}}&amp;"
SCRIPT_ADDRESS = "javascript:alert(1)"


class Page(HTMLParser):
    """A page as a list of elements, checked for balance while it is read."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice on {tag}: {attrs}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def shown(view: View, around: Frame | None = None) -> Page:
    return Page(rendering.page(around or frame(), view))


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> View:
    return SAMPLES[request.param]


def test_every_template_has_a_sample():
    assert {path.name for path in TEMPLATES} - SHARED == {view.template for view in SAMPLES.values()}


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("viewer", [CLAIRE, None], ids=["member", "visitor"])
def test_a_page_is_well_formed_and_says_what_it_is(sample, locale, viewer):
    page = shown(sample, frame(locale, viewer=viewer))

    assert page.all("html") == [{"lang": locale}]
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    title = page.words.split(" – ")[0]
    assert title
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_ids_are_not_given_twice(sample):
    if sample.template == "parts_example.html":
        pytest.skip("it shows parts twice on purpose")

    ids = [attributes["id"] for _, attributes in shown(sample).elements if "id" in attributes]

    assert sorted(set(ids)) == sorted(ids)


def test_what_is_referred_to_within_a_page_is_there(sample):
    page = shown(sample)
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}

    wanted = {attributes["href"][1:] for attributes in page.all("a") if attributes.get("href", "").startswith("#")}
    for _, attributes in page.elements:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            wanted |= set(attributes.get(name, "").split())

    assert wanted - ids == set()


def test_everything_that_is_operated_has_a_name(sample):
    page = shown(sample)
    labelled = {attributes["for"] for attributes in page.all("label")}

    nameless = [
        attributes
        for attributes in page.all("input", "select", "textarea")
        if attributes.get("type") != "hidden"
        and attributes.get("id") not in labelled
        and "aria-label" not in attributes
    ]

    assert nameless == []
    assert all("alt" in attributes for attributes in page.all("img"))


def test_a_form_that_changes_something_carries_the_token(sample):
    source = rendering.page(frame(), sample)

    forms = re.findall(r"<form\b[^>]*>.*?</form>", source, flags=re.DOTALL)

    assert all('name="csrf" value="sample"' in form for form in forms if 'method="post"' in form)
    assert all('method="post"' in form or 'method="get"' in form for form in forms)


def test_a_visitor_is_offered_nothing_that_needs_an_account(sample):
    if sample.template in MEMBERS_ONLY:
        pytest.skip("no visitor is shown this page")

    source = rendering.page(frame(viewer=None), sample)
    actions = set(re.findall(r'<form[^>]* action="([^"]*)"', source))

    assert {action for action in actions if re.match(r"/(?:people|posts|requests|events)/\d+/", action)} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_unguarded_place(template: Path):
    source = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)

    assert re.findall(r"\|\s*safe\b", source) == []
    assert "autoescape" not in source
    # Attributes are quoted, so that a value cannot become another attribute.
    outside_quotes = re.sub(r'"[^"]*"', "''", re.sub(r"\{\{.*?\}\}", "@@", re.sub(r"\{%.*?%\}", "", source)))
    assert re.findall(r"=\s*@@", outside_quotes) == []
    assert re.findall(r"<[^>]*\s(?:on\w+|style)\s*=", source) == []
    assert "<style" not in source
    assert "<script>" not in source
    for value in re.findall(r'\b(?:href|src|action|formaction)="([^"]*)"', source):
        # An address is written out up to its first slash and more, or it has gone through `safe_url`.
        assert re.match(r"/\w*|#\w|\{\{[^}]*\|safe_url \}\}|\{% if [^%]*%\}/", value), value


def _filled(value: object, payload: str) -> object:
    """`value` with every text that a person may have typed replaced, however deep it lies."""
    if isinstance(value, (Enum, Html, Translator)):
        return value
    if isinstance(value, str):
        return payload
    if isinstance(value, tuple):
        return tuple(_filled(item, payload) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {item.name: _filled(getattr(value, item.name), payload) for item in fields(value) if item.init}
        return replace(value, **changed)
    return value


@pytest.mark.parametrize("payload", [BREAKING, SCRIPT_ADDRESS, "//evil.example/", "", " "])
def test_what_people_type_stays_text(sample, payload):
    if sample.template == "invite.html" and getattr(sample, "class_year_fixed", False):
        sample = replace(sample, class_year_fixed=False)  # the year is then a number by the domain
    around = _filled(frame(), payload)

    page = shown(_filled(sample, payload), around)

    addresses = [
        attributes[name] for _, attributes in page.elements for name in ("href", "src", "action") if name in attributes
    ]
    assert [url for url in addresses if re.match(r"\s*(?:javascript:|//)", url, re.IGNORECASE)] == []
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []
    assert all(attributes.get("src", "").startswith("/static/") for attributes in page.all("script"))
    assert [attributes for attributes in page.all("img") if attributes.get("src") == "x"] == []
    assert "49" not in page.words or payload != BREAKING


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=c#d",
        "http://a.localhost:8080/",
        "mailto:a@example.org",
        "/events/1",
        "/",
        "/@a@b.example",
        "HTTPS://EXAMPLE.ORG/",
    ],
)
def test_a_link_may_lead_to_the_web_to_mail_and_to_this_node(address):
    assert rendering.safe_url(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "relative",
        "",
        "https:\\\\evil.example",
        "\x85https://x/",
    ],
)
def test_any_other_link_leads_nowhere(address):
    assert rendering.safe_url(address) == "#"


# ---- the look's limits


@given(st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True))
def test_any_accent_can_be_read_on_both_papers_and_under_its_text(accent):
    light, dark = re.findall(r"--accent:(#\w{6});--on-accent:(#\w{6})", rendering.theme(accent))

    assert rendering.contrast(light[0], rendering.PAPER) >= rendering.READABLE
    assert rendering.contrast(*light) >= rendering.READABLE
    assert rendering.contrast(light[0], rendering.SHEET) >= rendering.READABLE
    assert rendering.contrast(dark[0], rendering.DARK_PAPER) >= rendering.READABLE
    assert rendering.contrast(dark[0], rendering.DARK_SHEET) >= rendering.READABLE
    assert rendering.contrast(*dark) >= rendering.READABLE


def test_an_accent_that_can_be_read_is_left_as_it_is():
    assert "--accent:#1f6f54" in rendering.theme("#1f6f54")


@pytest.mark.parametrize("value", ["", "red", "#fff", "#1f6f54;}body{display:none", "#gggggg"])
def test_what_is_no_colour_is_answered_with_the_green_of_the_house(value):
    assert rendering.theme(value) == rendering.theme("#1f6f54")


def test_tokens_can_be_read_on_both_papers():
    css = (rendering.FOLDER / "static" / "app.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", part)) for part in css.split("prefers-color-scheme: dark"))

    assert (light["paper"], light["ink"]) == (rendering.PAPER, rendering.INK)
    assert (light["sheet"], dark["sheet"]) == (rendering.SHEET, rendering.DARK_SHEET)
    assert (dark["paper"], dark["ink"]) == (rendering.DARK_PAPER, rendering.DARK_INK)
    for palette in (light, dark):
        decades = [palette[f"decade-{number}"] for number in range(8)]
        assert len(set(decades)) == 8
        for ground in ("paper", "sheet"):
            for colour in (palette["grey"], palette["alarm"], palette["ink"], *decades):
                assert rendering.contrast(colour, palette[ground]) >= rendering.READABLE
        assert all(rendering.contrast(palette["on-year"], colour) >= rendering.READABLE for colour in decades)
        assert rendering.contrast(palette["on-alarm"], palette["alarm"]) >= rendering.READABLE


def test_colours_are_named_in_one_place():
    css = (rendering.FOLDER / "static" / "app.css").read_text()
    after_tokens = css.split("/* ---- ground */")[1]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl", after_tokens) == []


def test_pages_are_light():
    static = rendering.FOLDER / "static"

    assert len((static / "app.css").read_bytes()) < 30_000
    assert sum(len(file.read_bytes()) for file in static.glob("*.js")) < 20_000
    assert all(len(rendering.page(frame(), view)) < 100_000 for view in SAMPLES.values())


def test_no_page_asks_another_server_for_anything(sample):
    page = shown(sample)
    loaded = [attributes.get("src", "") for attributes in page.all("img", "script", "audio", "video", "source")]
    loaded += [attributes["href"] for attributes in page.all("link")]

    assert [address for address in loaded if not address.startswith("/")] == []


# ---- files


def test_a_file_is_found_under_the_address_that_pages_use():
    assets = rendering.assets("#1f6f54")

    style = assets.find(assets.url("app.css"))

    assert style is not None
    assert style.content_type == "text/css; charset=utf-8"
    assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css", assets.url("app.css"))


@pytest.mark.parametrize("path", ["/static/app.css", "/static/../rendering.py", "/static/", ""])
def test_no_other_file_is(path):
    assert rendering.assets("#1f6f54").find(path) is None


def test_another_accent_has_another_address():
    assert rendering.assets("#1f6f54").url("theme.css") != rendering.assets("#204080").url("theme.css")


# ---- what pages say


def test_a_person_has_a_year_tab_in_the_hue_of_the_decade_and_without_a_year_none():
    tabs = shown(SAMPLES["parts"]).all("span")
    named = [attributes["aria-label"] for attributes in tabs if attributes.get("class", "").startswith("year ")]

    assert {"Class of 1998", "Class of 2019", "Class of 1976"} <= set(named)
    assert {attributes["class"] for attributes in tabs if attributes.get("aria-label") == "Class of 1998"} == {
        "year decade-7"
    }
    assert not [
        attributes
        for attributes in shown(ProfileView(person=PEOPLE[4]), replace(frame(), waiting=())).all("span")
        if attributes.get("class", "").startswith("year ")
    ]


def test_an_event_elsewhere_is_told_on_both_clocks():
    words = shown(SAMPLES["event-elsewhere"]).words

    assert "Thursday 14 January 2027, 17:00" in words
    assert "On your clock: Thursday 14 January 2027, 23:00" in words


def test_an_event_here_is_told_on_one_clock():
    words = shown(SAMPLES["event"]).words

    assert "Friday 11 December 2026, 19:00–22:30" in words
    assert "On your clock" not in words


@pytest.mark.parametrize(
    ("change", "said", "actions"),
    [
        ({"answer": Answer.NONE}, "33 people are going · 7 seats left", {"/events/201/going"}),
        ({"answer": Answer.GOING}, "You are going", {"/events/201/not-going"}),
        ({"answer": Answer.PENDING}, "has not answered yet", {"/events/201/not-going"}),
        ({"answer": Answer.REJECTED}, "could not give you a seat", set()),
        ({"answer": Answer.NONE, "remaining": 0}, "All seats are taken", set()),
        ({"answer": Answer.GOING, "remaining": 0}, "You are going", {"/events/201/not-going"}),
        ({"answer": Answer.NONE, "remaining": None}, "33 people are going", {"/events/201/going"}),
        ({"cancelled": True}, "Cancelled", set()),
        ({"starts_at": NOW - timedelta(days=2), "ends_at": None}, "It is over. 33 people were there.", set()),
        ({"answer": Answer.NONE, "external_url": "https://t.example/"}, "Sign up at the organiser’s site", set()),
    ],
)
def test_the_answer_that_makes_sense_is_offered(change, said, actions):
    page = shown(EventPageView(event=replace(DINNER, **change)), replace(frame(), coming=()))

    assert said in page.words
    offered = {form["action"] for form in page.all("form")}
    assert {action for action in offered if action.startswith("/events/")} == actions


def test_a_visitor_is_asked_to_log_in_and_comes_back_to_the_event():
    page = shown(SAMPLES["event"], frame(viewer=None))

    assert "/login?next=/events/201" in {link.get("href") for link in page.all("a")}


def test_only_what_everybody_may_read_has_a_preview_for_other_sites():
    public, private = (shown(SAMPLES[name]).all("meta") for name in ("post", "post-private"))

    assert any(meta.get("property") == "og:description" for meta in public)
    assert not any("property" in meta for meta in private)
    assert any(meta == {"name": "robots", "content": "noindex"} for meta in private)


def test_what_was_typed_is_still_there_and_the_fault_leads_to_its_field():
    page = shown(SAMPLES["edit-profile"])

    field = next(item for item in page.all("input") if item.get("name") == "class_year")
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == ("98", "true", "fault-class_year")
    assert {"href": "#field-class_year"} in page.all("a")


@pytest.mark.parametrize("template", ["login.html", "invite.html", "authorize.html", "authorize_code.html"])
def test_nothing_of_others_stands_beside_a_form_for_secrets(template):
    for view in SAMPLES.values():
        if view.template == template:
            assert "Inès" not in shown(view).words


def test_the_menu_shows_where_one_is():
    page = shown(SAMPLES["people"], frame(place=Place.PEOPLE))

    assert [link["href"] for link in page.all("a") if link.get("aria-current") == "page"] == ["/people"]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (ErrorView(status=404), "There is nothing here"),
        (ErrorView(status=403), "This is not open to you"),
        (ErrorView(status=410), "This has been deleted"),
        (ErrorView(status=422, message="This username is taken."), "This username is taken."),
        (ErrorView(status=429, retry_after=30), "Please try again in 30 seconds."),
        (ErrorView(status=500), "It is not your fault."),
        (ErrorView(status=418), "Something went wrong here"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_to_do(view, said):
    assert said in shown(view).words


def test_a_refusal_is_said_in_the_language_of_the_page():
    page = shown(ErrorView(status=422, message="This username is taken."), frame("fr"))

    assert "Cet identifiant est déjà pris." in page.words


def test_a_refusal_without_translation_is_shown_as_it_is():
    page = shown(ErrorView(status=422, message="100% <b>new</b>"), frame("fr"))

    assert "100% <b>new</b>" in page.words


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Claire Delaunay", "CD"), ("sam", "S"), ("Ana-Maria de la Cruz", "AC"), ("👩‍🎓", ""), ("", "")],
)
def test_a_portrait_that_is_missing_shows_initials(name, initials):
    assert replace(CLAIRE, name=name).initials == initials


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.title)
def test_every_event_is_told_in_any_zone(event):
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"):
        around = replace(frame(), zone=ZoneInfo(zone), words=translator("fr"))
        assert "2027" in (words := shown(EventPageView(event=event), around).words) or "2026" in words


def test_an_event_without_an_end_lasts_half_a_day():
    event = replace(DINNER, starts_at=datetime(2026, 12, 11, 18, tzinfo=UTC), ends_at=None)

    assert not event.is_over(datetime(2026, 12, 12, 5, tzinfo=UTC))
    assert event.is_over(datetime(2026, 12, 12, 7, tzinfo=UTC))
