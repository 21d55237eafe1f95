# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses from which letters come back: found when sending, or by what a mail server reports later."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from node import mail
from node.kernel import clock, queue
from node.kernel.db import Database
from node.kernel.queue import Task
from node.kernel.worker import GiveUp, RetryLater
from node.mail import About, Letter, Refusal, reports
from node.mail.letters import message
from node.mail.tables import lost_addresses, mail_refusals
from tests.mail.test_mail import NOW, Sink, _settings, certificate, sink  # noqa: F401  # fixtures
from tests.support import letters

LETTER = Letter(subject="Hello", paragraphs=("Hello.",))
ADDRESS = "ada@mail.example"


@pytest.fixture
def db(db: Database) -> Database:
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


def is_lost(db: Database, address: str = ADDRESS) -> bool:
    return db.read_now(mail.is_lost, db.site, address)


def waiting(db: Database, attempt: int = 1) -> Task:
    row = db.read_now(queue.listing, queue.Chosen(name=mail.SEND))[-1]
    return Task(row.id, row.queue, row.name, row.lane, row.payload, attempt)


def test_one_refusal_for_good_ends_letters_whatever_the_case(db: Database) -> None:
    db.write_now(mail.note, "Ada@Mail.example", Refusal.FOR_GOOD)

    assert is_lost(db)
    assert db.read_now(mail.lost, db.site, [ADDRESS, "bo@mail.example"]) == {ADDRESS}
    db.write_now(mail.post, ADDRESS, LETTER, about=About.CONTACT, member=None)
    assert letters.in_queue(db) == []


def test_what_somebody_needs_to_get_in_is_sent_all_the_same(db: Database) -> None:
    db.write_now(mail.note, ADDRESS, Refusal.FOR_GOOD)
    db.write_now(mail.post, ADDRESS, LETTER, about=About.VERIFICATION, member=None)

    assert len(letters.in_queue(db)) == 1


def test_five_passing_refusals_within_thirty_days_end_them(db: Database) -> None:
    for _ in range(4):
        db.write_now(mail.note, ADDRESS, Refusal.PASSING)
    assert not is_lost(db)
    earlier = clock.now() - timedelta(days=31)
    db.write_now(lambda tx: tx.conn.execute(update(mail_refusals).values(created_at=earlier)))
    db.write_now(mail.note, ADDRESS, Refusal.PASSING)
    assert not is_lost(db)

    for _ in range(4):
        db.write_now(mail.note, ADDRESS, Refusal.PASSING)
    assert is_lost(db)


def test_an_address_works_again_when_its_reader_says_so_or_after_a_year(db: Database) -> None:
    db.write_now(mail.note, ADDRESS, Refusal.FOR_GOOD)
    db.write_now(mail.works_again, ADDRESS)
    assert not is_lost(db)
    db.write_now(mail.note, ADDRESS, Refusal.PASSING)
    assert not is_lost(db)

    db.write_now(mail.note, ADDRESS, Refusal.FOR_GOOD)
    db.write_now(mail.sweep)
    assert is_lost(db)
    year = clock.now() - timedelta(days=366)
    db.write_now(lambda tx: tx.conn.execute(update(lost_addresses).values(since=year)))
    db.write_now(mail.sweep)
    assert not is_lost(db)


def test_no_address_is_stored(db: Database) -> None:
    db.write_now(mail.note, ADDRESS, Refusal.FOR_GOOD)

    for table in (mail_refusals, lost_addresses):
        [row] = db.read_now(lambda conn, of: conn.execute(select(of)).all(), table)
        assert "ada" not in str(row)


async def test_a_server_that_knows_no_such_address_is_believed(db: Database, sink: Sink, certificate) -> None:  # noqa: F811
    sink.answer = "550 5.1.1 No such user"
    db.write_now(mail.post, ADDRESS, LETTER, about=About.CONTACT, member=None)
    db.write_now(mail.post, ADDRESS, LETTER, about=About.EVENT, member=None)
    postman = mail.Postman(_settings(sink, certificate), db.site, db)

    with pytest.raises(GiveUp):
        await postman.run(waiting(db))
    assert is_lost(db)

    sink.answer = "250 OK"
    await postman.run(waiting(db))
    assert sink.letters == []


