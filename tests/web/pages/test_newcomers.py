# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of newcomers while they wait, of members who vouch for them, and of those who decide."""

import pytest

from node import access, members, profiles, roster
from node.kernel import audit, clock
from node.kernel.errors import NotFound
from node.roster import State
from tests.roster.test_vouching import newcomer, seasoned, vouch
from tests.support import builders, letters

ADDRESS = "nina@new.example"


@pytest.fixture
def nina(services):
    """Somebody who waits, of the class of 1998."""
    letters.with_mail(services, "approval")
    return newcomer(services.db)


@pytest.fixture
def boss(services, password_hash):
    return builders.a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)


def link(services, address=ADDRESS):
    """Where the last letter to a newcomer leads."""
    return letters.path_of(services, [letter for to, letter in letters.waiting(services) if to == address][-1])


def state_of(services, number):
    return services.db.read_now(roster.case_of, number).state


async def test_a_newcomer_sees_how_far_it_is_and_says_who_they_were(services, browser, nina):
    page = await browser.get(link(services))
    assert "The association looks at who you are" in page.words
    assert page.headers["Referrer-Policy"] == "no-referrer"
    code = services.db.read_now(roster.case_of, nina).code
    assert f"/people/newcomers/{code}" in page.text

    wrong = await browser.post(f"{link(services)}/claim", family_name="Démo", class_year="soon")
    assert (wrong.status, 'value="Démo"' in wrong.text) == (422, True)
    assert (await browser.post(f"{link(services)}/claim", given_name="Ana")).status == 422
    page = await browser.post(f"{link(services)}/claim", family_name="Démo", class_year="1998")

    assert services.db.read_now(roster.claim_of, nina) == roster.Claim(family_name="Démo", class_year=1998)
    assert "Family name in those days" not in page.words
    assert (await browser.post(f"{link(services)}/claim", family_name="Other")).status == 409


async def test_the_page_is_the_same_whether_the_roster_knows_somebody_or_not(services, browser):
    letters.with_mail(services, "approval")
    sheet = roster.open_sheet(b"nom;prenom;promo\nReyes;Nina;1998\n", roster.Options())
    preview = roster.preview(sheet, [], roster.Mode.BOTH, clock.now().date())
    number = services.db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    services.db.write_now(roster.start, {"admin"}, number)
    services.db.write_now(roster.apply_step, number, preview.to_write)
    pages = []
    for name, family in (("nina", "Reyes"), ("mina", "Nobody")):
        newcomer(services.db, name)
        path = link(services, f"{name}@new.example")
        await browser.get(path)
        page = await browser.post(f"{path}/claim", given_name="Nina", family_name=family, class_year="1998")
        member = services.db.read_now(members.by_login, name)
        services.db.write_now(roster.deciding.judge_newcomer, member.id, known=True)
        after = await browser.get(path)
        pages.append((page.status, page.words, after.status, after.words.replace(member.actor.name, "")))
        code = services.db.read_now(roster.case_of, member.id).code
        pages[-1] = tuple(part.replace(code, "") if isinstance(part, str) else part for part in pages[-1])

    assert pages[0] == pages[1]


async def test_a_question_is_answered_on_the_page(services, browser, nina, boss):
    await browser.log_in(boss)
    await browser.get("/staff/sign-ups")
    empty = await browser.post(f"/staff/sign-ups/{nina}/ask", reason=" ")
    assert (empty.status, "Please write something." in empty.words) == (422, True)
    page = await browser.post(f"/staff/sign-ups/{nina}/ask", reason="Which programme?")
    assert "Waits for their answer" in page.words

    browser.cookie = ""
    page = await browser.get(link(services))
    assert "Which programme?" in page.words
    assert (await browser.post(link(services), words="")).status == 422
    await browser.post(link(services), words="Chemistry.")

    await browser.log_in(boss)
    assert "Chemistry." in (await browser.get("/staff/sign-ups")).words


