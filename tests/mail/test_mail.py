# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters: how they are made, that they leave after the commit, and what a mail server may answer."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node import mail
from node.kernel import clock, queue
from node.kernel.config import Mail, Secret, Settings
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import GiveUp, RetryLater
from node.mail import Item, Letter, MailFailed, Section
from node.mail.letters import message
from tests.support.databases import SITE

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LETTER = Letter(
    subject="Confirm your address",
    paragraphs=("Hello <Ada>,", "Someone asked."),
    label="Confirm",
    link="https://harbour.example/confirm/abc?x=1&y=2",
    foot="Harbour Academy",
    locale="en",
)


class Sink:
    """A mail server of the test: keeps what it takes, and answers recipients as it is told."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.answer = "250 OK"
        self.port = 0
        self.encrypted: list[bool] = []

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802  # as above
        self.letters.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback address, with its key, that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _auth(server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = (data.login, data.password) == (b"node", b"right")
    return AuthResult(success=good, handled=False)


@pytest.fixture
async def sink(request: pytest.FixtureRequest, certificate: Path) -> AsyncIterator[Sink]:
    """The server: with STARTTLS unless the test's parameter says `plain`, `tls` or `login`."""
    kind = getattr(request, "param", "starttls")
    found = Sink()
    options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if kind in ("starttls", "login"):
        options["tls_context"] = _tls(certificate)
    if kind == "login":
        options |= {"auth_required": True, "authenticator": _auth}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(found, **options), "127.0.0.1", 0, ssl=_tls(certificate) if kind == "tls" else None
    )
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


def _settings(sink: Sink, certificate: Path | None = None, **changed: Any) -> Settings:
    return Settings(
        domain="harbour.example",
        web_domain="harbour.example",
        name="Harbour Academy Alumni",
        secret_key=Secret("s" * 40),
        mail=Mail(**{"host": "localhost", "port": sink.port, "ca_file": certificate, **changed}),
    )


def test_a_letter_is_text_with_simple_html_beside_it() -> None:
    made = message(
        LETTER,
        to="ada@mail.example",
        sender="noreply@harbour.example",
        sender_name="Harbour, Alumni\r\nBcc: x@evil.example",
        message_id="<a@harbour.example>",
        moment=NOW,
    )

    found = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert found["To"] == "ada@mail.example"
    assert found["Bcc"] is None
    assert found["From"].addresses[0].addr_spec == "noreply@harbour.example"
    assert found["Auto-Submitted"] == "auto-generated"
    plain, html = found.iter_parts()
    assert "https://harbour.example/confirm/abc?x=1&y=2" in plain.get_content()
    assert "Hello &lt;Ada&gt;," in html.get_content()
    assert 'href="https://harbour.example/confirm/abc?x=1&amp;y=2"' in html.get_content()


def test_sections_stand_in_both_forms_and_the_letter_asks_nobody_for_anything() -> None:
    letter = replace(
        LETTER,
        sections=(Section("Events & more", (Item("<b>Dinner</b>", "Lyon", "https://harbour.example/events/1"),)),),
        unsubscribe="https://harbour.example/unsubscribe/digest.1.abc",
        locale="fr",
    )
    made = message(letter, to="a@b.example", sender="n@b.example", sender_name="N", message_id="<a@b>", moment=NOW)

    found = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert found["List-Unsubscribe"] == "<https://harbour.example/unsubscribe/digest.1.abc>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = (part.get_content() for part in found.iter_parts())
    assert "* <b>Dinner</b>\nLyon\nhttps://harbour.example/events/1" in plain.replace("\r\n", "\n")
    assert "<h2>Events &amp; more</h2>" in html
    assert '<a href="https://harbour.example/events/1">&lt;b&gt;Dinner&lt;/b&gt;</a>' in html
    assert "Ne plus recevoir ce genre de courriels" in html
    assert "prefers-color-scheme:dark" in html
    assert not re.search(r"<img|<link|<script|url\(|src=|@import", html)


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>", "nobody", ""]
)
async def test_an_address_that_is_more_than_one_address_gets_nothing(sink: Sink, address: str) -> None:
    with pytest.raises(GiveUp):
        await mail.Postman(_settings(sink), SITE).send_now(address, LETTER)
    assert sink.letters == []


