# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory in the browser: who is found, who is asked, and that it cannot be copied."""

import pytest

from node import actors, contacts, directory, profiles, relationships
from node.actors import ProfileChange
from node.kernel import audit, clock
from node.profiles import Facts, Label, Level, Listing
from tests.support.builders import a_member
from web import limits


@pytest.fixture
def loic(services):
    """Somebody with an accent, listed to the school."""
    member = a_member(services.db, "loic", display_name="Loïc Le Fèvre", class_year=1998, listed="school")
    services.db.write_now(profiles.write, member.id, Facts(city="Brest"), {"location": Level.CONTACTS})
    return member


async def test_strangers_are_sent_to_log_in(browser):
    assert (await browser.get("/people")).path.startswith("/login")


async def test_a_member_finds_others_however_the_name_is_written(browser, ada, ben, loic):
    await browser.log_in(ada)
    for query in ("lefevre", "LEFÈVRE", "loic+le+fevr"):
        page = await browser.get(f"/people?q={query}")
        assert "Loïc Le Fèvre" in page.words
        assert "1 person" in page.words
    page = await browser.get("/people?q=lefaivre")
    assert "these names are similar" in page.words
    page = await browser.get("/people?q=ben")
    assert "Nobody whom you can find here fits that." in page.words


async def test_filters_reach_only_what_may_be_seen(browser, services, ada, loic):
    await browser.log_in(ada)
    assert "Loïc" not in (await browser.get("/people?city=brest")).words
    services.db.write_now(contacts.ask, ada.actor, loic.actor)
    services.db.write_now(contacts.accept, loic.actor, ada.actor)
    assert "Loïc" in (await browser.get("/people?city=brest")).words
    assert "Loïc" in (await browser.get("/people?distance=contacts&q=loic")).words


async def test_classes_are_one_or_a_range_or_years_round_mine(browser, services, ada):
    for year in (1990, 1999, 2004):
        a_member(services.db, f"kim{year}", class_year=year, listed="school")
    await browser.log_in(ada)

    async def found(query):
        words = (await browser.get(f"/people?{query}")).words
        return [year for year in (1990, 1999, 2004) if f"Kim{year}" in words]

    assert await found("class_year=1999") == [1999]
    assert await found("class_year=1990&class_to=1999") == [1990, 1999]
    assert await found("class_to=1999") == [1990, 1999]
    assert await found("within=6") == [1999, 2004]
    assert await found("class_year=x&within=-1&page=0&seek=nothing") == [1990, 1999, 2004]


async def test_countries_and_languages_are_asked_for_by_their_names(browser, services, ada):
    for number in range(3):
        person = a_member(services.db, f"kim{number}", listed="school")
        said = Facts(city="Liège", country="BE", languages=(("nl-BE", "native"),))
        services.db.write_now(profiles.write, person.id, said, {"location": Level.SCHOOL, "languages": Level.SCHOOL})
        services.db.write_now(relationships.update_profile, person.actor, ProfileChange(school="Quay School"))
    await browser.log_in(ada)
    for query in ("country=BE", "country=belgique", "country=Belgium", "language=nl", "language=N%C3%A9erlandais"):
        page = await browser.get(f"/people?{query}")
        assert "3 people" in page.words, query
    assert 'name="language" type="text" value="Dutch"' in page.text
    page = await browser.get("/people?q=kim")
    assert 'href="/people?q=kim&amp;country=BE"' in page.text
    # That all are of the one school says nothing.
    assert "school=" not in page.text
    assert "Belgium (3)" in page.words
    assert "Nobody whom you can find" in (await browser.get("/people?country=nowhere")).words


async def test_how_near_and_how_lately(browser, services, ada, ben, loic):
    services.db.write_now(contacts.ask, ada.actor, loic.actor)
    services.db.write_now(contacts.accept, loic.actor, ada.actor)
    services.db.write_now(actors.count_post, loic.id, clock.now())
    await browser.log_in(ada)
    for query in ("distance=contacts", "distance=theirs", "active=1", "active=1&distance=contacts&q=loic"):
        page = await browser.get(f"/people?{query}")
        assert "1 person" in page.words, query
    assert "distance" not in (await browser.get("/people?distance=far&q=loic")).path.partition("page")[2]