async def test_whoever_is_refused_reads_why_appeals_once_and_may_go(services, browser, nina, boss):
    await browser.log_in(boss)
    await browser.get("/staff/sign-ups")
    page = await browser.post(f"/staff/sign-ups/{nina}/refuse", reason="Nobody knows you.")
    assert "Nobody waits here." in page.words

    browser.cookie = ""
    assert "Nobody knows you." in (await browser.get(link(services))).words
    page = await browser.post(link(services), words="I had another name.")
    assert "I had another name." in page.words
    assert state_of(services, nina) is State.REVIEW
    assert (await browser.post(link(services), words="Again.")).status == 409

    await browser.post(f"{link(services)}/delete")
    with pytest.raises(NotFound):
        services.db.read_now(members.get, nina)
    assert (await browser.get(link(services))).status == 404


async def test_classmates_see_and_vouch_on_the_page(services, browser, nina, password_hash):
    one = seasoned(services.db, username="one", password_hash=password_hash)
    vouch(services.db, seasoned(services.db), nina)
    await browser.get(link(services))
    await browser.post(f"{link(services)}/classmates")
    await browser.log_in(one)
    assert "Nobody of your class waits here." in (await browser.get("/people/newcomers")).words
    browser.cookie = ""
    await browser.get(link(services))
    await browser.post(f"{link(services)}/classmates", to_classmates="1")

    await browser.log_in(one)
    assert "Nina" in (await browser.get("/people/newcomers")).words
    code = services.db.read_now(roster.case_of, nina).code
    page = await browser.get(f"/people/newcomers/{code}")
    assert ADDRESS not in page.text
    assert (await browser.post(f"/people/newcomers/{code}", how_known="friend")).status == 422
    page = await browser.post(f"/people/newcomers/{code}", how_known="classmate", text="She sat behind me.")

    assert "Nobody of your class waits here." in page.words
    assert services.db.read_now(members.get, nina).is_active
    assert (await browser.get(f"/people/newcomers/{code}")).status == 404
    browser.cookie = ""
    assert (await browser.get("/people/newcomers")).path.startswith("/login")
    assert (await browser.get(f"/people/newcomers/{code}")).path.startswith("/login")


async def test_a_new_member_cannot_vouch_and_is_told_why(services, browser, nina, ada):
    await browser.log_in(ada)
    code = services.db.read_now(roster.case_of, nina).code
    await browser.get(f"/people/newcomers/{code}")

    page = await browser.post(f"/people/newcomers/{code}", how_known="club")

    assert (page.status, "once you have been here for 30 days" in page.words) == (403, True)


async def test_a_delegate_sees_their_class_and_no_more_than_they_need(services, browser, nina, password_hash):
    newcomer(services.db, "other", class_year=2001)
    one = builders.a_member(
        services.db, "dele", roles=("member", "delegate"), class_year=1998, password_hash=password_hash
    )
    await browser.log_in(one)

    page = await browser.get("/staff/sign-ups")

    assert ("Nina" in page.words, "Other" in page.words) == (True, False)
    assert ADDRESS not in page.text
    assert "Delete the sign-up" not in page.words
    await browser.post(f"/staff/sign-ups/{nina}/approve")
    assert services.db.read_now(members.get, nina).is_active


async def test_how_somebody_came_in_is_for_the_office_and_revoking_for_administrators(
    services, browser, nina, boss, ada, password_hash
):
    one, two = seasoned(services.db), seasoned(services.db)
    for voucher in (one, two):
        vouch(services.db, voucher, nina, text="Yes, she is.")
    path = f"/staff/people/{nina}/verification"
    await browser.log_in(ada)
    assert (await browser.get(path)).status == 403
    await browser.get("/settings/profile")
    assert (await browser.post(path, reason="No.")).status == 403

    await browser.log_in(boss)
    page = await browser.get(path)
    assert "because others vouched for them" in page.words
    assert "Yes, she is." in page.words
    assert "Nina" in (await browser.get(f"/staff/people/{one.id}/verification")).words
    await browser.get(path)
    assert (await browser.post(path, reason="")).status == 422
    page = await browser.post(path, reason="It was somebody else.")

    assert "Found not to be who they said" in page.words
    assert services.db.read_now(members.get, nina).standing is members.Standing.DISABLED
    assert (await browser.get("/staff/people/12345/verification")).status == 404


