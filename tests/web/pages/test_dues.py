# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dues on the pages: a member says that they have paid, the treasurer finds it, and a receipt comes of it."""

import re
from datetime import date, timedelta

import pytest

from node import contacts, dues, privacy
from node.dues import Method, Money, PaymentState, Status, Terms, couples
from node.kernel import clock
from tests.support import letters
from tests.support.builders import a_member

KEEPER = frozenset({"treasurer"})


@pytest.fixture
def today():
    return clock.now().date()


@pytest.fixture
def plan(services):
    """Thirty euros a year."""
    return services.db.write_now(dues.add_plan, KEEPER, "Yearly dues", Terms(amount=3000))


@pytest.fixture
async def treasurer(services, browser, password_hash):
    """A browser with the treasurer, and who that is."""
    member = a_member(services.db, "theo", roles=("member", "treasurer"), password_hash=password_hash)
    await browser.log_in(member)
    await browser.get("/staff/dues")
    return member


def recorded(services, who, plan, by, today, **more):
    money = Money(plan_id=plan, amount=3000, method=Method.CHEQUE, paid_on=today, **more)
    return services.db.write_now(dues.record, KEEPER, by.id, who.id, money, today)


def payments(services, who):
    return services.db.read_now(dues.payments_of, who.id)


async def test_a_member_pays_and_gets_a_receipt(services, browser, ada, plan, today, password_hash):
    letters.with_mail(services)
    said = dues.Association(legal_name="Friends of the Harbour", how_to_pay="To account 7\nof the bank")
    services.db.write_now(dues.set_association, KEEPER, said)
    theo = a_member(services.db, "theo", roles=("member", "treasurer"), password_hash=password_hash)
    await browser.log_in(ada)
    page = await browser.get("/dues")
    assert "Never paid" in page.words
    assert "To account 7 of the bank" in page.words
    assert dues.reference_of(ada.id) in page.words
    assert "/staff/dues" not in page.text
    form = {"plan": str(plan), "amount": "30", "method": "transfer", "paid_on": today.isoformat()}
    page = await browser.post("/dues", **form, reference="From Ada")
    assert "The treasurer looks for your payment" in page.words
    assert "waits for the treasurer" in page.words

    await browser.log_in(theo)
    page = await browser.get("/staff/dues")
    assert "Ada Winter" in page.words
    assert "From Ada" in page.words
    [payment] = payments(services, ada)
    await browser.post(f"/staff/dues/payments/{payment.id}/confirm")

    [(to, letter)] = letters.waiting(services)
    assert to == "ada@mail.example"
    await browser.log_in(ada)
    page = await browser.get(letters.path_of(services, letter))
    assert "Friends of the Harbour" in page.words
    assert "thirty euros" in page.words
    assert "Duplicate" not in page.words
    assert "Paid" in (await browser.get("/dues")).words
    async with browser.client.get(
        f"{letters.path_of(services, letter)}.pdf",
        headers={"Host": "harbour.example", "Cookie": f"__Host-alumnode={browser.cookie}"},
    ) as answer:
        assert answer.content_type == "application/pdf"
        assert (await answer.read()).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "much"}, "Please write an amount"),
        ({"amount": "0"}, "Please give an amount above zero."),
        ({"plan": "4"}, "Please choose what is paid."),
        ({"method": "gold"}, "Please choose how it is paid."),
        ({"paid_on": "yesterday"}, "Please give a day"),
        ({"paid_on": "2199-01-01"}, "Please give a day that is not in the future"),
    ],
)
async def test_what_cannot_be_a_payment_is_said_at_its_field(services, browser, ada, plan, today, wrong, words):
    await browser.log_in(ada)
    await browser.get("/dues")
    form = {"plan": str(plan), "amount": "30", "method": "transfer", "paid_on": today.isoformat(), **wrong}

    page = await browser.post("/dues", **form, reference="kept")

    assert page.status == 422
    assert words in page.words
    assert 'value="kept"' in page.text
    assert payments(services, ada) == []


