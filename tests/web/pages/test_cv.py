# SPDX-License-Identifier: AGPL-3.0-or-later
"""Education, career and more on the pages: a member writes it, others read what is for them."""

from datetime import timedelta

import pytest

from node import profiles
from node.kernel import clock
from node.profiles import Ask, FederationMode, Kind, Label, Level, Listing, links
from tests.support.builders import a_member
from tests.web.asking import BASE

FORM = {
    "given_name": "Ada",
    "family_name": "Winter",
    "headline": "Civil engineer, Lyon",
    "headline_level": "2",
    "city": "Lyon",
    "country": "fr",
    "languages": "fr native\r\nen",
}


@pytest.fixture
def cleo(db, password_hash):
    """A member of another class."""
    return a_member(db, "cleo", class_year=2010, password_hash=password_hash)


def own(services, member):
    return services.db.read_now(profiles.own, member.id, clock.now())


async def as_(browser, member):
    browser.cookie = ""
    await browser.log_in(member)


async def test_what_one_writes_is_read_by_whom_it_is_for(services, browser, ada, ben, cleo):
    await browser.log_in(ada)
    await browser.get("/settings/cv")
    page = await browser.post("/settings/cv", **FORM)
    assert "Saved." in page.words
    assert own(services, ada).levels["headline"] is Level.CLASS
    await browser.get("/settings/cv/new/career")
    page = await browser.post(
        "/settings/cv/new/career", employer="Quays and Sons", since="2019-03", level="3", country="FR"
    )
    assert "Quays and Sons" in page.words

    assert "Civil engineer, Lyon" in (await browser.get("/@ada")).words
    await as_(browser, ben)
    page = await browser.get("/@ada")
    assert "Civil engineer, Lyon" in page.words
    assert "fr (first language), en (good enough to work)" in page.words
    await as_(browser, cleo)
    page = await browser.get("/@ada")
    assert "Civil engineer" not in page.text
    assert "Quays and Sons · FR · 2019-03 – now" in page.words
    browser.cookie = ""
    page = await browser.get("/@ada")
    assert "Quays" not in page.text
    assert "Winter, " not in page.text


async def test_one_looks_at_ones_page_as_others_do(services, browser, ada, ben):
    for level in Level:
        services.db.write_now(profiles.add, ada.id, Kind.SKILL, Label(label=f"Skill{int(level)}"), level)
    services.db.write_now(profiles.answer, ada.id, federation_mode=FederationMode.OPEN)
    await browser.log_in(ada)
    for word, distance in (("contacts", 1), ("class", 2), ("school", 3), ("partners", 4), ("public", 5)):
        text = (await browser.get(f"/@ada?as={word}")).text
        assert [level for level in range(6) if f"Skill{level}" in text] == list(range(distance, 6))
    assert "Skill0" in (await browser.get("/@ada?as=the-king")).text

    await as_(browser, ben)
    text = (await browser.get("/@ada?as=contacts")).text
    assert [level for level in range(6) if f"Skill{level}" in text] == [2, 3, 4, 5]


