# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is paid for whom: prices by class, couples, gifts; who may vote, and who shows that they have paid."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from node import contacts, dues, relationships
from node.actors import association
from node.actors.tables import actors
from node.dues import badges, couples, links, receipts
from node.dues.gifts import Gifts
from node.dues.offers import Audience, Offer
from node.dues.rules import Ending, Method, PaymentState, Period, Price, Status, Step, Terms, Verb
from node.kernel import audit, clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.notices.tables import notices
from node.profiles import FederationMode, Level, answer
from tests.support.builders import a_member

TREASURER = frozenset({"treasurer"})
ADMIN = frozenset({"admin"})
TODAY = date(2026, 11, 25)
COUPLE = Offer(audience=Audience.COUPLE)
GIFT = Terms(amount=100, price=Price.FREE, period=Period.ONCE)
DECLARED = Gifts(
    declared=True, articles=("200", "nothing"), basis="A body of general interest", signer="Lea, president"
)


@pytest.fixture
def ana(db):
    """A member."""
    return a_member(db, "ana", class_year=2024)


@pytest.fixture
def bo(db):
    """Another one."""
    return a_member(db, "bo", class_year=1998)


def money(plan, amount=3000, day=TODAY, **more):
    return dues.Money(plan_id=plan, amount=amount, method=Method.TRANSFER, paid_on=day, **more)


def record(db, who, plan, amount=3000, day=TODAY):
    return db.write_now(dues.record, TREASURER, None, who.id, money(plan, amount, day), TODAY)


def standing(db, who, day=TODAY):
    return db.read_now(dues.standing, who.id, day)


def told(db, about):
    return db.read_now(
        lambda conn: conn.execute(
            select(func.count()).select_from(notices).where(notices.c.about == about)
        ).scalar_one()
    )


def documents(db, number):
    return [db.read_now(dues.receipt, line.id) for line in db.read_now(dues.payment, number).receipts]


def pair(db, ana, bo):
    """They are contacts, and pay together."""
    db.write_now(contacts.ask, ana.actor, bo.actor)
    db.write_now(contacts.accept, bo.actor, ana.actor)
    db.write_now(couples.ask, ana.actor, bo.actor)
    db.write_now(couples.agree, ana.id, bo.id)


def test_each_pays_what_their_class_costs(db, ana, bo):
    terms = Terms(amount=3000, price=Price.SLIDING, steps=(Step(2, 1000),))
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", terms, Offer(benefits=("The yearbook",)))
    [found] = db.read_now(dues.plans)
    assert (found.terms, found.offer.benefits) == (terms, ("The yearbook",))
    for who in (ana, bo):
        db.read_now(dues.payment, record(db, who, plan, 1000))
    assert (standing(db, ana).status, standing(db, bo).status) == (Status.CURRENT, Status.NEVER)
    with pytest.raises(Invalid):
        db.write_now(dues.announce, ana.id, money(plan, 10_001), TODAY)


def test_a_member_says_that_a_plan_is_for_them_and_the_treasurer_reads_so(db, ana, bo):
    young = db.write_now(dues.add_plan, TREASURER, "Young", Terms(amount=500), Offer(audience=Audience.YOUNG))
    retired = db.write_now(dues.add_plan, TREASURER, "Retired", Terms(amount=500), Offer(audience=Audience.RETIRED))
    over = db.write_now(dues.add_plan, TREASURER, "Over", Terms(amount=500), Offer(active_to=TODAY - timedelta(days=1)))
    db.write_now(dues.announce, ana.id, money(young, 500), TODAY)
    with pytest.raises(Invalid):
        db.write_now(dues.announce, bo.id, money(young, 500), TODAY)
    with pytest.raises(Invalid):
        db.write_now(dues.announce, bo.id, money(retired, 500), TODAY)
    with pytest.raises(Conflict):
        db.write_now(dues.announce, bo.id, money(over, 500), TODAY)
    number = db.write_now(dues.announce, bo.id, money(retired, 500, declared=True), TODAY)
    assert db.read_now(dues.payment, number).declared
    # The treasurer knows better.
    record(db, bo, young, 500)
    record(db, bo, over, 500)
    assert standing(db, bo).status is Status.CURRENT
    trail = [entry.after for entry in db.read_now(audit.about, bo.id) if entry.verb == "dues.payment"]
    assert trail.count("announced") == 1