async def test_a_member_chooses_the_name_on_receipts_and_stops_reminders(services, browser, ada, plan, today):
    await browser.log_in(ada)
    await browser.get("/dues")
    await browser.post("/dues/name", receipt_name="Dr Ada Winter", receipt_address="2 Hill\nTown")
    page = await browser.post("/dues/reminders", wanted="0")
    assert "You get no letters about dues until" in page.words
    assert "2 Hill" in page.text
    who = services.db.read_now(dues.standing, ada.id, today)
    assert (who.receipt_name, who.no_reminders_until is not None) == ("Dr Ada Winter", True)
    page = await browser.post("/dues/reminders", wanted="1")
    assert "You get a letter before your dues end" in page.words


async def test_a_receipt_is_seen_by_its_member_and_the_keepers_alone(
    services, browser, ada, ben, plan, today, password_hash
):
    theo = a_member(services.db, "theo", roles=("member", "treasurer"), password_hash=password_hash)
    recorded(services, ada, plan, theo, today)
    [line] = payments(services, ada)[0].receipts
    for path in (f"/dues/receipts/{line.id}", f"/dues/receipts/{line.id}.pdf"):
        browser.cookie = ""
        assert (await browser.get(path)).path.startswith("/login")
        await browser.log_in(ben)
        assert (await browser.get(path)).status == 404
    assert (await browser.get("/dues/receipts/4")).status == 404
    await browser.log_in(theo)
    page = await browser.get(f"/dues/receipts/{line.id}")
    assert "Duplicate" in page.words


async def test_the_treasurer_writes_down_refunds_and_rejects(services, browser, treasurer, ada, plan, today):
    path = f"/staff/dues/{ada.id}"
    await browser.get(path)
    form = {"plan": str(plan), "amount": "60,00", "method": "cash", "paid_on": today.isoformat()}
    page = await browser.post(f"{path}/payments", **form)
    assert "arrived" in page.words
    [payment] = payments(services, ada)
    assert (payment.amount, payment.state) == (6000, PaymentState.CONFIRMED)
    page = await browser.post(f"{path}/payments", **{**form, "amount": "x"})
    assert page.status == 422

    page = await browser.post(f"/staff/dues/payments/{payment.id}/refund", reason="")
    assert page.status == 422
    await browser.get(path)
    page = await browser.post(f"/staff/dues/payments/{payment.id}/refund", reason="Paid twice", next=path)
    assert "refunded" in page.words
    assert "Credit note" in page.words
    assert (await browser.post(f"/staff/dues/payments/{payment.id}/cancel", reason="x")).status == 409

    money = Money(plan_id=plan, amount=3000, method=Method.CHEQUE, paid_on=today)
    number = services.db.write_now(dues.announce, ada.id, money, today)
    await browser.get("/staff/dues")
    await browser.post(f"/staff/dues/payments/{number}/reject", reason="No cheque has come.")
    assert services.db.read_now(dues.payment, number).state is PaymentState.REJECTED


async def test_the_treasurer_finds_members_by_how_they_stand(services, browser, treasurer, ada, ben, plan, today):
    recorded(services, ada, plan, treasurer, today)
    page = await browser.get("/staff/dues?status=current")
    assert "Ada Winter" in page.words
    assert "Ben Okoro" not in page.words
    page = await browser.get("/staff/dues?q=OKÔRO")
    assert "Ben Okoro" in page.words
    assert "Ada Winter" not in page.words
    for odd in ("?status=rich", "?page=-1", "?page=99999999999", "?q=%25"):
        assert (await browser.get(f"/staff/dues{odd}")).status == 200


