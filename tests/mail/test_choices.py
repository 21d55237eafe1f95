# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members choose which letters they get, and say so by a link that needs no login."""

from dataclasses import replace

import pytest

from node import mail
from node.kernel.db import Database
from node.kernel.errors import NotAllowed
from node.mail import About, Content, Item, Letter, Section
from node.moderation.deaths import tell_deciders
from tests.support import letters
from tests.support.builders import a_member

LETTER = Letter(
    subject="Bo asks",
    paragraphs=("The choir!",),
    label="Answer",
    link="https://harbour.example/contacts",
    sections=(Section("Events", (Item("Dinner", "Lyon", "https://harbour.example/e"),)),),
)


@pytest.fixture
def db(db: Database) -> Database:
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


def test_what_a_member_declines_is_not_posted(db: Database) -> None:
    ana, bo = a_member(db, "ana"), a_member(db, "bo")
    db.write_now(mail.choose, ana.id, {About.CONTACT: False})

    for member in (ana, bo):
        db.write_now(mail.post, member.email, LETTER, about=About.CONTACT, member=member.id)
    db.write_now(mail.post, ana.email, LETTER, about=About.SECURITY, member=ana.id)

    assert [to for to, _ in letters.in_queue(db)] == [bo.email, ana.email]
    assert not db.read_now(mail.wants, ana.id, About.CONTACT)
    assert db.read_now(mail.wants, ana.id, About.SECURITY)


def test_choices_add_up_and_what_cannot_be_chosen_is_passed_over(db: Database) -> None:
    ana = a_member(db, "ana")
    db.write_now(mail.choose, ana.id, {About.CONTACT: False, About.SECURITY: False}, Content.NONE)
    db.write_now(mail.choose, ana.id, {About.MENTION: True})

    assert db.read_now(mail.choices_of, ana.id) == mail.Choices({"contact": False, "mention": True}, Content.NONE)
    assert db.read_now(mail.wants, ana.id, About.SECURITY)

    db.write_now(mail.forget_member, ana.id)
    assert db.read_now(mail.choices_of, ana.id) == mail.Choices()


def test_who_wants_the_subject_alone_gets_that(db: Database) -> None:
    ana = a_member(db, "ana")
    db.write_now(mail.choose, ana.id, {}, Content.NONE)
    db.write_now(mail.post, ana.email, LETTER, about=About.CONTACT, member=ana.id)
    db.write_now(mail.post, ana.email, LETTER, about=About.SECURITY, member=ana.id)

    (_, bare), (_, whole) = letters.in_queue(db)
    assert (bare["subject"], bare["paragraphs"], bare["sections"], bare["link"]) == (
        LETTER.subject,
        [],
        [],
        LETTER.link,
    )
    assert whole["paragraphs"] == ["The choir!"]


def test_letters_that_can_be_declined_carry_the_link_for_it(db: Database) -> None:
    ana = a_member(db, "ana")
    for about in (About.CONTACT, About.DUES, About.SECURITY):
        db.write_now(mail.post, ana.email, LETTER, about=about, member=ana.id)

    links = [letter["unsubscribe"] for _, letter in letters.in_queue(db)]
    assert links[1:] == ["", ""]
    token = links[0].removeprefix("https://harbour.example/unsubscribe/")
    assert mail.read_unsubscribe_link(db.site, token) == (ana.id, About.CONTACT)


@pytest.mark.parametrize("wrong", ["", "x", "contact", "contact.1", "contact.1.", "contact.²._", "contact.1.\udcff"])
def test_a_link_that_we_did_not_make_is_refused(db: Database, wrong: str) -> None:
    with pytest.raises(NotAllowed):
        mail.read_unsubscribe_link(db.site, wrong)


def test_a_link_is_for_one_member_and_one_kind(db: Database) -> None:
    token = mail.unsubscribe_link(db.site, 7, About.CONTACT).rpartition("/")[2]

    for wrong in (token.replace(".7.", ".8."), token.replace("contact", "event"), token[:-1]):
        with pytest.raises(NotAllowed):
            mail.read_unsubscribe_link(db.site, wrong)


def test_whoever_holds_an_office_can_decline_its_letters(db: Database) -> None:
    chief, second = (a_member(db, name, roles=("member", "admin")) for name in ("chief", "second"))
    db.write_now(mail.choose, chief.id, {About.STAFF: False})

    db.write_now(tell_deciders)

    assert [to for to, _ in letters.in_queue(db)] == [second.email]
