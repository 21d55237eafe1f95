# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers of people as they are told: nothing that is shown beside a small one tells how many it is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kernel.figures import FEW, Rough, rough, told, told_of_all


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, Rough(0)), (1, Rough(0, few=True)), (4, Rough(0, few=True)), (5, Rough(5)), (14, Rough(10))],
)
def test_a_number_is_rounded_down_to_fives(number, shown):
    assert rough(number) == shown


def test_it_is_written_as_in_a_table():
    assert [str(rough(number)) for number in (0, 3, 12)] == ["0", "<5", "10"]


def stands_for(row):
    return range(1, FEW) if row.few else range(row.number, row.number + FEW)


@given(st.dictionaries(st.integers(1990, 2000), st.integers(0, 14), max_size=5))
def test_not_even_the_exact_sum_tells_how_many_a_small_row_holds(counts):
    rows = told(counts)

    assert all(row == rough(counts[year]) for year, row in rows.items())
    assert rows.keys() >= {year for year, number in counts.items() if number >= FEW}
    exact = sum(counts[year] for year in rows)
    small = [place for place, row in enumerate(rows.values()) if row.few]
    possible = [tried for tried in product(*map(stands_for, rows.values())) if sum(tried) == exact]
    for place in small:
        assert {tried[place] for tried in possible} == set(range(1, FEW))


@given(st.lists(st.integers(0, 14), max_size=12))
def test_of_rows_that_are_always_there_a_small_one_may_be_of_nobody(counts):
    shown = told_of_all(counts)

    assert [row.few for row in shown] == [number < FEW for number in counts]
    assert all(row.number % FEW == 0 and row.number <= number for row, number in zip(shown, counts, strict=True))