def test_one_payment_of_a_couple_counts_for_both_and_stays_when_they_part(db, ana, bo):
    plan = db.write_now(dues.add_plan, TREASURER, "Couple", Terms(amount=5000), COUPLE)
    with pytest.raises(Invalid):
        db.write_now(dues.announce, ana.id, money(plan, 5000), TODAY)
    pair(db, ana, bo)
    first = db.write_now(dues.announce, ana.id, money(plan, 5000), TODAY)
    db.write_now(dues.confirm, TREASURER, bo.id, first, TODAY)

    assert {standing(db, who).paid_until for who in (ana, bo)} == {date(2027, 11, 24)}
    [paper] = documents(db, first)
    assert ["Also for", "Bo"] in paper.document["rows"]
    assert [line.name for line in db.read_now(dues.roll, TODAY)] == ["Ana", "Bo"]

    # The other pays the next year, and it counts for both, too.
    second = record(db, bo, plan, 5000)
    assert {standing(db, who).paid_until for who in (ana, bo)} == {date(2028, 11, 24)}
    db.write_now(couples.end, bo.id)
    assert db.read_now(couples.partner_of, ana.id) is None
    assert {standing(db, who).paid_until for who in (ana, bo)} == {date(2028, 11, 24)}
    with pytest.raises(Invalid):
        record(db, ana, plan, 5000)

    db.write_now(dues.give_back, TREASURER, bo.id, second, Verb.REFUND, "Twice", TODAY)
    assert {standing(db, who).paid_until for who in (ana, bo)} == {date(2027, 11, 24)}
    db.write_now(relationships.delete_account, bo)
    assert db.read_now(dues.payment, first).partner_id is None
    assert standing(db, ana).paid_until == date(2027, 11, 24)


def test_what_two_pay_at_the_same_moment_adds_up_for_both(db, ana, bo):
    plan = db.write_now(dues.add_plan, TREASURER, "Couple", Terms(amount=5000), COUPLE)
    pair(db, ana, bo)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda turn: record(db, (ana, bo)[turn % 2], plan, 5000), range(8)))

    assert {standing(db, who).paid_until for who in (ana, bo)} == {date(2034, 11, 24)}


def test_who_parts_before_it_is_confirmed_pays_for_one(db, ana, bo):
    plan = db.write_now(dues.add_plan, TREASURER, "Couple", Terms(amount=5000), COUPLE)
    pair(db, ana, bo)
    number = db.write_now(dues.announce, ana.id, money(plan, 5000), TODAY)
    db.write_now(couples.end, ana.id)

    db.write_now(dues.confirm, TREASURER, None, number, TODAY)

    assert [standing(db, who).status for who in (ana, bo)] == [Status.CURRENT, Status.NEVER]


def test_two_pay_together_once_both_say_so_and_until_one_does_not(db, ana, bo):
    cy = a_member(db, "cy")
    with pytest.raises(NotFound):
        db.write_now(couples.ask, ana.actor, bo.actor)
    for other in (bo, cy):
        db.write_now(contacts.ask, ana.actor, other.actor)
        db.write_now(contacts.accept, other.actor, ana.actor)
    about = f"dues-couple:{ana.id}"

    for _ in range(2):
        db.write_now(couples.ask, ana.actor, bo.actor)
    assert [who.id for who in db.read_now(couples.of, bo.id).asking] == [ana.id]
    assert db.read_now(couples.of, ana.id).asked.id == bo.id
    assert (told(db, about), standing(db, ana).partner_id) == (1, None)
    db.write_now(couples.decline, ana.id, bo.id)
    assert (told(db, about), db.read_now(couples.of, ana.id)) == (0, couples.Couple())
    with pytest.raises(NotFound):
        db.write_now(couples.agree, ana.id, bo.id)

    # Asked of another, the first is asked no more; who is asked and asks has said yes.
    db.write_now(couples.ask, ana.actor, bo.actor)
    db.write_now(couples.ask, ana.actor, cy.actor)
    assert db.read_now(couples.of, bo.id) == couples.Couple()
    db.write_now(couples.ask, cy.actor, ana.actor)
    assert (standing(db, ana).partner_id, standing(db, cy).partner_id) == (cy.id, ana.id)
    assert told(db, about) == 0
    with pytest.raises(Conflict):
        db.write_now(couples.ask, ana.actor, bo.actor)
    db.write_now(couples.end, ana.id)
    db.write_now(couples.end, ana.id)
    assert standing(db, cy).partner_id is None


def test_nobody_is_in_two_couples(db, ana, bo):
    cy = a_member(db, "cy")
    for who in (ana, cy):
        db.write_now(contacts.ask, who.actor, bo.actor)
        db.write_now(contacts.accept, bo.actor, who.actor)
        db.write_now(couples.ask, who.actor, bo.actor)
    db.write_now(couples.agree, ana.id, bo.id)
    with pytest.raises(Conflict):
        db.write_now(couples.agree, cy.id, bo.id)
    assert standing(db, bo).partner_id == ana.id


