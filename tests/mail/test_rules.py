# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a refusal says of an address, and which letters are sent."""

from datetime import UTC, datetime, timedelta

import pytest

from node.mail import rules
from node.mail.rules import About, Refusal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (550, "5.1.1 No such user", Refusal.FOR_GOOD),
        (550, "No such user", Refusal.FOR_GOOD),
        (550, "5.2.1 Mailbox disabled", Refusal.FOR_GOOD),
        (552, "5.2.2 Mailbox full", Refusal.PASSING),
        (552, "Mailbox full", Refusal.PASSING),
        (452, "4.2.2 Mailbox full", Refusal.PASSING),
        (450, "Later", Refusal.PASSING),
        # About us, not about the address.
        (554, "5.7.1 Your server is on a list", None),
        (451, "4.7.1 Greylisted", None),
        (451, "4.3.0 Out of order", None),
        (250, "OK", None),
    ],
)
def test_what_an_answer_says_of_the_address(code: int, text: str, said: Refusal | None) -> None:
    assert rules.refusal(code, text) is said


@pytest.mark.parametrize("status", ["", "5", "x.y.z", "2.0.0", "5.7.1", "5.", "....", "5.1.1.1.1"])
def test_a_status_that_is_none_says_little(status: str) -> None:
    assert rules.refusal_of_status(status) in (None, Refusal.FOR_GOOD)


def test_an_address_is_lost_by_one_refusal_for_good_or_five_that_pass() -> None:
    passing = [(Refusal.PASSING, NOW - timedelta(days=day)) for day in range(5)]

    assert not rules.is_lost([], NOW)
    assert not rules.is_lost(passing[:4], NOW)
    assert rules.is_lost(passing, NOW)
    assert not rules.is_lost([*passing[:4], (Refusal.PASSING, NOW - timedelta(days=30))], NOW)
    assert rules.is_lost([(Refusal.FOR_GOOD, NOW - timedelta(days=60))], NOW)


def test_security_is_always_wanted_and_the_rest_as_chosen() -> None:
    off = {about.value: False for about in About}

    assert [about for about in About if rules.wants(off, about)] == [
        About.SECURITY,
        About.VERIFICATION,
        About.INVITATION,
        About.DIGEST,
    ]
    assert {about for about in rules.DEFAULTS if rules.wants({}, about)} == {
        About.CONTACT,
        About.EVENT,
        About.MESSAGE,
        About.DUES,
        About.ASK,
        About.STAFF,
    }
    assert rules.wants({"mention": True}, About.MENTION)
