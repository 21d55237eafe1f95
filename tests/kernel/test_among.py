# SPDX-License-Identifier: AGPL-3.0-or-later
"""One of many values, bound as one."""

import pytest
from sqlalchemy import BigInteger, insert, literal, not_, select

from node.federation.tables import blocked_domains
from node.kernel.among import NUMBERS, TEXTS, among

DOMAIN = blocked_domains.c.domain
NAMES = ["a.example", "b'.example", 'c".example', "d\\.example", "ü.example"]


@pytest.fixture
def filled(empty_db):
    def fill(tx):
        tx.conn.execute(
            insert(blocked_domains), [{"domain": name, "reason": "", "created_at": tx.now} for name in NAMES]
        )

    empty_db.write_now(fill)
    return empty_db


@pytest.mark.parametrize("given", [[], NAMES[1:4], ["x.example", NAMES[4]], set(NAMES), {NAMES[0]: 1}.keys()])
def test_texts_are_found_whatever_stands_in_them(filled, given):
    statement = select(DOMAIN).where(among(DOMAIN, "domains", TEXTS))
    found = filled.read_now(lambda conn: conn.execute(statement, {"domains": given}).scalars().all())

    assert sorted(found) == sorted(set(given) & set(NAMES))


def test_all_but_some_are_found_too(filled):
    statement = select(DOMAIN).where(not_(among(DOMAIN, "domains", TEXTS)))
    found = filled.read_now(lambda conn: conn.execute(statement, {"domains": NAMES[1:]}).scalars().all())

    assert found == NAMES[:1]


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_numbers_are_found_however_many(filled, count):
    statement = select(literal(2**62, BigInteger).label("it")).where(among(literal(2**62, BigInteger)))
    found = filled.read_now(lambda conn: conn.execute(statement, {"ids": range(2**62, 2**62 + count)}).scalars().all())

    assert found == [2**62] * min(count, 1)


def test_the_statement_is_the_same_for_all(filled):
    statement = select(DOMAIN).where(
        among(DOMAIN, "domains", TEXTS), among(blocked_domains.c.created_at, "at", NUMBERS)
    )
    other = select(DOMAIN).where(among(DOMAIN, "domains", TEXTS), among(blocked_domains.c.created_at, "at", NUMBERS))

    assert statement._generate_cache_key() == other._generate_cache_key() is not None
    assert "= 1" not in str(statement.compile(filled.engine))  # which would hide the index
