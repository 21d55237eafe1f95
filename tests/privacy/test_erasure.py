# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deleting an account leaves no personal text behind, in whatever table: those that are added later are filled, too."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from node import members, relationships
from node.kernel import clock
from node.kernel.clock import Moment
from node.kernel.db import Database, Tx
from node.members import Member
from node.posts import erasure
from node.wiring.tables import metadata
from tests.support.builders import a_member

# The node's own, which say nothing of any member.
IMPERSONAL = {
    "announcements",
    "apps",
    "attempts",
    "blocked_domains",
    "custom_emojis",
    # What people without an account tell of members who have died: by no number, until it is dealt with.
    "death_tips",
    "dues_association",
    "dues_plans",
    "dues_counters",
    "hidden_trends",
    "hosts",
    # What is left of an invitation that somebody made is the address of whom they invited, until it is used or ends.
    "invitations",
    "instance_rules",
    "instance_texts",
    "partners",
    # Keyed hashes of addresses to which letters could not be brought, so that none is written to again.
    "lost_addresses",
    "mail_refusals",
    "passkey_challenges",
    "previews",
    "programmes",
    "push_keys",
    "quote_stamps",
    "retired_usernames",
    "revocations",
    "schools",
    "staff_actions",
    "staff_chain",
    "tasks",
    "trends",
}
# What stays, and why.
STAYS = {
    # The association has to show its accounts for years: money that came, and the receipts for it.
    "dues_payments",
    "dues_receipts",
    # The association's list of its graduates is not the account; whoever wants out of it objects.
    "roster_entries",
    "roster_addresses",
    "roster_changes",
    "roster_educations",
    "roster_imports",
    # Who does not want to be in the roster, as keyed hashes; and the names of servers that have not forgotten somebody.
    "roster_objections",
    "erasure_hosts",
    # What somebody reported stays for the one who decides, by nobody.
    "reports",
    # Addresses of posts and activities that are gone, so that they answer 410.
    "tombstones",
}
# The name stays taken for ever, and its addresses answer 410. The keys go a month later: the news is signed with them.
STAYS_OF: dict[str, set[str]] = {
    "actors": {
        "uri",
        "username",
        "username_key",
        "url",
        "inbox",
        "outbox",
        "followers",
        "following",
        "shared_inbox",
        "featured",
        "featured_tags",
    },
    "actor_keys": {"uri", "public", "private"},
}
# Words that must be one of a few, and rows that are about two.
WORDS: dict[tuple[str, str], Any] = {
    ("activities", "local"): True,
    ("posts", "local"): True,
    ("posts", "kind"): "note",
    ("posts", "visibility"): "public",
    ("conversations", "people"): [],
    ("follows", "languages"): None,
    ("filters", "action"): "hide",
    ("follows", "state"): "accepted",
    ("media", "file"): None,
    ("media", "preview"): None,
    ("media", "raw"): None,
    ("actors", "fields"): [{"name": "zq1", "value": "zq1"}],
    ("actors", "emojis"): [],
    ("actors", "public_profile"): {
        "headline": "zq1",
        "lines": [["zq1", "zq1", None]],
        "terms": {"sc:pronouns": "zq1"},
    },
    ("exports", "file"): "zip",
    ("audit", "verb"): "suspend",
    ("audit", "before"): "active",
    ("audit", "after"): "suspended",
    **{
        ("notification_policies", name): "accept"
        for name in ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")
    },
    ("events", "status"): "CONFIRMED",
    ("participations", "state"): "rejected",
    ("lists", "replies_policy"): "list",
    ("push_subscriptions", "policy"): "all",
}
PAIRS = {"account_notes", "blocks", "follows", "notifications", "vouches"}
_numbers = itertools.count(10_000)


