# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forgotten passwords and confirmed addresses, through the links of letters; and the staff's yes or no to newcomers."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from node import access, actors, members, roster
from node.access import Purpose
from node.kernel import clock
from node.kernel.errors import NotFound
from node.members import Entry, NewMember
from node.roster.deciding import judge_newcomer
from tests.roster.test_summaries import summarise
from tests.support import builders, letters
from tests.web.pages.conftest import PASSWORD

NEW = "another quiet morning"


def newcomer(services, password_hash, *, approved=False):
    letters.with_mail(services, "approval")
    new = NewMember(username="nina", email="nina@mail.example", password_hash=password_hash)
    entry = Entry(confirmed=False, approved=approved, reason="I was in the choir.")
    member = services.db.write_now(members.sign_up, new, builders.keys(), entry)
    services.db.write_now(access.ask_confirmation, member)
    [(_, letter)] = letters.waiting(services)
    return member, letters.path_of(services, letter)


async def asked(services, browser, email="ada@mail.example", **more):
    letters.with_mail(services)
    await browser.get("/password")
    page = await browser.post("/password", email=email, **more)
    found = letters.waiting(services)
    return page, letters.path_of(services, found[-1][1]) if found else ""


async def test_a_forgotten_password_is_replaced_by_the_link_in_a_letter(services, browser, ada):
    old = services.db.write_now(access.create_session, ada.id)
    _, path = await asked(services, browser)
    for _ in range(3):
        assert (await browser.get(path)).status == 200
    assert browser.page.headers["Referrer-Policy"] == "no-referrer"

    page = await browser.post(path, password=NEW)

    assert page.path.startswith("/login")
    assert services.db.read_now(access.sessions_of, ada.id) == []
    assert old
    assert (await browser.post("/login", login="ada", password=PASSWORD)).status == 403
    assert (await browser.post("/login", login="ada", password=NEW)).status == 200
    browser.cookie = ""
    assert (await browser.get(path)).status == 404
    assert (await browser.post(path, password=PASSWORD)).status == 404
    assert letters.waiting(services)[-1][1]["subject"] == "Your password has been changed"


async def test_tokens_end_with_the_password(services, browser, ada):
    def issue(tx):
        app, _ = access.register_app(tx, name="P", redirect_uris=[access.OUT_OF_BAND], scopes="read", website=None)
        return access.issue_token(tx, app_id=app.id, member_id=ada.id, scopes=("read",)).secret

    token = services.db.write_now(issue)
    _, path = await asked(services, browser)
    await browser.get(path)

    await browser.post(path, password=NEW)

    assert services.db.read_now(access.find_token, access.digest(token)) is None


async def test_nobody_is_told_whether_an_address_is_known(services, browser, ada):
    known, _ = await asked(services, browser)
    unknown, _ = await asked(services, browser, "nobody@mail.example")

    assert (known.status, known.path, known.words) == (unknown.status, unknown.path, unknown.words)
    assert len(letters.waiting(services)) == 1


async def test_the_way_back_is_kept_through_the_letter(services, browser, ada):
    _, path = await asked(services, browser, next="/oauth/authorize?client_id=x&state=a%20b")
    await browser.get(path)

    page = await browser.post(path, password=NEW)

    assert page.path.startswith("/login?next=%2Foauth%2Fauthorize%3Fclient_id%3Dx%26state%3Da%2520b")


async def test_a_link_is_worth_nothing_after_the_password_or_its_time(services, browser, ada):
    from datetime import timedelta

    from sqlalchemy import update

    from node.access.tables import mail_links

    _, path = await asked(services, browser)
    services.db.write_now(members.change_password, ada.id, "x")
    assert (await browser.get(path)).status == 404
    _, path = await asked(services, browser)
    assert (await browser.get(path)).status == 200
    services.db.write_now(
        lambda tx: tx.conn.execute(update(mail_links).values(created_at=tx.now - timedelta(minutes=61)))
    )
    assert (await browser.get(path)).status == 404


async def test_a_password_that_cannot_be_used_leaves_the_link_good(services, browser, ada):
    _, path = await asked(services, browser)
    await browser.get(path)

    assert (await browser.post(path, password="short")).status == 422
    assert (await browser.post(path, password=NEW)).status == 200