async def test_somebody_need_not_pay_or_is_no_member_of_the_association(services, browser, treasurer, ada, today):
    path = f"/staff/dues/{ada.id}"
    await browser.get(path)
    page = await browser.post(f"{path}/exempt", exempt="1", until="2999-01-01", exempt_reason="Studies")
    assert "Need not pay until 1 Jan 2999. Studies" in page.words
    assert (await browser.post(f"{path}/exempt", exempt="1", until="never")).status == 422
    await browser.get(path)
    await browser.post(f"{path}/ended", ended="resigned")
    assert services.db.read_now(dues.standing, ada.id, today).status is Status.ENDED
    await browser.get(path)
    await browser.post(f"{path}/ended", ended="")
    assert services.db.read_now(dues.standing, ada.id, today).status is Status.EXEMPT
    assert (await browser.get("/staff/dues/4")).status == 404


async def test_who_looked_at_somebodys_dues_is_kept(services, browser, treasurer, ada):
    await browser.get(f"/staff/dues/{ada.id}")
    [look] = services.db.read_now(privacy.looks, ada.id, clock.now())
    assert look.what == privacy.Seen.DUES


async def test_plans_and_the_association_are_set(services, browser, treasurer):
    page = await browser.get("/staff/dues")
    assert "Nothing can be paid yet" in page.words
    await browser.get("/staff/dues/plans")
    form = {"name": "School year", "amount": "25", "price": "free", "period": "year", "begins": "09-01"}
    page = await browser.post("/staff/dues/plans", **form, rolls="06-01", grace_days="30")
    assert "School year" in page.words
    assert "€25.00 or more · for the association's year" in page.words
    [made] = services.db.read_now(dues.plans)
    assert (made.terms.begins_month, made.terms.rolls_month, made.terms.grace_days) == (9, 6, 30)
    for wrong in (
        {"amount": "x"},
        {"begins": "02-30"},
        {"grace_days": "many"},
        {"price": "?"},
        {"period": "?"},
        {"audience": "?"},
        {"young_years": "0"},
        {"active_from": "soon"},
        {"price": "sliding", "steps": "10"},
        {"gift": "1", "period": "once"},
    ):
        page = await browser.post("/staff/dues/plans", **{**form, "grace_days": "30", **wrong})
        assert page.status in (409, 422)
    page = await browser.post(
        "/staff/dues/plans",
        name="By class",
        amount="40",
        price="sliding",
        steps="2: 10\r\n5 :20.50",
        audience="retired",
        benefits="The yearbook\r\n\r\nTwo evenings",
        active_to="2999-01-01",
    )
    assert "€20.50 up to 5 years after the class year" in page.words
    assert "Retired people · until 1 Jan 2999" in page.words
    [_, more] = services.db.read_now(dues.plans)
    assert [(step.years, step.amount) for step in more.terms.steps] == [(2, 1000), (5, 2050)]
    assert more.offer.benefits == ("The yearbook", "Two evenings")
    page = await browser.post(f"/staff/dues/plans/{made.id}/close")
    assert "no longer offered" in page.words
    page = await browser.post(f"/staff/dues/plans/{made.id}/open")
    assert "no longer offered" not in page.words

    said = {"currency": "CHF", "legal_name": "Friends", "how_to_pay": "By cheque", "reminders": "-7, 1"}
    page = await browser.post("/staff/dues/association", **said)
    assert 'value="Friends"' in page.text
    assert services.db.read_now(dues.association).reminders == (-7, 1)
    for wrong in ({"currency": "ZZZ"}, {"reminders": "soon"}, {"reminders": "9999"}):
        assert (await browser.post("/staff/dues/association", **{**said, **wrong})).status == 422
        await browser.get("/staff/dues/plans")