def test_who_has_died_is_nobodys_couple_unless_it_was_a_mistake(db, ana, bo):
    cy = a_member(db, "cy")
    pair(db, ana, bo)

    def set_memorial(dead):
        db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.id == bo.id).values(memorial=dead)))

    set_memorial(True)
    assert (standing(db, ana).partner_id, db.read_now(couples.partner_of, ana.id)) == (None, None)
    assert db.read_now(couples.of, ana.id) == couples.Couple()
    set_memorial(False)
    assert standing(db, ana).partner_id == bo.id
    set_memorial(True)

    db.write_now(contacts.ask, ana.actor, cy.actor)
    db.write_now(contacts.accept, cy.actor, ana.actor)
    db.write_now(couples.ask, cy.actor, ana.actor)
    db.write_now(couples.agree, cy.id, ana.id)

    set_memorial(False)
    assert (standing(db, ana).partner_id, standing(db, bo).partner_id) == (cy.id, None)


def test_gifts_have_receipts_of_their_own_once_an_administrator_has_declared_so(db, ana):
    with pytest.raises(Conflict):
        db.write_now(dues.add_plan, TREASURER, "Gift", GIFT, Offer(gift=True))
    with pytest.raises(NotAllowed):
        db.write_now(dues.declare_gifts, TREASURER, ana.id, DECLARED)
    for left_out in ({"articles": ("1",)}, {"basis": " "}, {"signer": ""}):
        values = {"declared": True, "articles": ("200",), "basis": "b", "signer": "s"} | left_out
        with pytest.raises(Invalid):
            db.write_now(dues.declare_gifts, ADMIN, ana.id, Gifts(**values))
    db.write_now(dues.declare_gifts, ADMIN, ana.id, DECLARED)
    # What the treasurer says of receipts leaves that as it is.
    db.write_now(dues.set_association, TREASURER, dues.Association(legal_name="Friends"))
    assert db.read_now(dues.association).gifts.articles == ("200",)
    node = db.read_now(association)
    assert [entry.after for entry in db.read_now(audit.about, node.id) if entry.verb == "dues.gifts"] == ["true"]

    gift = db.write_now(dues.add_plan, TREASURER, "Gift", GIFT, Offer(gift=True))
    plain = db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000))
    with pytest.raises(Invalid):
        record(db, ana, gift, 5000)
    db.write_now(dues.set_receipt_name, ana.id, "Dr Ana Demo", "2 Hill\nTown")
    numbers = [record(db, ana, plan, 5000) for plan in (plain, gift, gift)]
    [first], [second], [third] = (documents(db, number) for number in numbers)
    assert [paper.number for paper in (first, second, third)] == ["2026-0001", "G2026-0001", "G2026-0002"]
    assert "no receipt for a gift" in first.document["foot"]
    assert second.document["title"] == "Receipt for a gift"
    assert "apply: 200." in second.document["foot"]
    rows = dict(second.document["rows"])
    assert rows["Grounds"] == "A body of general interest"
    assert (rows["Signed by"], rows["Received from"], rows["Address"]) == (
        "Lea, president",
        "Dr Ana Demo",
        "2 Hill\nTown",
    )
    # A gift buys no time.
    assert standing(db, ana).plan.name == "Dues"

    db.write_now(dues.give_back, TREASURER, None, numbers[1], Verb.CANCEL, "Wrong", TODAY)
    note = documents(db, numbers[1])[1]
    assert (note.number, note.kind) == ("G2026-0003", receipts.CREDIT_NOTE)
    assert ["Takes back receipt", "G2026-0001"] in note.document["rows"]

    papers = db.read_now(dues.receipts_of, ana.id)
    assert [paper.number for paper in papers] == ["2026-0001", "G2026-0001", "G2026-0002", "G2026-0003"]
    db.write_now(dues.declare_gifts, ADMIN, ana.id, Gifts())
    [later] = documents(db, record(db, ana, gift, 5000))
    assert (later.number, later.document["title"]) == ("2026-0002", "Receipt")
    assert documents(db, numbers[2]) == [third]