async def test_what_is_looked_for_can_be_followed(browser, services, ada):
    await browser.log_in(ada)
    page = await browser.get("/people?city=Brest&class_year=1998")
    assert "Tell me in my digest who is new: Brest" in page.words
    assert 'name="value" value="1998' in page.text
    page = await browser.post("/people/watch", kind="city", value="Brest", next="/people?city=brest")
    assert "You follow brest" in page.words
    await browser.post("/people/watch", kind="class", value="1998")
    for kind, value in (("class", "soon"), ("planet", "Mars")):
        assert (await browser.post("/people/watch", kind=kind, value=value)).status == 200
    page = await browser.get("/settings/watches")
    assert 'href="/people?city=Brest"' in page.text
    assert 'href="/people?class_year=1998"' in page.text
    for own in services.db.read_now(directory.watches, ada.id):
        page = await browser.post(f"/settings/watches/{own.id}/remove")
    assert "You follow none yet." in page.words
    assert (await browser.post("/settings/watches/1/remove")).status == 404


async def test_facets_lead_to_those_who_share_something(browser, services, ada):
    for number in range(3):
        person = a_member(services.db, f"kim{number}", listed="school")
        services.db.write_now(profiles.add, person.id, profiles.Kind.SKILL, Label(label="Rowing"), Level.SCHOOL)
    await browser.log_in(ada)
    page = await browser.get("/people?q=kim")
    assert 'href="/people?q=kim&amp;skill=Rowing"' in page.text
    assert "3 people" in (await browser.get("/people?q=kim&skill=Rowing")).words


async def test_pages_of_twenty(browser, services, ada):
    for number in range(21):
        a_member(services.db, f"kim{number:02}", listed="school")
    await browser.log_in(ada)
    page = await browser.get("/people?q=kim")
    assert 'href="/people?q=kim&amp;page=2"' in page.text
    page = await browser.get("/people?q=kim&page=2")
    assert "Kim20" in page.words
    assert "page=3" not in page.text


async def test_members_are_asked_once_who_may_find_them(browser, services, ada, ben):
    await browser.log_in(ada)
    assert "Who may find you here?" in (await browser.get("/people")).words
    assert "Who may find you here?" in (await browser.post("/people/listed", listed_to="everybody")).words
    page = await browser.post("/people/listed", listed_to="class")
    assert "Saved." in page.words
    assert "Who may find you here?" not in page.words
    own = services.db.read_now(profiles.everything, [ada.id], ada.actor.created_at)[ada.id]
    assert own.listed_to is Listing.CLASS


async def test_nobody_copies_the_directory(browser, services, ada, ben, monkeypatch, password_hash):
    await browser.log_in(ada)
    await browser.get("/people?q=ben")
    monkeypatch.setattr(limits, "is_loopback", lambda _: False)
    counters = browser.client.app[limits.COUNTERS]
    for limit, path in ((limits.Limit.SEARCH, "/people?q=ben"), (limits.Limit.PROFILES, "/@ben")):
        assert (await browser.get(path)).status == 200
        for _ in range(limit.value.most):
            if counters.take(limit, ada.id).used == limit.value.most:
                break
        assert [(await browser.get(path)).status for _ in range(2)] == [429, 429]
    assert (await browser.get("/people")).status == 200
    assert (await browser.get("/@ada")).status == 200
    written = [one.reason for one in services.db.read_now(audit.about, ada.id) if one.verb == "too_many"]
    assert written == ["profiles", "search"]
    # The moderators see who it was.
    monkeypatch.undo()
    mo = a_member(services.db, "mo", roles=("member", "moderator"), password_hash=password_hash)
    await browser.post("/logout")
    await browser.log_in(mo)
    page = await browser.get("/staff/people")
    assert f'href="/staff/people/{ada.id}"' in page.text
