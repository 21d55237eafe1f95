# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which letters a member gets, on the pages: chosen, declined by a link, and what is said of an address that is lost."""

import pytest

from node import digests, mail
from node.digests import Frequency
from node.mail import About, Content
from tests.support.builders import a_member
from tests.support.letters import with_mail


@pytest.fixture
async def ana(services, browser, password_hash):
    """A member who is logged in, on a node that sends letters."""
    with_mail(services)
    member = a_member(services.db, "ana", password_hash=password_hash)
    await browser.log_in(member)
    return member


def token_of(services, member, about):
    return mail.unsubscribe_link(services.db.site, member.id, about).rpartition("/")[2]


async def test_a_member_chooses(services, browser, ana):
    assert 'href="/settings/mail"' in (await browser.get("/settings")).text
    page = await browser.get("/settings/mail")
    assert "ana@mail.example" in page.words
    assert 'name="staff"' not in page.text
    assert '<option value="weekly" selected>' in page.text

    page = await browser.post("/settings/mail", digest="monthly", mention="1", subject_only="1")

    assert "Saved." in page.words
    read = services.db.read_now
    assert read(digests.frequency_of, ana.id) is Frequency.MONTHLY
    assert read(mail.choices_of, ana.id).content is Content.NONE
    assert (read(mail.wants, ana.id, About.MENTION), read(mail.wants, ana.id, About.CONTACT)) == (True, False)
    # The page did not show it, since Ana has no office.
    assert read(mail.wants, ana.id, About.STAFF)

    await browser.post("/settings/mail", digest="hourly", contact="1")
    assert read(digests.frequency_of, ana.id) is Frequency.MONTHLY
    assert read(mail.wants, ana.id, About.CONTACT)


async def test_one_button_makes_it_quiet(services, browser, ana):
    await browser.get("/settings/mail")
    await browser.post("/settings/mail/quiet")

    read = services.db.read_now
    assert read(digests.frequency_of, ana.id) is Frequency.NONE
    assert [about for about in mail.DEFAULTS if read(mail.wants, ana.id, about)] == [About.DUES, About.STAFF]


async def test_an_address_from_which_letters_come_back_is_told_until_it_works(services, browser, ana):
    assert "Letters to your e-mail address come back." not in (await browser.get("/")).words
    services.db.write_now(mail.note, ana.email, mail.Refusal.FOR_GOOD)

    assert "Letters to your e-mail address come back." in (await browser.get("/")).words
    assert "Letters to you come back" in (await browser.get("/settings/mail")).words
    page = await browser.post("/settings/mail/again")

    assert "Letters to you come back" not in page.words
    assert "Letters to your e-mail address come back." not in (await browser.get("/")).words


async def test_the_staff_sees_whom_no_letter_reaches(services, browser, ana, password_hash):
    services.db.write_now(mail.note, ana.email, mail.Refusal.FOR_GOOD)
    assert (await browser.get("/staff/people")).status == 403

    browser.cookie = ""
    await browser.log_in(a_member(services.db, "mo", roles=("member", "moderator"), password_hash=password_hash))
    assert "Letters to them come back Ana @ana" in (await browser.get("/staff/people")).words


async def test_a_letter_is_declined_without_a_login(services, browser):
    ana = a_member(services.db, "ana")
    token = token_of(services, ana, About.DIGEST)

    page = await browser.get(f"/unsubscribe/{token}")
    assert "The digest: what is new for you" in page.words
    assert services.db.read_now(digests.frequency_of, ana.id) is Frequency.WEEKLY

    # As a provider of mail sends it: no origin, no cookie, no form of ours (RFC 8058, 3.1).
    answer = await browser.client.post(
        f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}, headers={"Host": "harbour.example"}
    )
    assert answer.status == 200
    assert services.db.read_now(digests.frequency_of, ana.id) is Frequency.NONE


async def test_a_kind_of_letter_is_declined_alike(services, browser):
    ana = a_member(services.db, "ana")
    page = await browser.post(f"/unsubscribe/{token_of(services, ana, About.CONTACT)}")

    assert "You get no more of these letters" in page.words
    assert not services.db.read_now(mail.wants, ana.id, About.CONTACT)


async def test_a_link_that_is_not_ours_does_nothing(services, browser):
    ana, bo = a_member(services.db, "ana"), a_member(services.db, "bo")
    token = token_of(services, ana, About.DIGEST)

    for wrong in ("x", token.replace(str(ana.id), str(bo.id)), token[:-1]):
        assert (await browser.get(f"/unsubscribe/{wrong}")).status == 403
        assert (await browser.post(f"/unsubscribe/{wrong}")).status == 403
    assert services.db.read_now(digests.frequency_of, bo.id) is Frequency.WEEKLY


async def test_whoever_is_gone_cannot_decline(services, browser):
    token = mail.unsubscribe_link(services.db.site, 12345, About.DIGEST).rpartition("/")[2]

    assert (await browser.post(f"/unsubscribe/{token}")).status == 404


async def test_a_delegate_reads_the_names_of_those_in_the_class_whom_no_letter_reaches(
    services, browser, password_hash
):
    with_mail(services)
    people = {
        "eva": a_member(services.db, "eva", class_year=1998, roles=("member", "delegate"), password_hash=password_hash),
        "bo": a_member(services.db, "bo", class_year=1998, display_name="Bo Lost", password_hash=password_hash),
        "cy": a_member(services.db, "cy", class_year=1999, display_name="Cy Elsewhere"),
        "di": a_member(services.db, "di", class_year=1998, display_name="Di Fine"),
    }
    for name in ("bo", "cy"):
        services.db.write_now(mail.note, people[name].email, mail.Refusal.FOR_GOOD)
    await browser.log_in(people["eva"])

    page = await browser.get("/people/missing")

    assert "Address lost" in page.words
    assert "Bo Lost" in page.words
    assert "Cy Elsewhere" not in page.words
    assert "Di Fine" not in page.words
    assert "bo@mail.example" not in page.text
    await browser.post("/logout")
    await browser.log_in(people["bo"])
    page = await browser.get("/people/missing")
    assert "Address lost" not in page.words
    assert "Letters to your e-mail address come back." in page.words