def test_the_roll_of_a_day(db, ana, bo):
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000, months=1))
    first, last = date(2026, 10, 5), date(2026, 11, 4)
    record(db, ana, plan, day=first)
    db.write_now(dues.set_exempt, TREASURER, None, bo.id, exempt=True, since=TODAY, until=date(2026, 12, 1))

    def names(day):
        return [line.name for line in db.read_now(dues.roll, day)]

    # Paid again and exempt later: the past stays as it was.
    record(db, ana, plan)
    day = timedelta(days=1)
    assert [names(one) for one in (first - day, first, last, last + day, TODAY)] == [
        [],
        ["Ana"],
        ["Ana"],
        [],
        ["Ana", "Bo"],
    ]
    assert [line.covered_until for line in db.read_now(dues.roll, TODAY)] == [date(2026, 12, 24), None]
    assert names(date(2026, 12, 2)) == ["Ana"]
    # Longer, and the first day stays; after a gap there is another.
    for since, until, first_day in (
        (TODAY + day, date(2026, 12, 1), TODAY),
        (date(2026, 12, 5), None, date(2026, 12, 5)),
    ):
        db.write_now(dues.set_exempt, TREASURER, None, bo.id, exempt=True, since=since, until=until)
        assert standing(db, bo).exempt_since == first_day
    db.write_now(dues.set_exempt, TREASURER, None, bo.id, exempt=False, since=TODAY)
    db.write_now(dues.set_exempt, TREASURER, None, bo.id, exempt=True, since=TODAY)
    db.write_now(dues.set_ended, TREASURER, None, ana.id, Ending.RESIGNED, TODAY)
    assert (names(TODAY), names(last)) == (["Bo"], ["Ana"])


def test_a_badge_is_shown_to_whom_a_member_says_while_they_owe_nothing(db, ana, bo):
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000))
    record(db, ana, plan)
    now = clock.now()

    def seen(viewer=None, who=ana, day=TODAY):
        return db.read_now(badges.is_shown, who.id, viewer and viewer.id, now, day)

    db.write_now(dues.set_association, TREASURER, dues.Association(badges=True))
    assert not seen(bo)
    db.write_now(badges.set_badge, ana.id, Level.SCHOOL)
    assert [seen(bo), seen(), seen(ana)] == [True, False, True]
    # No wider than their profile goes.
    db.write_now(answer, ana.id, federation_mode=FederationMode.LOCAL)
    db.write_now(badges.set_badge, ana.id, Level.PUBLIC)
    assert [seen(bo), seen()] == [True, False]
    assert not seen(bo, day=date(2027, 11, 25))
    db.write_now(badges.set_badge, bo.id, Level.SCHOOL)
    assert not seen(ana, who=bo)
    db.write_now(dues.set_association, TREASURER, dues.Association(badges=False))
    assert not seen(bo)
    with pytest.raises(Invalid):
        db.write_now(badges.set_badge, ana.id, 6)


def test_the_first_reminder_is_told_in_the_apps_until_it_is_paid(db, ana):
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000))
    record(db, ana, plan)
    about, until = f"dues:{ana.id}", standing(db, ana).paid_until
    for days in (-30, -7):
        day = until + timedelta(days=days)
        assert db.write_now(dues.remind, [(ana.id, days)], day) == 1
        assert told(db, about) == 1

    record(db, ana, plan)

    assert told(db, about) == 0
    db.write_now(dues.remind, [(ana.id, 1)], date(2028, 11, 25))
    assert told(db, about) == 1
    db.write_now(dues.set_reminders, ana.id, TODAY, wanted=False)
    assert told(db, about) == 0


def test_the_link_of_a_reminder_shows_how_to_pay_and_nobodys_name(db, ana):
    terms = Terms(amount=3000, price=Price.SLIDING, steps=(Step(2, 1000),))
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", terms)
    db.write_now(dues.set_association, TREASURER, dues.Association(how_to_pay="To account 7"))
    now = clock.now()
    token = links.address(db.site, ana.id, plan, now + links.GOOD_FOR).rpartition("/")[2]

    found = db.read_now(links.how_to_pay, db.site, token, now, TODAY)
    assert (found.plan.name, found.price, found.text) == ("Dues", 1000, "To account 7")
    other = a_member(db, "cy")
    for wrong in ("", "1", "x.y.z", token[:-1], token.replace(str(ana.id), str(other.id)), f"{token}é"):
        with pytest.raises(NotFound):
            db.read_now(links.how_to_pay, db.site, wrong, now, TODAY)
    with pytest.raises(NotFound):
        db.read_now(links.how_to_pay, db.site, token, now + links.GOOD_FOR, TODAY)


def test_what_is_given_up_is_kept_in_mind(db, ana):
    plan = db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000))
    number = db.write_now(dues.announce, ana.id, money(plan), TODAY)
    db.write_now(dues.reject, TREASURER, None, number, "")
    changes = [(entry.before, entry.after) for entry in db.read_now(audit.about, ana.id)]
    assert ("new", PaymentState.ANNOUNCED) in changes
    assert ("announced", "rejected") in changes
