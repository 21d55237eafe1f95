# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages about schools: read by everybody, written by administrators."""

import json

import pytest

from node import actors, members, schools
from node.kernel.errors import Invalid
from tests.support import letters
from tests.support.builders import a_member


@pytest.fixture
async def admin(services, browser, password_hash):
    """A browser with an administrator."""
    await browser.log_in(a_member(services.db, "claire", roles=("member", "admin"), password_hash=password_hash))
    return browser


async def test_an_administrator_adds_a_school_and_says_what_can_be_studied_there(services, admin):
    page = await admin.get("/schools")
    await admin.post("/staff/schools", name="Mill School")
    made = services.db.read_now(schools.by_slug, "mill-school")
    where = f"/staff/schools/{made.id}"

    page = await admin.post(where, name="Mill School", city="Namur", country="be", aliases="Old Mill\nPit School")
    page = await admin.post(f"{where}/programmes", name="Milling", degree="master", first_year="1950")
    [milling] = services.db.read_now(schools.programmes, made.id)
    page = await admin.post(f"{where}/programmes/{milling.id}", name="Fine milling", degree="mba", last_year="1999")

    page = await admin.get("/schools/mill-school")
    assert "Namur, Belgium" in page.words
    assert "Formerly Old Mill, Pit School" in page.words
    assert "Fine milling" in page.words
    await admin.post(f"{where}/programmes/{milling.id}/remove")
    assert "Fine milling" not in (await admin.get("/schools/mill-school")).words
    await admin.post(f"{where}/remove")
    assert "Mill School" not in (await admin.get("/schools")).words


async def test_what_is_refused_stays_in_its_form(services, admin):
    await admin.get("/schools")
    page = await admin.post("/staff/schools", name="harbour academy")
    assert (page.status, "There is a school of this name already." in page.words) == (422, True)
    made = services.db.read_now(schools.all_of)[0]

    page = await admin.post(f"/staff/schools/{made.id}", name=made.name, country="France", city="Tema")
    assert "Please give the country by its two letters, such as FR." in page.words
    assert 'value="Tema"' in page.text

    page = await admin.post(f"/staff/schools/{made.id}/programmes", name="Law", degree="master", first_year="soon")
    assert "Please give the year with four digits." in page.words
    assert 'value="Law"' in page.text

    page = await admin.post(f"/staff/schools/{made.id}/remove")
    assert page.status == 409


async def test_the_same_school_elsewhere_is_told_to_people_and_programs(services, admin):
    [made] = services.db.read_now(schools.all_of)
    same = ["https://former.example/schools/harbour", "https://other.example/schools/1"]
    await admin.get(f"/staff/schools/{made.id}")
    await admin.post(f"/staff/schools/{made.id}", name=made.name, city="Tema", same_as="\n".join([*same, same[0], ""]))

    page = await admin.get(f"/schools/{made.slug}")
    told = json.loads((await admin.get(f"/schools/{made.slug}", Accept="application/ld+json")).text)

    assert all(f'href="{one}"' in page.text for one in same)
    assert (told["@id"].partition("/schools/")[2], told["name"], told["sameAs"]) == (made.slug, made.name, same)
    assert told["address"] == {"@type": "PostalAddress", "addressLocality": "Tema"}
    await admin.get(f"/staff/schools/{made.id}")
    for wrong in (
        "http://plain.example/",
        "javascript:alert(1)",
        "https://a b/",
        'https://a/"',
        "\n".join(f"https://a/{n}" for n in range(11)),
    ):
        page = await admin.post(f"/staff/schools/{made.id}", name=made.name, same_as=wrong)
        assert (page.status, 'id="fault-same_as"' in page.text) == (422, True), wrong
    assert list(services.db.read_now(schools.find, made.id).same_as) == same


async def test_members_and_visitors_read_alone(services, browser, password_hash):
    page = await browser.get("/schools")
    assert "Harbour Academy" in page.words
    assert "Another school" not in page.words
    assert (await browser.get("/schools/nowhere")).status == 404

    await browser.log_in(a_member(services.db, "ben", password_hash=password_hash))
    made = services.db.read_now(schools.all_of)[0]
    assert (await browser.get(f"/staff/schools/{made.id}")).status == 403
    assert (await browser.post("/staff/schools", name="Mine")).status == 403
    assert (await browser.post(f"/staff/schools/{made.id}", name="Mine")).status == 403
    assert services.db.read_now(schools.names) == ["Harbour Academy"]


async def test_whoever_joins_is_of_the_school_that_the_invitation_says(services, browser):
    services.db.write_now(schools.add, schools.SchoolDraft(name="Mill School", short_name="Mill"))
    token, found = services.db.write_now(members.create_invitation, school="mill", class_year=2001)
    assert found.school == "Mill School"
    with pytest.raises(Invalid):
        services.db.write_now(members.create_invitation, school="Pit School")

    await browser.get(f"/invite/{token}")
    await browser.post(
        f"/invite/{token}", name="Nora", username="nora", email="nora@mail.example", password="eleven-lime-trees"
    )

    assert services.db.read_now(actors.by_handle, "nora").school == "Mill School"


async def test_newcomers_say_which_of_several_schools_was_theirs(services, browser):
    letters.with_mail(services, mode="open")
    assert "field-school" not in (await browser.get("/sign-up")).text
    services.db.write_now(schools.add, schools.SchoolDraft(name="Mill School"))
    typed = {"name": "Nora", "username": "nora", "email": "nora@mail.example", "password": "eleven-lime-trees"}

    assert "field-school" in (await browser.get("/sign-up")).text
    page = await browser.post("/sign-up", **typed, school="Pit School")
    assert (page.status, "There is no such school here." in page.words) == (422, True)
    await browser.post("/sign-up", **typed, school="Mill School")

    assert services.db.read_now(actors.by_handle, "nora").school == "Mill School"