async def test_the_accountant_gets_a_table_without_formulas(services, browser, treasurer, ada, plan, today):
    recorded(services, ada, plan, treasurer, today, reference="=cmd|' /C calc'!A0")
    page = await browser.get(f"/staff/dues/export?year={today.year}")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = page.text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("Paid on;Name;For;Amount;Currency")
    assert lines[1].startswith(f"{today.isoformat()};Ada Winter;Yearly dues;30.00;EUR;cheque;'=cmd|")
    assert len((await browser.get("/staff/dues/export?year=0000")).text.splitlines()) == 1
    assert len((await browser.get("/staff/dues/export?year=9999")).text.splitlines()) == 1


@pytest.mark.parametrize("roles", [("member",), ("member", "secretary", "moderator"), ("member", "board")])
async def test_dues_of_others_are_for_their_keepers_alone(services, browser, password_hash, ada, plan, roles):
    await browser.log_in(a_member(services.db, "marc", roles=roles, password_hash=password_hash))
    await browser.get("/dues")
    money = Money(plan_id=plan, amount=3000, method=Method.CHEQUE, paid_on=date(2026, 11, 25))
    number = services.db.write_now(dues.announce, ada.id, money, date(2026, 11, 25))
    for path in ("", "/plans", "/export", "/bank", "/roll", "/roll/export?on=2026-11-25", f"/{ada.id}"):
        assert (await browser.get(f"/staff/dues{path}")).status == 403
    await browser.get("/dues")
    posts = [f"/payments/{number}/{verb}" for verb in ("confirm", "reject", "refund", "cancel")]
    posts += ["/plans", "/gifts", f"/plans/{plan}/close", f"/plans/{plan}/open", "/association", "/bank", "/bank/take"]
    posts += [f"/{ada.id}/{what}" for what in ("payments", "exempt", "ended")]
    csrf = browser.page.csrf
    for path in posts:
        assert (await browser.post(f"/staff/dues{path}", csrf=csrf, reason="x")).status == 403
    assert services.db.read_now(dues.payment, number).state is PaymentState.ANNOUNCED


async def test_a_form_of_another_site_does_nothing(services, browser, treasurer, ada, plan, today):
    money = Money(plan_id=plan, amount=3000, method=Method.CHEQUE, paid_on=today)
    number = services.db.write_now(dues.announce, ada.id, money, today)
    await browser.get("/staff/dues")
    page = await browser.post(f"/staff/dues/payments/{number}/confirm", origin="https://evil.example")
    assert page.status == 403
    assert services.db.read_now(dues.payment, number).state is PaymentState.ANNOUNCED


async def test_a_file_of_the_bank_is_counted_line_by_line(services, browser, treasurer, ada, ben, plan, today):
    await browser.get("/staff/dues/bank")
    text = (
        "date;amount;name;text\n"
        f"{today.isoformat()};30,00;;{dues.reference_of(ada.id)}\n{today.isoformat()};30,00;Ben Okoro;gift\n"
        f"{today.isoformat()};7,00;Somebody;gift\n"
    )
    page = await browser.post("/staff/dues/bank", files={"file": text.encode()})
    assert "Ada Winter found by the word on the transfer" in page.words
    assert "Ben Okoro found by the name: please look twice" in page.words
    assert "nobody was found" in page.words
    assert payments(services, ada) == []
    fields = dict(re.findall(r'name="(line[^"]+)" value="([^"]*)"', page.text))
    fields |= {f"line[{place}][plan]": str(plan) for place in range(3)}
    fields |= {"line[0][yes]": "1", "line[2][yes]": "1"}

    page = await browser.post("/staff/dues/bank/take", **fields)

    assert "1 payment was counted." in page.words
    assert "Line 3 was not counted: There is no member of that name." in page.words
    [payment] = payments(services, ada)
    assert (payment.state, payment.amount, payment.method) == (PaymentState.CONFIRMED, 3000, Method.TRANSFER)
    assert payments(services, ben) == []
    page = await browser.post("/staff/dues/bank", files={"file": text.encode()})
    assert dues.reference_of(ada.id) not in page.words
    page = await browser.post("/staff/dues/bank/take", **fields)
    assert "0 payments were counted." in page.words
    assert len(payments(services, ada)) == 1