async def test_another_site_cannot_use_the_forms(services, browser, ada):
    _, path = await asked(services, browser)

    assert (await browser.post(path, origin="https://evil.example", password=NEW)).status == 403
    assert (await browser.post("/password", origin=None, email="ada@mail.example")).status == 403


async def test_a_mailbox_gets_few_letters(services, browser, ada):
    letters.with_mail(services)
    for _ in range(5):
        await browser.post("/password", email="ada@mail.example")

    assert (await browser.post("/password", email="ADA@mail.example")).status == 429


async def test_without_mail_the_page_says_so(browser):
    assert "sends no letters" in (await browser.get("/password")).words


async def test_a_newcomer_confirms_and_the_staff_lets_them_in(services, browser, password_hash):
    boss = builders.a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)
    nina, path = newcomer(services, password_hash)
    assert "Please confirm your address first" in (await _log_in(browser)).words
    await browser.get(path)
    page = await browser.post(path)
    assert "once the association has let you in" in page.words
    assert "has not let you in yet" in (await _log_in(browser)).words
    summarise(services.db)
    assert letters.waiting(services)[-1][0] == boss.email
    assert (await browser.get("/@nina")).status == 404

    await browser.log_in(boss)
    assert "I was in the choir." in (await browser.get("/staff/sign-ups")).words
    page = await browser.post(f"/staff/sign-ups/{nina.id}/approve")

    assert "Nobody waits here." in page.words
    assert letters.waiting(services)[-1][0] == "nina@mail.example"
    browser.cookie = ""
    assert (await _log_in(browser)).status == 200
    assert (await browser.get("/@nina")).status == 200


async def test_whoever_is_turned_away_is_forgotten(services, browser, password_hash):
    boss = builders.a_member(services.db, "boss", roles=("member", "secretary"), password_hash=password_hash)
    nina, path = newcomer(services, password_hash)
    await browser.get(path)
    await browser.post(path)
    await browser.log_in(boss)
    await browser.get("/staff/sign-ups")

    await browser.post(f"/staff/sign-ups/{nina.id}/turn-away")

    with pytest.raises(NotFound):
        services.db.read_now(members.get, nina.id)
    assert services.db.read_now(actors.find, nina.id) is None
    assert (await browser.post(f"/staff/sign-ups/{nina.id}/approve")).status == 404
    await browser.get("/staff/sign-ups")
    assert (await browser.post(f"/staff/sign-ups/{boss.id}/turn-away")).status == 404


async def test_who_waits_is_for_the_staff_alone(services, browser, ada, password_hash):
    nina, _ = newcomer(services, password_hash)
    assert (await browser.get("/staff/sign-ups")).path.startswith("/login")
    await browser.log_in(ada)

    assert (await browser.get("/staff/sign-ups")).status == 403
    await browser.get("/settings/profile")
    assert (await browser.post(f"/staff/sign-ups/{nina.id}/approve")).status == 403


async def test_a_link_for_one_thing_is_worth_nothing_for_another(services, browser, password_hash):
    _, path = newcomer(services, password_hash)

    with pytest.raises(NotFound):
        services.db.read_now(access.find_link, Purpose.RESET, path.rpartition("/")[2])
    assert (await browser.get("/confirm/unknown")).status == 404


def test_who_never_confirms_is_forgotten_after_three_days(services, password_hash):
    from datetime import timedelta

    from sqlalchemy import update

    from node.members.tables import members as table

    nina, _ = newcomer(services, password_hash)
    services.db.write_now(members.sweep_unconfirmed)
    assert services.db.read_now(members.get, nina.id)
    services.db.write_now(
        lambda tx: tx.conn.execute(
            update(table).where(table.c.actor_id == nina.id).values(created_at=tx.now - timedelta(days=4))
        )
    )

    services.db.write_now(members.sweep_unconfirmed)

    assert services.db.read_now(actors.by_handle, "nina") is None


async def _log_in(browser):
    await browser.get("/login")
    return await browser.post("/login", login="nina", password=PASSWORD)


FORM = {
    "name": "Carla Reyes",
    "username": "carla",
    "email": "carla@mail.example",
    "password": PASSWORD,
    "reason": "Choir",
}