async def test_a_server_that_blocks_us_says_nothing_of_the_address(db: Database, sink: Sink, certificate) -> None:  # noqa: F811
    sink.answer = "554 5.7.1 Your server is on a list"
    db.write_now(mail.post, ADDRESS, LETTER, member=None)

    with pytest.raises(GiveUp):
        await mail.Postman(_settings(sink, certificate), db.site, db).run(waiting(db))

    assert not is_lost(db)


async def test_a_passing_refusal_counts_when_the_letter_is_given_up(db: Database, sink: Sink, certificate) -> None:  # noqa: F811
    sink.answer = "452 4.2.2 Mailbox full"
    db.write_now(mail.post, ADDRESS, LETTER, member=None)
    postman = mail.Postman(_settings(sink, certificate), db.site, db)

    def counted() -> int:
        return len(db.read_now(lambda conn: conn.execute(select(mail_refusals)).all()))

    with pytest.raises(RetryLater):
        await postman.run(waiting(db, 1))
    assert counted() == 0
    with pytest.raises(RetryLater):
        await postman.run(waiting(db, mail.ATTEMPTS))
    assert counted() == 1


# -- what a mail server reports later ----------------------------------------------------------------------------------


def report(
    db: Database, *, status: str = "5.1.1", action: str = "failed", to: str = ADDRESS, signed_for: str = ""
) -> bytes:
    """What a server sends back, with the whole letter."""
    letter = message(
        LETTER,
        to=to,
        sender="noreply@harbour.example",
        sender_name="Harbour",
        message_id=reports.message_id(db.site, signed_for or to),
        moment=NOW,
    )
    status_part = (
        "Reporting-MTA: dns; mx.mail.example\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status} (no such user)\n"
    )
    return (
        (
            "From: MAILER-DAEMON@mail.example\nTo: noreply@harbour.example\nSubject: Undelivered\n"
            'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="xx"\n\n'
            "--xx\nContent-Type: text/plain\n\nIt came back.\n"
            f"--xx\nContent-Type: message/delivery-status\n\n{status_part}\n"
            f"--xx\nContent-Type: message/rfc822\n\n"
        ).encode()
        + letter.as_bytes()
        + b"\n--xx--\n"
    )


def test_a_report_names_the_address_that_came_back(db: Database) -> None:
    assert mail.refused(db.site, report(db)) == (ADDRESS, Refusal.FOR_GOOD)
    assert mail.refused(db.site, report(db, status="4.4.7")) == (ADDRESS, Refusal.PASSING)
    assert mail.refused(db.site, report(db, status="5.2.2")) == (ADDRESS, Refusal.PASSING)


def test_headers_alone_are_enough(db: Database) -> None:
    sent = reports.message_id(db.site, ADDRESS)
    raw = report(db).partition(b"--xx\nContent-Type: message/rfc822")[0]
    raw += f"--xx\nContent-Type: text/rfc822-headers\n\nTo: Ada <{ADDRESS}>\nMessage-ID: {sent}\n\n--xx--\n".encode()

    assert mail.refused(db.site, raw) == (ADDRESS, Refusal.FOR_GOOD)


def test_a_delay_or_a_block_is_no_refusal(db: Database) -> None:
    assert mail.refused(db.site, report(db, action="delayed", status="4.4.1")) is None
    assert mail.refused(db.site, report(db, status="5.7.1")) is None


def test_nobody_can_silence_another_by_a_made_up_report(db: Database) -> None:
    assert mail.refused(db.site, report(db, signed_for="mallory@mail.example")) is None
    forged = report(db).replace(b"Message-ID: <", b"Message-ID: <x")
    assert mail.refused(db.site, forged) is None


def test_what_is_no_report_says_nothing(db: Database) -> None:
    plain = EmailMessage()
    plain["Subject"] = "I am on holiday"
    plain.set_content("Until Monday.")
    whole = report(db)

    for raw in (b"", b"\xff\x00", plain.as_bytes(), b"x" * (2 * 1024 * 1024)):
        assert mail.refused(db.site, raw) is None
    for end in range(0, len(whole), 97):
        mail.refused(db.site, whole[:end])