@pytest.mark.parametrize("data", [b"", b"just words", b"PK\x03\x04\x00"])
async def test_what_is_no_file_of_a_bank_is_refused_in_words(browser, treasurer, data):
    await browser.get("/staff/dues/bank")
    page = await browser.post("/staff/dues/bank", files={"file": data})
    assert page.status == 422


async def test_the_hourly_work_reminds_of_dues_once(services, browser, ada, plan, today, password_hash):
    letters.with_mail(services)
    theo = a_member(services.db, "theo", roles=("member", "treasurer"), password_hash=password_hash)
    long_ago = today - timedelta(days=366)
    money = Money(plan_id=plan, amount=3000, method=Method.CASH, paid_on=long_ago)
    services.db.write_now(dues.record, KEEPER, theo.id, ada.id, money, today)
    before = len(letters.waiting(services))

    await services.remind_of_dues(today)
    await services.remind_of_dues(today)

    [(to, letter)] = letters.waiting(services)[before:]
    assert to == "ada@mail.example"
    path = letters.path_of(services, letter)
    services.db.write_now(dues.set_association, KEEPER, dues.Association(how_to_pay="To account 7"))
    page = await browser.get(path)
    assert "Yearly dues · €30.00" in page.words
    assert "To account 7" in page.words
    assert "Ada" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert (await browser.get(f"{path[:-2]}xx")).status == 404
    services.db.write_now(dues.close_plan, KEEPER, plan, closed=True)
    page = await browser.get(path)
    assert "This can no longer be paid." in page.words
    assert "To account 7" not in page.words


async def test_a_price_by_class_and_what_a_member_says_of_themselves(services, browser, ada, ben, today):
    steps = (dues.Step(2, 1000),)
    terms = Terms(amount=4000, price=dues.Price.SLIDING, steps=steps)
    plan = services.db.write_now(dues.add_plan, KEEPER, "By class", terms, dues.Offer(audience=dues.Audience.RETIRED))
    honorary = dues.Offer(audience=dues.Audience.HONORARY)
    services.db.write_now(dues.add_plan, KEEPER, "Of honour", Terms(amount=1), honorary)
    await browser.log_in(ada)
    page = await browser.get("/dues")
    assert "By class €40.00" in page.words
    assert "Of honour" not in page.words
    form = {"plan": str(plan), "amount": "40", "method": "transfer", "paid_on": today.isoformat()}
    page = await browser.post("/dues", **form)
    assert page.status == 422
    assert "Please say that this is for somebody like you." in page.words
    await browser.post("/dues", **form, declared="1")
    [payment] = payments(services, ada)
    assert payment.declared


async def test_two_pay_together(services, browser, ada, ben, plan, password_hash):
    couple = dues.Offer(audience=dues.Audience.COUPLE)
    services.db.write_now(dues.add_plan, KEEPER, "Together", Terms(amount=5000), couple)
    await browser.log_in(ada)
    page = await browser.get("/dues")
    assert "has to be a contact of yours first" in page.words
    assert (await browser.post("/dues/couple", **{"with": str(ben.id)})).status == 404
    services.db.write_now(contacts.ask, ada.actor, ben.actor)
    services.db.write_now(contacts.accept, ben.actor, ada.actor)
    page = await browser.get("/dues")
    assert f'<option value="{ben.id}">Ben Okoro' in page.text
    page = await browser.post("/dues/couple", **{"with": str(ben.id)})
    assert "You have asked Ben Okoro" in page.words

    await browser.log_in(ben)
    page = await browser.get("/dues")
    assert "Ada Winter asks whether you two pay your dues together." in page.words
    page = await browser.post(f"/dues/couple/{ada.id}/decline")
    assert (await browser.post(f"/dues/couple/{ada.id}/agree")).status == 404
    services.db.write_now(couples.ask, ada.actor, ben.actor)
    await browser.get("/dues")
    page = await browser.post(f"/dues/couple/{ada.id}/agree")
    assert "You pay together with Ada Winter." in page.words
    await browser.log_in(a_member(services.db, "theo", roles=("member", "treasurer"), password_hash=password_hash))
    page = await browser.get(f"/staff/dues/{ada.id}")
    assert "Pays together with Ben Okoro." in page.words
    await browser.log_in(ben)
    await browser.get("/dues")
    page = await browser.post("/dues/couple/end")
    assert "You pay together" not in page.words