async def test_somebody_signs_up_on_the_page(services, browser):
    letters.with_mail(services, "approval")
    assert 'href="/sign-up"' in (await browser.get("/login")).text
    await browser.get("/sign-up")

    page = await browser.post("/sign-up", **FORM)

    assert "is on its way to you" in page.words
    [(to, letter)] = letters.waiting(services)
    assert (to, letters.path_of(services, letter).startswith("/confirm/")) == ("carla@mail.example", True)
    assert services.db.read_now(members.by_login, "carla").standing is members.Standing.UNCONFIRMED


async def test_where_the_young_are_taken_everybody_says_when_they_were_born(services, browser):
    letters.with_mail(services, "open", minimum_age=15)
    today = clock.now().date()
    token, _ = services.db.write_now(members.create_invitation, class_year=2030)
    for path in ("/sign-up", f"/invite/{token}"):
        page = await browser.get(path)
        assert "You have to be at least 15." in page.words
        for born, fault in (
            ("", "Please say when you were born."),
            ("soon", "Please look at the date of birth again."),
            (date(today.year - 14, 1, 1).isoformat(), "You are too young to join this network."),
        ):
            page = await browser.post(path, **FORM, birth_date=born)
            assert (page.status, fault in page.words) == (422, True)

    await browser.post(f"/invite/{token}", **FORM, birth_date=date(today.year - 16, 1, 1).isoformat())

    assert services.db.read_now(members.by_login, "carla").adult_on == date(today.year + 2, 1, 1)


async def test_where_they_are_not_one_says_with_the_form_that_one_is_of_age(services, browser):
    letters.with_mail(services, "open")
    token, _ = services.db.write_now(members.create_invitation)
    for path in ("/sign-up", f"/invite/{token}"):
        page = await browser.get(path)
        assert "With this you say that you are at least 18 years old." in page.words
        assert "birth_date" not in page.text


def with_roster(services, rows):
    """A roster with these people: family name, given name, class, date of birth."""
    sheet = roster.open_sheet(f"nom;prenom;promo;ddn\n{rows}".encode(), roster.Options())
    preview = roster.preview(sheet, [], roster.Mode.BOTH, clock.now().date())
    number = services.db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    services.db.write_now(roster.start, {"admin"}, number)
    services.db.write_now(roster.apply_step, number, preview.to_write)


async def test_the_roster_lets_in_whom_it_is_sure_of_and_the_page_does_not_say_so(services, browser):
    letters.with_mail(services, "approval")
    with_roster(services, "Reyes;Carla;2004;03/04/1981\nReyes;Mia;2004;13/04/1981\n")
    at_school = {"given_name": "Carla", "family_name": "REYES", "class_year": "2004"}
    answers = []
    for name, born in (("carla", "1981-04-03"), ("mallory", "1981-04-04")):
        await browser.get("/sign-up")
        form = {**FORM, **at_school, "username": name, "email": f"{name}@mail.example", "birth_date": born}
        await browser.post("/sign-up", **form)
        path = letters.path_of(services, letters.waiting(services)[-1][1])
        await browser.get(path)
        answers.append((await browser.post(path)).words)
        member = services.db.read_now(members.by_login, name)
        services.db.write_now(judge_newcomer, member.id)

    assert answers[0] == answers[1]
    assert services.db.read_now(members.by_login, "carla").is_active
    assert services.db.read_now(members.by_login, "mallory").standing is members.Standing.PENDING
    welcomed = [to for to, letter in letters.waiting(services) if letter["subject"] == "Welcome"]
    assert welcomed == ["carla@mail.example"]


async def test_the_form_does_the_same_for_names_in_the_roster_and_others(services, browser):
    """Nothing that time could tell either: no entry of the roster is looked at before the answer is given."""
    letters.with_mail(services, "approval")
    with_roster(services, "Reyes;Carla;2004;03/04/1981\n")
    seen = []
    for name, family in (("carla", "Reyes"), ("mallory", "Nobody")):
        statements, sent = [], len(letters.waiting(services))

        def note(*given, into=statements):
            into.append(given[2])

        event.listen(Engine, "before_cursor_execute", note)
        try:
            await browser.get("/sign-up")
            page = await browser.post(
                "/sign-up",
                **{**FORM, "username": name, "email": f"{name}@mail.example", "given_name": "Carla"},
                family_name=family,
                class_year="2004",
                birth_date="1981-04-03",
                to_classmates="1",
            )
            path = letters.path_of(services, letters.waiting(services)[-1][1])
            await browser.get(path)
            confirmed = await browser.post(path)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        seen.append((page.status, page.words, confirmed.words, len(letters.waiting(services)) - sent))
        assert any("roster_claims" in statement for statement in statements)
        for table in ("roster_entries", "roster_educations", "roster_addresses"):
            assert not any(table in statement for statement in statements)

    assert seen[0] == seen[1]
    case = services.db.read_now(roster.case_of, services.db.read_now(members.by_login, "mallory").id)
    assert (case.state, case.to_classmates) == (roster.State.OPEN, True)


