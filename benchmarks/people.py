# SPDX-License-Identifier: AGPL-3.0-or-later
"""`python -m benchmarks.people`: what searches of the directory cost among 50,000 invented members, on SQLite or PostgreSQL.

It is the work of the processor that counts, not the time that passes while others use the machine.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

from sqlalchemy import insert

from benchmarks.work import measured
from node import actors, directory, members
from node.actors import Actor
from node.actors.tables import actors as actors_table
from node.directory import Kind, Wanted
from node.directory.facts import Facts, Text
from node.directory.index import write
from node.kernel import statistics
from node.kernel.db import Database, Tx, open_database
from node.kernel.site import Site
from node.members import NewMember
from node.wiring.tables import metadata

_SOUNDS = "bra vel tor min dau sel gre lor pau vin mar cou ber nel rou fay le fe du pont char tier gar nier"
_SYLLABLES = _SOUNDS.split()
_TARGET = 50.0
_STEP = 1000


def _words(chance: random.Random, number: int, syllables: int) -> list[str]:
    return ["".join(chance.choice(_SYLLABLES) for _ in range(syllables)) for _ in range(number)]


class _Town:
    """Names, cities and skills, as often as they are in a real directory, about."""

    def __init__(self) -> None:
        chance = self.chance = random.Random(1)
        self.first, self.family = _words(chance, 800, 2), _words(chance, 12_000, 3)
        self.cities, self.employers, self.skills = (
            _words(chance, 300, 2),
            _words(chance, 3000, 3),
            _words(chance, 400, 3),
        )
        self.programmes, self.sectors = _words(chance, 20, 3), _words(chance, 30, 3)

    def person(self, number: int) -> Facts:
        """Somebody."""
        pick = self.chance.choice
        name, city, employer = f"{pick(self.first)} {pick(self.family)}", pick(self.cities), pick(self.employers)
        listed = pick((2, 3, 3, 3, 4))
        texts = [
            Text(Kind.NAME, name, listed),
            Text(Kind.HANDLE, f"u{number}", listed),
            Text(Kind.CITY, city, 3, city),
            Text(Kind.EMPLOYER, employer, 3, employer),
            *(Text(Kind.SKILL, skill, 3, skill) for skill in (pick(self.skills), pick(self.skills))),
            Text(Kind.SCHOOL, "", listed, "Bench school"),
            Text(Kind.PROGRAMME, "", 3, pick(self.programmes)),
            Text(Kind.CAMPUS, "", 3, pick(self.cities[:3])),
            Text(Kind.COUNTRY, "", 3, pick(("FR", "FR", "FR", "BE", "CH", "DE", "MA"))),
            Text(Kind.SECTOR, "", 3, pick(self.sectors)),
            *(Text(Kind.LANGUAGE, "", 3, tag) for tag in ("fr", pick(("en", "de", "es", "it")))),
        ]
        return Facts(actor_id=number, name=name, listed=listed, class_year=1960 + number % 64, texts=texts)


def _fill(tx: Tx, people: Sequence[Facts]) -> None:
    tx.conn.execute(
        insert(actors_table),
        [
            {
                "id": one.actor_id,
                "uri": f"https://bench.example/{one.actor_id}",
                "type": "Person",
                "username": f"u{one.actor_id}",
                "username_key": f"u{one.actor_id}",
                "display_name": one.name,
                "url": "",
                "inbox": "",
                "class_year": one.class_year,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for one in people
        ],
    )
    write(tx, people)


def _measure(db: Database, viewer: Actor, wanted: Wanted, times: int) -> tuple[float, int]:
    # The first time statements are compiled, which a node does once.
    count = measured(db, directory.search, viewer, wanted)[0].count
    took = [measured(db, directory.search, viewer, wanted)[1] for _ in range(times)]
    return quantiles(took, n=20)[-1], count


def main() -> None:
    """Fill a database, search it, and print what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=50_000)
    options.add_argument("--times", type=int, default=40)
    options.add_argument("--url", default="", help="an empty database; a new SQLite file if not given")
    given = options.parse_args()
    site = Site(base_url="https://bench.example", domain="bench.example", name="Bench", secret="s" * 40)
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(given.url or f"sqlite:///{Path(folder) / 'bench.db'}", site)
        metadata.create_all(db.engine)
        new = NewMember(username="viewer", email="viewer@mail.example", password_hash="", class_year=1998)
        viewer = db.write_now(members.add_member, new, actors.make_keys()).actor
        town = _Town()
        for start in range(1, given.people, _STEP):
            db.write_now(_fill, [town.person(number) for number in range(start, start + _STEP)])
        db.write_now(statistics.refresh)
        family, first, city = town.family[5], town.first[3], town.cities[2]
        for what, wanted in (
            ("a family name", Wanted(words=family)),
            ("a name with a letter wrong", Wanted(words=f"{family[:3]}x{family[3:]}")),
            ("first and family name", Wanted(words=f"{first} {family}")),
            ("four letters", Wanted(words=family[:4])),
            ("two letters", Wanted(words=family[:2])),
            ("a first name in a city", Wanted(words=first, city=city)),
            ("a country, a language and a sector", Wanted(country="be", language="de", sector=town.sectors[3])),
            ("a country", Wanted(country="be")),
            ("ten classes", Wanted(class_from=1990, class_to=1999)),
            ("everybody", Wanted()),
        ):
            took, count = _measure(db, viewer, wanted, given.times)
            slow = "" if took < _TARGET else "  SLOW"
            print(f"{what:36} {took:7.1f} ms of CPU at the 95th centile, {count} people{slow}")
        db.close()


if __name__ == "__main__":
    main()