async def test_a_letter_is_sent_over_starttls(sink: Sink, certificate: Path) -> None:
    await mail.Postman(_settings(sink, certificate), SITE).send_now("ada@mail.example", LETTER)

    [envelope] = sink.letters
    assert sink.encrypted == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("noreply@harbour.example", ["ada@mail.example"])


@pytest.mark.parametrize("sink", ["tls"], indirect=True)
async def test_a_letter_is_sent_over_tls(sink: Sink, certificate: Path) -> None:
    await mail.Postman(_settings(sink, certificate, security="tls"), SITE).send_now("ada@mail.example", LETTER)

    assert len(sink.letters) == 1


@pytest.mark.parametrize("sink", ["login"], indirect=True)
async def test_the_node_logs_in_and_waits_if_it_may_not(sink: Sink, certificate: Path) -> None:
    right = _settings(sink, certificate, username="node", password=Secret("right"))
    await mail.Postman(right, SITE).send_now("ada@mail.example", LETTER)
    await mail.try_out(right.mail)

    wrong = _settings(sink, certificate, username="node", password=Secret("wrong"))
    with pytest.raises(RetryLater, match="refused the login"):
        await mail.Postman(wrong, SITE).send_now("ada@mail.example", LETTER)
    assert len(sink.letters) == 1


@pytest.mark.parametrize("sink", ["plain"], indirect=True)
async def test_nothing_is_sent_in_the_clear_unless_that_is_set(sink: Sink) -> None:
    with pytest.raises(RetryLater):
        await mail.Postman(_settings(sink), SITE).send_now("ada@mail.example", LETTER)
    assert sink.letters == []

    await mail.Postman(_settings(sink, security="none"), SITE).send_now("ada@mail.example", LETTER)
    assert sink.encrypted == [False]


async def test_a_server_without_a_known_certificate_gets_nothing(sink: Sink) -> None:
    with pytest.raises(MailFailed) as refused:
        await mail.try_out(_settings(sink).mail)

    assert not refused.value.for_good
    assert sink.letters == []


@pytest.mark.parametrize(("answer", "error"), [("550 No such user", GiveUp), ("451 Later", RetryLater)])
async def test_a_refused_address_is_tried_again_or_given_up(
    sink: Sink, certificate: Path, answer: str, error: type[Exception]
) -> None:
    sink.answer = answer

    with pytest.raises(error, match=answer[:3]):
        await mail.Postman(_settings(sink, certificate), SITE).send_now("ada@mail.example", LETTER)


async def test_a_server_that_is_away_is_tried_again() -> None:
    gone = Sink()
    gone.port = 1

    with pytest.raises(RetryLater):
        await mail.Postman(_settings(gone, security="none"), SITE).send_now("ada@mail.example", LETTER)


async def test_a_letter_waits_sealed_for_the_commit(db: Database, sink: Sink, certificate: Path) -> None:
    db.site = replace(db.site, has_mail=True)

    def write_and_fail(tx: Tx) -> None:
        mail.post(tx, "ada@mail.example", LETTER, member=None)
        raise GiveUp("no")

    with pytest.raises(GiveUp):
        db.write_now(write_and_fail)
    assert db.read_now(queue.counts) == []
    db.write_now(mail.post, "ada@mail.example", LETTER, member=None)

    [row] = db.read_now(queue.listing, queue.Chosen())
    assert "ada@" not in str(row.payload)
    assert "confirm" not in str(row.payload)
    task = Task(row.id, row.queue, row.name, row.lane, row.payload, 1)
    await mail.Postman(_settings(sink, certificate), db.site).run(task)
    assert sink.letters[0].rcpt_tos == ["ada@mail.example"]


def test_a_node_without_mail_posts_nothing(db: Database) -> None:
    db.write_now(mail.post, "ada@mail.example", LETTER, member=None)

    assert db.read_now(queue.counts) == []


def test_a_letter_is_tried_for_about_a_day() -> None:
    in_all = sum((mail.pause(attempt) for attempt in range(1, mail.ATTEMPTS)), timedelta())

    assert timedelta(hours=12) < in_all < timedelta(hours=48)