async def test_a_wrong_form_comes_back_with_what_was_typed(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/cv")
    page = await browser.post("/settings/cv", **FORM | {"country": "France", "headline": "Engineer"})
    assert (page.status, 'value="Engineer"' in page.text, 'value="France"' in page.text) == (422, True, True)
    page = await browser.post("/settings/cv", **FORM | {"languages": "fr like a native"})
    assert (page.status, "fr like a native" in page.text) == (422, True)
    for kind, wrong, shown in (
        ("education", {"school": "Harbour", "class_year": "soon", "level": "3"}, 'value="soon"'),
        ("skill", {"label": "Rust"}, 'value="Rust"'),
        ("seek", {"text": "A flat in Lyon", "level": "3", "valid_until": "tomorrow"}, 'value="tomorrow"'),
        ("offer", {"text": "short", "level": "3"}, "short"),
    ):
        await browser.get(f"/settings/cv/new/{kind}")
        page = await browser.post(f"/settings/cv/new/{kind}", **wrong)
        assert (page.status, shown in page.text, 'class="fault"' in page.text) == (422, True, True), kind
    assert own(services, ada).entries == ()


async def test_an_entry_is_changed_moved_and_taken_away(services, browser, ada):
    first, second = (
        services.db.write_now(profiles.add, ada.id, Kind.INTEREST, Label(label=label), Level.SCHOOL)
        for label in ("Choir", "Rowing")
    )
    await browser.log_in(ada)
    assert 'value="Choir"' in (await browser.get(f"/settings/cv/{first}")).text
    page = await browser.post(f"/settings/cv/{first}", label="Rowing", level="1")
    assert page.status == 422
    await browser.post(f"/settings/cv/{first}", label="Choirs", level="1")
    await browser.post(f"/settings/cv/{second}/up")
    found = [(entry.details.label, entry.level) for entry in own(services, ada).entries]
    assert found == [("Rowing", Level.SCHOOL), ("Choirs", Level.CONTACTS)]
    page = await browser.post(f"/settings/cv/{first}/remove")
    assert "Choirs" not in page.text


async def test_what_is_sought_lives_on_the_page(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/settings/cv/new/seek")
    page = await browser.post(
        "/settings/cv/new/seek", text="A flat in Lyon", category="housing", tags="#Lyon, flat", level="3", draft="1"
    )
    assert "Draft" in page.words
    [entry] = own(services, ada).entries
    assert entry.details == Ask(text="A flat in Lyon", category="housing", tags=("Lyon", "flat"))
    for verb, word in (
        ("publish", "Open"),
        ("pause", "Paused"),
        ("resume", "Open"),
        ("fulfil", "Found"),
    ):
        page = await browser.post(f"/settings/cv/{entry.id}/{verb}")
        assert f"· {word}" in page.words, verb
    assert (await browser.post(f"/settings/cv/{entry.id}/renew")).status == 409
    await as_(browser, ben)
    assert "A flat in Lyon" not in (await browser.get("/@ada")).text


async def test_to_open_the_profile_takes_a_tick(services, browser, ada):
    services.db.write_now(profiles.add, ada.id, Kind.SKILL, Label(label="Rust"), Level.PUBLIC)
    await browser.log_in(ada)
    assert "this becomes public: Rust" in (await browser.get("/settings/cv")).words
    page = await browser.post("/settings/cv/answers", listed_to="school", mode="open")
    assert (page.status, own(services, ada).federation_mode) == (422, None)
    await browser.post("/settings/cv/answers", listed_to="school", mode="open", sure="1")
    assert (own(services, ada).listed_to, own(services, ada).federation_mode) == (Listing.SCHOOL, FederationMode.OPEN)
    browser.cookie = ""
    assert "Rust" in (await browser.get("/@ada")).text


async def test_nobody_touches_what_is_somebody_elses(services, browser, ada, ben):
    number = services.db.write_now(profiles.add, ada.id, Kind.SKILL, Label(label="Rust"), Level.SCHOOL)
    assert (await browser.get("/settings/cv")).path.startswith("/login")
    await browser.log_in(ben)
    assert (await browser.get(f"/settings/cv/{number}")).status == 404
    assert (await browser.get("/settings/cv/new/shoes")).status == 404
    await browser.get("/settings/cv")
    for act in ("", "/up", "/remove", "/fulfil"):
        assert (await browser.post(f"/settings/cv/{number}{act}", label="Mine", level="5")).status == 404
        await browser.get("/settings/cv")


async def test_the_link_of_a_letter_needs_no_login_and_a_button(services, browser, ada):
    soon = clock.now() + timedelta(days=6)
    seek = Ask(text="A flat in Lyon")
    number = services.db.write_now(profiles.add, ada.id, Kind.SEEK, seek, Level.ME, valid_until=soon)
    path = links.address(services.db.site, number, clock.now() + timedelta(days=14)).removeprefix(BASE)
    page = await browser.get(path)
    assert ("A flat in Lyon" in page.words, own(services, ada).entries[0].renewals) == (True, 0)
    page = await browser.post(f"{path}/renew")
    assert (page.status, "Renew" in page.words, own(services, ada).entries[0].renewals) == (200, False, 1)
    page = await browser.post(f"{path}/fulfil")
    assert "Found" in page.words
    assert (await browser.get(path[:-1])).status == 404
    assert (await browser.post(f"{path}/renew", origin="https://evil.example")).status == 403


async def test_the_schools_of_this_node_are_offered_where_one_is_asked_for(browser, ada):
    await browser.log_in(ada)
    page = await browser.get("/settings/cv/new/education")
    assert '<option value="Harbour Academy"' in page.text
    page = await browser.post("/settings/cv/new/education", school="", level="3")
    assert (page.status, '<option value="Harbour Academy"' in page.text) == (422, True)
    assert "<datalist" not in (await browser.get("/settings/cv/new/career")).text


async def test_a_form_that_is_out_of_date_says_so_and_keeps_what_was_typed(services, browser, ada):
    await browser.log_in(ada)
    page = await browser.get("/settings/cv")
    assert 'name="version" value="1"' in page.text
    await browser.post("/settings/cv", **FORM, version="1")

    page = await browser.post("/settings/cv", **{**FORM, "headline": "Pilot, Brest"}, version="1")

    assert page.status == 409
    assert "This was changed meanwhile" in page.words
    assert "Pilot, Brest" in page.text
    assert own(services, ada).facts.headline == "Civil engineer, Lyon"
    assert 'name="version" value="2"' in page.text
    await browser.post("/settings/cv", **{**FORM, "headline": "Pilot, Brest"}, version="2")
    assert own(services, ada).facts.headline == "Pilot, Brest"


async def test_something_is_found_thanks_to_somebody(services, browser, ada, ben):
    number = services.db.write_now(profiles.add, ada.id, Kind.SEEK, Ask(text="A flat in Lyon for June"), 3)
    await browser.log_in(ada)
    page = await browser.get(f"/settings/cv/{number}/found")
    assert "A flat in Lyon for June" in page.words
    page = await browser.post(f"/settings/cv/{number}/fulfil", thanks_to="@nobody", story="By a cousin")
    assert (page.status, "By a cousin" in page.text) == (422, True)
    await browser.post(f"/settings/cv/{number}/fulfil", thanks_to="@ben", story="By a cousin")
    assert own(services, ada).entries[0].story == "By a cousin"
    await as_(browser, ben)
    words = (await browser.get("/messages")).words
    assert "has found what they sought, and thanks you: A flat in Lyon for June By a cousin" in words
    assert (await browser.get(f"/settings/cv/{number}/found")).status == 404


async def test_the_staff_takes_away_what_somebody_offers_and_nobody_else_does(services, browser, db, ada, ben):
    number = services.db.write_now(profiles.add, ada.id, Kind.OFFER, Ask(text="Cheap things for all"), 3)
    staff = a_member(db, "nora", roles=("member", "moderator"), password_hash=ben.password_hash)
    await browser.log_in(ben)
    assert "Take away" not in (await browser.get("/@ada")).words
    assert (await browser.get(f"/asks/{number}/remove")).status == 403
    await as_(browser, staff)
    assert f"/asks/{number}/remove" in (await browser.get("/@ada")).text
    await browser.get(f"/asks/{number}/remove")
    assert (await browser.post(f"/asks/{number}/remove", reason="")).status == 422
    await browser.post(f"/asks/{number}/remove", reason="It sells things.")
    assert own(services, ada).entries == ()
    assert (await browser.get(f"/asks/{number}/remove")).status == 404