async def test_forms_come_from_our_pages_and_links_are_secrets(services, browser, nina, ada):
    path = link(services)
    await browser.get(path)
    for below in ("", "/claim", "/classmates", "/delete"):
        assert (await browser.post(f"{path}{below}", origin="https://evil.example", words="x")).status == 403
        assert (await browser.post(f"/sign-up/answer/unknown{below}", words="x")).status == 404
    with pytest.raises(NotFound):
        services.db.read_now(access.find_link, access.Purpose.RESET, path.rpartition("/")[2])


async def test_whoever_waits_and_knows_their_password_is_led_to_their_sign_up(services, browser, password_hash):
    letters.with_mail(services, "approval")
    number = newcomer(services.db)
    services.db.write_now(members.change_password, number, password_hash)
    await browser.get("/login")

    page = await browser.post("/login", login="nina", password="a quiet harbour at dawn")

    assert "has not let you in yet" in page.words
    path = page.text.partition('href="/sign-up/answer/')[2].partition('"')[0]
    assert "The association looks at who you are" in (await browser.get(f"/sign-up/answer/{path}")).words


async def test_a_new_member_is_asked_and_nothing_is_chosen_beforehand(services, browser, ada):
    await browser.log_in(ada)
    page = await browser.get("/welcome")
    assert " checked" not in page.text

    wrong = await browser.post("/welcome", mode="open")
    assert (wrong.status, "Please tick that you want" in wrong.words) == (422, True)
    await browser.post("/welcome", mode="open", sure="1", listed_to="class")

    own = services.db.read_now(profiles.own, ada.id, clock.now())
    assert (own.listed_to, own.federation_mode) == (profiles.Listing.CLASS, profiles.FederationMode.OPEN)
    await browser.get("/welcome")
    await browser.post("/welcome", listed_to="everybody", mode="nowhere")
    assert services.db.read_now(profiles.own, ada.id, clock.now()) == own


async def test_classmates_are_told_of_a_newcomer_who_ticks_it(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/welcome")
    await browser.post("/welcome", listed_to="class", tell="1")
    assert services.db.read_now(members.get, ada.id).announced_at is not None
    assert 'name="tell" type="checkbox" value="1" checked' in (await browser.get("/welcome")).text

    await browser.post("/welcome", listed_to="class")

    assert services.db.read_now(members.get, ada.id).announced_at is None


async def test_the_questions_are_for_members_and_from_our_page(services, browser, ada):
    assert (await browser.get("/welcome")).path.startswith("/login")
    await browser.log_in(ada)
    await browser.get("/welcome")

    assert (await browser.post("/welcome", origin="https://evil.example", listed_to="school")).status == 403


async def test_only_the_association_changes_a_class(services, browser, password_hash):
    who = builders.a_member(services.db, "nina", class_year=2004, password_hash=password_hash)
    await browser.log_in(who)
    await browser.get("/settings/profile")
    typed = {"name": "Nina", "locale": "en", "zone": "UTC"}
    page = await browser.post("/settings/profile", **typed, class_year="1999")
    assert (page.status, "Others know you by your class" in page.words) == (403, True)
    assert (await browser.post(f"/staff/people/{who.id}/class", class_year="1999")).status == 403
    await browser.post("/logout")

    await browser.log_in(
        builders.a_member(services.db, "sol", roles=("member", "secretary"), password_hash=password_hash)
    )
    where = f"/staff/people/{who.id}"
    await browser.get(f"{where}/verification")
    page = await browser.post(f"{where}/class", class_year="99")
    assert (page.status, 'value="99"' in page.text) == (422, True)
    await browser.post(f"{where}/class", class_year="1999")

    assert services.db.read_now(members.get, who.id).actor.class_year == 1999
    [noted] = [one for one in services.db.read_now(audit.about, who.id) if one.verb == "member.class"]
    assert (noted.before, noted.after) == ("2004", "1999")
