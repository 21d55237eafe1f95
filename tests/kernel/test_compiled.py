# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statements are compiled once, and found again without a look at what they consist of."""

import sys
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, literal, select

from node.kernel.compiled import CompiledStatements
from node.kernel.db import Database

_MORE = select(bindparam("number", type_=Integer) + 1)
_LESS = select(bindparam("number", type_=Integer) - 1)


class _Parts(tuple[Any, ...]):
    """What a statement consists of; counts how often its hash is wanted."""

    hashed = 0

    def __hash__(self) -> int:
        self.hashed += 1
        return super().__hash__()


def _key(parts: object, *names: str) -> tuple[object, ...]:
    return ("dialect", parts, names, False, False)


def test_a_statement_made_once_is_found_without_a_look_at_its_parts() -> None:
    kept: Any = CompiledStatements()
    parts = _Parts(("a", "b"))
    kept[_key(parts, "id")] = "compiled"
    assert [kept.get(_key(parts, "id")) for _ in range(3)] == ["compiled"] * 3
    before = parts.hashed

    assert kept.get(_key(parts, "id")) == "compiled"

    assert parts.hashed == before


def test_the_same_statement_with_other_parameters_is_another() -> None:
    kept: Any = CompiledStatements()
    parts = _Parts(("a", "b"))
    kept[_key(parts, "id")] = "by id"
    kept[_key(parts, "id", "name")] = "by both"

    for _ in range(4):
        assert kept.get(_key(parts, "id")) == "by id"
        assert kept.get(_key(parts, "id", "name")) == "by both"
    assert kept.get(_key(parts)) is None


def test_of_a_statement_made_anew_each_time_nothing_is_held() -> None:
    kept: Any = CompiledStatements()
    kept[_key(_Parts(("a", "b")))] = "compiled"
    again = _Parts(("a", "b"))
    before = sys.getrefcount(again)

    assert kept.get(_key(again)) == "compiled"

    assert sys.getrefcount(again) == before


def test_a_full_short_way_begins_again_and_stays_right() -> None:
    kept: Any = CompiledStatements(5000)
    every = [_Parts((number,)) for number in range(2500)]
    for number, parts in enumerate(every):
        kept[_key(parts)] = number

    for _ in range(3):
        for number, parts in enumerate(every[:1200]):
            assert [kept.get(_key(parts)) for _ in range(3)] == [number] * 3


def test_statements_of_the_database_keep_apart(db: Database) -> None:
    def ask(conn: Connection) -> list[int]:
        made_once = [conn.execute(one, {"number": 5}).scalar_one() for one in (_MORE, _LESS)]
        return [*made_once, *(conn.execute(select(literal(number))).scalar_one() for number in (7, 8))]

    assert [db.read_now(ask) for _ in range(4)] == [[6, 4, 7, 8]] * 4