async def test_the_badge_is_shown_once_both_sides_want_it(services, browser, treasurer, ada, ben, plan, today):
    recorded(services, ada, plan, treasurer, today)
    await browser.log_in(ada)
    page = await browser.get("/dues")
    assert "Who sees there that your dues are paid" not in page.words
    services.db.write_now(dues.set_association, KEEPER, dues.Association(badges=True))
    await browser.get("/dues")
    assert "Dues in order" not in (await browser.get("/@ada")).words
    await browser.get("/dues")
    await browser.post("/dues/badge", level="3")
    assert (await browser.post("/dues/badge", level="all", csrf=browser.page.csrf)).status == 422
    assert "Dues in order" in (await browser.get("/@ada")).words
    assert "Dues in order" in (await browser.get("/@ada?as=school")).words
    assert "Dues in order" not in (await browser.get("/@ada?as=public")).words
    await browser.log_in(ben)
    assert "Dues in order" in (await browser.get("/@ada")).words
    browser.cookie = ""
    assert "Dues in order" not in (await browser.get("/@ada")).words


async def test_who_may_vote_on_a_day(services, browser, treasurer, ada, ben, plan, today):
    recorded(services, ada, plan, treasurer, today)
    page = await browser.get("/staff/dues/roll")
    assert "1 member · As a table (CSV)" in page.words
    assert "Ada Winter" in page.words
    assert "Ben Okoro" not in page.words
    page = await browser.get(f"/staff/dues/roll?on={today - timedelta(days=1)}")
    assert "0 members" in page.words
    page = await browser.get(f"/staff/dues/roll/export?on={today}")
    assert page.text.lstrip("\ufeff").splitlines()[0] == "Name;Class;Until;Signature"
    assert "Ada Winter" in page.text
    for path in ("/staff/dues/roll?on=soon", "/staff/dues/roll/export", "/staff/dues/roll/export?on=soon"):
        assert (await browser.get(path)).status == 422
    [taken] = services.db.read_now(privacy.staff_exports_before)
    assert (taken.what, taken.by.id, taken.row_count) == ("voters", treasurer.id, 1)
    assert [one.what for one in services.db.read_now(privacy.staff_exports_before)] == [privacy.Taken.VOTERS]


async def test_an_administrator_declares_receipts_for_gifts(services, browser, treasurer, password_hash):
    page = await browser.get("/staff/dues/plans")
    assert "There are none: an administrator would have to declare" in page.words
    said = {"declared": "1", "articles[]": "200", "basis": "A body of general interest", "signer": "Lea, president"}
    assert (await browser.post("/staff/dues/gifts", **said)).status == 403
    await browser.log_in(a_member(services.db, "noor", roles=("member", "admin"), password_hash=password_hash))
    await browser.get("/staff/dues/plans")
    page = await browser.post("/staff/dues/gifts", **{**said, "signer": ""})
    assert page.status == 422
    assert "Please say who signs." in page.words
    assert "A body of general interest" in page.text
    page = await browser.post("/staff/dues/gifts", **said)
    assert services.db.read_now(dues.association).gifts.articles == ("200",)
    gift = {"name": "Grants", "amount": "1", "price": "free", "period": "once", "gift": "1"}
    page = await browser.post("/staff/dues/plans", **gift)
    assert "€1.00 or more · a gift" in page.words
