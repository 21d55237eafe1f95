# SPDX-License-Identifier: AGPL-3.0-or-later
"""`python -m benchmarks.paths`: how long "how am I connected to somebody" takes among 50,000 members.

Members have 30 contacts on average, few of them thousands, and mostly in their own class: as among alumni. Each of the
pairs asked for is drawn anew, so that nothing is in any memory but the database's own.
"""

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection, insert, select

import node.wiring.tables  # noqa: F401  # registers the tables
from benchmarks.work import measured
from node import actors, contacts, members
from node.actors.tables import actors as actors_table
from node.contacts.tables import contact_choices
from node.contacts.tables import contacts as contacts_table
from node.kernel import ids, statistics
from node.kernel.db import Tx, metadata, open_database
from node.kernel.site import Site
from node.members import NewMember
from node.members.tables import members as members_table

MEMBERS = 50_000
CONTACTS_EACH = 30
MOST = 3_000
CLASSES = 60


def build(tx: Tx, count: int, chance: random.Random) -> list[int]:
    """Members and their contacts, as rows copied from one that was made as usual; their numbers."""
    first = members.add_member(
        tx, NewMember(username="m0", email="m0@mail.example", password_hash="", class_year=1960), actors.make_keys()
    )
    conn = tx.conn
    person = dict(conn.execute(select(actors_table).where(actors_table.c.id == first.id)).one()._mapping)
    login = dict(conn.execute(select(members_table).where(members_table.c.actor_id == first.id)).one()._mapping)
    numbers = [int(first.id), *(ids.new_id(tx.now) for _ in range(count - 1))]
    names = [
        key
        for key in ("uri", "username", "username_key", "url", "inbox", "outbox", "followers", "following", "featured")
        if person.get(key)
    ]
    people, logins = [], []
    for place, number in enumerate(numbers[1:], start=1):
        unique = {key: f"{person[key]}-{place}" for key in names}
        people.append({**person, **unique, "id": number, "class_year": 1960 + place % CLASSES})
        logins.append(
            {**login, "actor_id": number, "email": f"m{place}@mail.example", "email_key": f"m{place}@mail.example"}
        )
    conn.execute(insert(actors_table), people)
    conn.execute(insert(members_table), logins)
    conn.execute(
        insert(contact_choices),
        [
            {
                "member_id": number,
                "link_visibility": chance.choice(["school", "nobody"]),
                "show_path_to_me": "school",
                "accept_from": "school",
            }
            for number in chance.sample(numbers, count // 10)
        ],
    )
    _connect(conn, numbers, chance, tx.now)
    return numbers


def _connect(conn: Connection, numbers: list[int], chance: random.Random, now: datetime) -> None:
    """Four in five within the class; how many each has falls off as it does among people."""
    pairs: set[tuple[int, int]] = set()
    count = len(numbers)
    for place in range(count):
        wanted = min(int(chance.paretovariate(1.6) * CONTACTS_EACH / 5.3), MOST)
        for _ in range(wanted):
            if chance.random() < 0.8:
                other = (place + CLASSES * chance.randrange(1, max(2, count // CLASSES))) % count
            else:
                other = chance.randrange(count)
            if other != place:
                pairs.add((min(place, other), max(place, other)))
    rows = []
    for number, (one, other) in enumerate(sorted(pairs, key=lambda _: chance.random()), start=1):
        low, high = sorted((numbers[one], numbers[other]))
        row = {"id": number, "low_id": low, "high_id": high, "state": "confirmed", "requested_by": low}
        rows.append({**row, "withdrawn": False, "message": "", "how_met": "", "asked_at": now, "confirmed_at": now})
    conn.execute(insert(contacts_table), rows)


def main() -> None:
    """Build, measure, print; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paths", description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--url", default="", help="an empty database; a new SQLite file if not given")
    options = parser.parse_args()
    chance = random.Random(1)  # the same world each time
    with tempfile.TemporaryDirectory() as folder:
        site = Site(base_url="https://bench.example", domain="bench.example", name="Bench", secret="x" * 32)
        db = open_database(options.url or f"sqlite:///{Path(folder) / 'bench.db'}", site)
        metadata.create_all(db.engine)
        numbers = db.write_now(build, options.members, chance)
        db.write_now(statistics.refresh)
        spent: list[float] = []
        worked: list[float] = []
        found = {0: 0, 1: 0, 2: 0}
        for _ in range(options.pairs):
            one, other = chance.sample(numbers, 2)
            reader, target = db.read_now(actors.get, one), db.read_now(actors.get, other)
            began = time.perf_counter()
            ways, work = measured(db, contacts.ways, reader, target)
            spent.append((time.perf_counter() - began) * 1000)
            worked.append(work)
            found[ways.between] += 1
        db.close()
    cuts, cpu = quantiles(spent, n=100), quantiles(worked, n=100)
    print(f"{options.members:,} members, {options.pairs} pairs, {datetime.now(UTC):%Y-%m-%d}")
    print(f"ways over one {found[1]}, over two {found[2]}, none {found[0]}")
    print(f"median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms, longest {max(spent):.1f} ms")
    print(f"CPU, the database's too: median {cpu[49]:.1f} ms, p95 {cpu[94]:.1f} ms")


if __name__ == "__main__":
    main()
