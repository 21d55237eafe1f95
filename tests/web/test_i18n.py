# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages speak English and French, wholly, and write dates and numbers as each language does."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from node.kernel import i18n

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "web" / "templates").glob("*.html"))
REFUSALS = ("Invalid", "Conflict", "NotFound", "NotAllowed", "Gone", "TooMany", "Overloaded", "Refused")
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2027, 3, 12, 18, 30, tzinfo=UTC)


def texts_in_the_code() -> set[str]:
    """Every text that the catalogues must have, by the file `babel.cfg`."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "marked": None, **dict.fromkeys(REFUSALS)}
    found: set[str] = set()
    for folder in ("node", "web"):
        within = [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods if pattern.startswith(folder)]
        settings = {pattern.removeprefix(f"{folder}/"): chosen for pattern, chosen in options.items()}
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder, within, settings, keywords, directory_filter=lambda name: "__pycache__" not in str(name)
        ):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found - {""}


def catalogue() -> Catalog:
    with (i18n.CATALOGUES / "fr.po").open("rb") as file:
        return read_po(file, locale="fr")


def translations() -> list[tuple[str, str]]:
    """Each translated text beside its English one; plural forms are pairs of their own."""
    pairs = []
    for message in catalogue():
        if isinstance(message.id, tuple):
            pairs += list(zip(message.id, message.string, strict=True))
        elif message.id:
            pairs.append((message.id, str(message.string)))
    return pairs


def english(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def test_every_text_is_translated_into_french():
    have = {english(message) for message in catalogue() if message.string and all(message.string)}

    assert texts_in_the_code() - have == set()


def test_the_texts_are_looked_for_in_pages_templates_and_refusals():
    assert {"To followers", "Skip to the content", "There is no such post."} <= texts_in_the_code()


def test_the_french_catalogue_has_nothing_doubtful():
    assert [message.id for message in catalogue() if message.fuzzy and message.id] == []


def test_a_translation_has_the_same_blanks_to_fill_as_the_text():
    blanks = re.compile(r"%\(\w+\)s")

    wrong = [
        (source, translated)
        for source, translated in translations()
        if set(blanks.findall(translated)) != set(blanks.findall(source)) and "once" not in source
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("a straight quote", r"['\"](?![^<]*>)"),
        ("a plain space before a mark that needs a hard one", r" [:;?!»%](?!\()|« "),
        ("no space before a mark that needs one", r"\w[;?!](?:\s|$)|\w:(?=\s|$)"),
        ("a familiar form of address", r"\b(?:tu|toi|ton|ta|tes)\b"),
        ("an exclamation", r"!"),
    ],
)
def test_french_texts_are_set_as_french_is(fault, pattern):
    assert [text for _, text in translations() if re.search(pattern, text, re.IGNORECASE)] == [], fault


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_text_outside_the_catalogues(template):
    source = template.read_text()
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block dress %\}\w+\{% endblock %\}", "", source)  # a class name
    source = re.sub(r"\{% ?-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"', source)
    text = re.sub(r"<[^>]*>| [a-z-]+=\"[^\"]*\"", " ", source)

    loose = [word for part in (text, *spoken) for word in re.findall(r"[^\W\d_]{2,}", part)]

    assert set(loose) <= {"Alumnode"}


def test_a_template_translates_literal_texts_only():
    """`_(name)` could not be extracted, and its value would be taken as a format; `translated` is for such values."""
    calls = [
        (template.name, call)
        for template in TEMPLATES
        for call in re.findall(r"(?<![\w.])_\([^\n]{0,20}", template.read_text())
        if not call.startswith(('_("', "_('"))
    ]

    assert calls == []


def test_a_text_without_translation_is_shown_in_english():
    assert i18n.translator("fr").gettext("Nobody translated this.") == "Nobody translated this."


@pytest.mark.parametrize("locale", ["de", "", "../fr"])
def test_a_language_that_is_not_spoken_is_answered_in_english(locale):
    words = i18n.translator(locale)

    assert (words.locale, words.gettext("Home")) == ("en", "Home")


def test_a_count_takes_the_plural_of_the_language():
    french, english_words = i18n.translator("fr").ngettext, i18n.translator("en").ngettext

    assert [french("member", "members", n) for n in (0, 1, 2)] == ["membre", "membre", "membres"]
    assert [english_words("member", "members", n) for n in (0, 1, 2)] == ["members", "member", "members"]


@pytest.mark.parametrize(
    ("header", "preferred", "expected"),
    [
        ("", "", "en"),
        ("fr", "", "fr"),
        ("fr-CA, en;q=0.8", "", "fr"),
        ("de, en;q=0.5, fr;q=0.7", "", "fr"),
        ("FR-fr;q=0.1", "", "fr"),
        ("fr;q=0, en", "", "en"),
        ("fr;q=0", "", "en"),
        ("fr;q=nan, fr;q=2, fr;q=x", "", "en"),
        ("*, ja", "", "en"),
        ("en", "fr", "fr"),
        ("fr", "xx", "fr"),
        (",;q=;;", "", "en"),
        ("x," * 400 + "fr", "", "en"),
    ],
)
def test_the_language_is_what_the_member_chose_or_the_browser_asks(header, preferred, expected):
    assert i18n.negotiate(header, preferred) == expected


def test_who_asks_for_nothing_known_gets_the_language_of_the_node():
    assert i18n.negotiate("de", default="fr") == "fr"


@given(st.text())
def test_any_header_gives_a_language_that_is_spoken(header):
    assert i18n.negotiate(header) in i18n.SUPPORTED


@pytest.mark.parametrize(
    ("age", "english_words", "french"),
    [
        (timedelta(seconds=-30), "1 minute ago", "il y a 1 minute"),
        (timedelta(seconds=5), "1 minute ago", "il y a 1 minute"),
        (timedelta(minutes=12), "12 minutes ago", "il y a 12 minutes"),
        (timedelta(hours=5), "5 hours ago", "il y a 5 heures"),
        (timedelta(days=6, hours=20), "7 days ago", "il y a 7 jours"),
        (timedelta(days=7), "5 Mar 2027", "5 mars 2027"),
        (timedelta(days=-2), "14 Mar 2027", "14 mars 2027"),
    ],
)
def test_an_age_is_told_in_words_and_later_as_a_date(age, english_words, french):
    told = [i18n.ago(NOW - age, NOW, locale).replace("\xa0", " ") for locale in ("en", "fr")]

    assert told == [english_words, french]


def test_a_moment_is_shown_on_the_clock_of_its_zone():
    assert i18n.moment(NOW, "en", PARIS) == "Friday 12 March 2027, 19:30"
    assert i18n.moment(NOW, "fr", ZoneInfo("Asia/Tokyo")) == "samedi 13 mars 2027, 03:30"


def test_a_day_without_a_time_stays_the_day_it_is():
    assert i18n.short_day(date(2027, 3, 12), "en", ZoneInfo("Pacific/Auckland")) == "12 Mar 2027"


def test_a_zone_has_a_name():
    assert i18n.zone_name(NOW, "en", PARIS) == "Central European Standard Time"


def test_numbers_are_grouped_as_the_language_does():
    assert [i18n.number(12345, locale) for locale in ("en", "fr")] == ["12,345", "12\u202f345"]