def _words(column: Column[Any]) -> Any:
    """A value for a column; what somebody may have written begins with `zq`."""
    number = next(_numbers)
    kind = column.type
    if isinstance(kind, JSON):
        return None if column.nullable and column.table.name == "posts" else [f"zq{number}"]
    if isinstance(kind, Text) or (isinstance(kind, String) and (kind.length or 999) > 16):
        return f"zq{number}"
    if isinstance(kind, String):  # a word of ours: a state, a kind
        return None if column.nullable else "x"
    if isinstance(kind, LargeBinary):
        return f"zq{number}".encode().ljust(kind.length or 0, b".")
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Moment):
        return None if column.nullable else clock.now()
    if isinstance(kind, Date):
        return clock.now().date()
    if isinstance(kind, Float):
        return 1.0
    assert isinstance(kind, Integer), column
    if column.nullable:
        return None
    return number if column.primary_key or isinstance(kind, BigInteger) else 1


def _row(table: Table, who: Member, people: Iterator[int], made: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        target = next((key.target_fullname for key in column.foreign_keys), "")
        if (table.name, column.name) in WORDS:
            row[column.name] = WORDS[table.name, column.name]
        elif target in ("actors.id", "members.actor_id"):
            row[column.name] = who.id if column.nullable else next(people)
        elif target and target in made and not (column.nullable and target.startswith(f"{table.name}.")):
            row[column.name] = made[target]
        elif target:
            row[column.name] = None
        elif column.name in ("author_id", "member_id", "requested_by", "subject_id", "person_id"):
            row[column.name] = who.id
        elif table.name == "activities" and column.name == "actor":
            row[column.name] = who.actor.uri
        else:
            row[column.name] = _words(column)
    return row


def _fill(tx: Tx, who: Member, other: int) -> None:
    """One row in every table that may hold something of a member, with a word of its own in each column."""
    made: dict[str, Any] = {}
    for table in metadata.sorted_tables:
        if table.name in ("actors", "members", "actor_keys", "tasks"):
            continue
        # One of a pair is whose the row is, and the other whom it is about: once so and once the other way round.
        row = _row(table, who, iter((who.id, other, other)), made)
        # What was made for a new member by itself is written over.
        tx.conn.execute(delete(table).where(*(column == row[column.name] for column in table.primary_key.columns)))
        tx.conn.execute(insert(table), row)
        if table.name in PAIRS:
            tx.conn.execute(insert(table), _row(table, who, iter((other, who.id)), made))
        for column in table.primary_key.columns:
            made[f"{table.name}.{column.name}"] = row[column.name]
    for name in ("actors", "members"):
        table = metadata.tables[name]
        key = next(iter(table.primary_key.columns))
        texts = {
            column.name: WORDS.get((name, column.name), _words(column))
            for column in table.columns
            if isinstance(column.type, (String, Text, JSON))
            and column.name not in STAYS_OF["actors"] | {"domain", "type", "roles", "email_key", "avatar", "header"}
            and (getattr(column.type, "length", None) or 999) > 16
        }
        tx.conn.execute(update(table).where(key == who.id).values(**texts))


def _rows(conn: Connection, table: Table) -> Sequence[Any]:
    return conn.execute(select(table)).all()


def _found(db: Database) -> Iterator[str]:
    """Where words of a member are left, but for what stays."""
    for table in metadata.sorted_tables:
        if table.name in IMPERSONAL - {"tasks"} | STAYS:
            continue
        for row in db.read_now(_rows, table):
            for column, value in zip(table.columns, row, strict=True):
                if column.name not in STAYS_OF.get(table.name, ()) and "zq1" in str(value):
                    yield f"{table.name}.{column.name}: {value!r}"


def test_an_account_that_is_deleted_leaves_none_of_its_words(db: Database) -> None:
    ana, bo = a_member(db, "ana"), a_member(db, "bo")
    db.write_now(_fill, ana, bo.id)
    ana = db.read_now(members.get, ana.id)
    assert len(list(_found(db))) > 100

    db.write_now(relationships.delete_account, ana)
    db.write_now(erasure.erase_some, ana.id, 0)

    left = list(_found(db))
    assert not left, "\n".join(left)