async def test_who_decides_sees_what_the_roster_says_and_may_choose(services, browser, password_hash):
    boss = builders.a_member(services.db, "boss", roles=("member", "secretary"), password_hash=password_hash)
    with_roster(services, "Reyes;Carla;2004;\nReyes;Carl;2004;\n")
    nina, path = newcomer(services, password_hash)
    services.db.write_now(roster.claim, nina.id, roster.Claim(given_name="Carla", family_name="Reyes", class_year=2004))
    await browser.get(path)
    await browser.post(path)
    services.db.write_now(judge_newcomer, nina.id)
    summarise(services.db)
    assert letters.waiting(services)[-1][0] == boss.email

    await browser.log_in(boss)
    page = await browser.get("/staff/sign-ups")
    assert "At school: Carla Reyes · 2004" in page.words
    assert "Several people fit nearly as well." in page.words
    assert "Carla Reyes 2004 · 60 points" in page.words
    [entry] = [entry for entry in services.db.read_now(roster.everybody) if entry.content.given_name == "Carla"]
    await browser.post(f"/staff/sign-ups/{nina.id}/approve?entry={entry.id}")

    assert services.db.read_now(roster.entry_of, nina.id) == entry.id
    assert services.db.read_now(members.get, nina.id).is_active


async def test_the_class_that_the_roster_says_stays(services, browser, password_hash):
    nina, path = newcomer(services, password_hash)
    with_roster(services, "Reyes;Nina;2004;\n")
    [entry] = services.db.read_now(roster.everybody)
    await browser.get(path)
    await browser.post(path)
    services.db.write_now(roster.let_in, builders.a_member(services.db, roles=("admin",)), nina.id, entry.id)
    await _log_in(browser)
    await browser.get("/settings/profile")

    page = await browser.post("/settings/profile", name="Nina", class_year="1999", locale="en", zone="UTC")
    assert (page.status, "Others know you by your class" in page.words) == (403, True)
    await browser.post("/settings/profile", name="Nina R.", class_year="2004", locale="en", zone="UTC")

    actor = services.db.read_now(members.get, nina.id).actor
    assert (actor.display_name, actor.class_year) == ("Nina R.", 2004)


@pytest.mark.parametrize(
    ("field", "value"),
    [("class_year", "soon"), ("class_year", "12004"), ("birth_date", "03/04/1981"), ("birth_date", "2031-01-01")],
)
async def test_what_is_no_year_or_date_comes_back_with_all_that_was_typed(services, browser, field, value):
    letters.with_mail(services, "approval")
    await browser.get("/sign-up")

    page = await browser.post("/sign-up", **{**FORM, "family_name": "Reyes", field: value})

    assert page.status == 422
    assert f'value="{value}"' in page.text
    assert 'value="Reyes"' in page.text


async def test_the_page_tells_nobody_that_an_address_is_known(services, browser, ada):
    letters.with_mail(services, "open")
    await browser.get("/sign-up")
    known = await browser.post("/sign-up", **{**FORM, "email": ada.email})
    fresh = await browser.post("/sign-up", **FORM)

    assert (known.status, known.words) == (fresh.status, fresh.words)
    assert [to for to, _ in letters.waiting(services)] == [ada.email, "carla@mail.example"]


@pytest.mark.parametrize("field", ["name", "username", "email", "password", "reason"])
async def test_a_form_that_lacks_something_comes_back(services, browser, field):
    letters.with_mail(services, "approval")
    await browser.get("/sign-up")

    page = await browser.post("/sign-up", **{**FORM, field: " "})

    assert page.status == 422
    assert PASSWORD not in page.text
    assert letters.waiting(services) == []


async def test_nobody_signs_up_where_it_is_closed_or_from_another_site(services, browser):
    assert (await browser.get("/sign-up")).status == 404
    letters.with_mail(services, "open")

    assert (await browser.post("/sign-up", origin="https://evil.example", **FORM)).status == 403
