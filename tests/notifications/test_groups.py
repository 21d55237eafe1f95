# SPDX-License-Identifier: AGPL-3.0-or-later
"""Groups are decided once, and paging through them meets each once, whole, whatever comes in whichever order."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from node import notifications
from node.kernel.paging import Page
from node.notifications import Kind
from node.notifications.rules import Facts, group_key, verdict
from node.notifications.tables import notifications as table
from node.notifications.types import Policy, Verdict
from tests.support import builders, databases
from tests.support.builders import a_remote_actor, an_actor

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
events = st.lists(
    st.tuples(
        st.sampled_from([Kind.FAVOURITE, Kind.BOOST, Kind.FOLLOW, Kind.MENTION]),
        st.integers(1, 3),
        st.integers(0, 40),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None)
@given(events=events, limit=st.integers(1, 5))
def test_every_group_is_met_once_and_whole(tmp_path_factory, events, limit) -> None:
    folder: Path = tmp_path_factory.mktemp("groups")
    db = databases.fresh_sqlite(folder, tmp_path_factory.getbasetemp() / "groups-template.db")
    db.write_now(builders.set_up)
    owner = an_actor(db)
    someone = a_remote_actor(db)
    rows = [
        {
            "owner_id": owner.id,
            "type": kind,
            "from_id": someone.id,
            "post_id": None if kind is Kind.FOLLOW else post,
            "once": str(number),
            "group_key": group_key(kind, None if kind is Kind.FOLLOW else post, NOON + timedelta(hours=hour)),
            "filtered": filtered,
            "read": False,
            "created_at": NOON,
        }
        for number, (kind, post, hour, filtered) in enumerate(events)
    ]
    db.write_now(lambda tx: tx.conn.execute(insert(table), rows))

    forward, page = [], Page(limit=limit)
    while found := db.read_now(notifications.groups, owner.id, page):
        forward += found
        page = Page(limit=limit, max_id=found[-1].newest.id)
    back, page = [], Page(limit=limit, min_id=0)
    while found := db.read_now(notifications.groups, owner.id, page):
        back = [*found, *back]
        page = Page(limit=limit, min_id=found[0].newest.id)
    db.close()

    shown = [row for row in rows if not row["filtered"]]
    wanted = Counter(str(row["group_key"] or row["once"]) for row in shown)
    assert back == forward
    assert len({one.key for one in forward}) == len(forward) == len(wanted)
    assert sorted(one.count for one in forward) == sorted(wanted.values())
    assert sum(one.count for one in forward) == len(shown)


def test_what_comes_within_half_a_day_is_one_group() -> None:
    keys = [group_key(Kind.FAVOURITE, 7, NOON + timedelta(hours=hour)) for hour in (0, 11, 12)]

    assert keys[0] == keys[1] != keys[2]
    assert group_key(Kind.MENTION, 7, NOON) is None
    assert group_key(Kind.BOOST, 7, NOON) != keys[0]


def facts(**values: object) -> Facts:
    base: dict[str, object] = {
        "follows": False,
        "followed_since": None,
        "permitted": False,
        "sender_since": NOON - timedelta(days=400),
        "is_direct": False,
        "answers_member": False,
    }
    return Facts(**{**base, **values})  # type: ignore[arg-type]  # named as the fields are


def said(policy: Policy, kind: Kind = Kind.MENTION, **values: object) -> Verdict:
    return verdict(policy, facts(**values), kind, NOON)


def test_each_rule_is_about_its_people() -> None:
    new = NOON - timedelta(days=3)

    assert said(Policy(not_following=Verdict.FILTER)) is Verdict.FILTER
    assert said(Policy(not_following=Verdict.FILTER), follows=True) is Verdict.ACCEPT
    assert said(Policy(not_followers=Verdict.DROP), follows=True) is Verdict.DROP
    assert said(Policy(not_followers=Verdict.DROP), followed_since=NOON - timedelta(days=1)) is Verdict.DROP
    assert said(Policy(not_followers=Verdict.DROP), followed_since=NOON - timedelta(days=4)) is Verdict.ACCEPT
    assert said(Policy(new_accounts=Verdict.FILTER), sender_since=new) is Verdict.FILTER
    assert said(Policy(new_accounts=Verdict.FILTER)) is Verdict.ACCEPT
    assert said(Policy(private_mentions=Verdict.FILTER), is_direct=True) is Verdict.FILTER
    assert said(Policy(private_mentions=Verdict.FILTER), is_direct=True, answers_member=True) is Verdict.ACCEPT
    assert said(Policy(private_mentions=Verdict.FILTER)) is Verdict.ACCEPT


def test_the_strictest_rule_counts_and_some_are_always_heard() -> None:
    both = Policy(not_following=Verdict.FILTER, not_followers=Verdict.DROP)

    assert said(both) is Verdict.DROP
    assert said(both, permitted=True) is Verdict.ACCEPT
    assert said(both, Kind.POLL) is Verdict.ACCEPT
    assert said(both, Kind.REPORT) is Verdict.ACCEPT
