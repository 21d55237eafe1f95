# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing schools and programmes. Whether somebody may is asked by `rules.check_admin`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update

from node.actors import rename_school
from node.actors.tables import actors
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.ids import new_id
from node.schools import queries, rules
from node.schools.queries import School
from node.schools.rules import Programme, SchoolDraft
from node.schools.tables import programmes, schools


def add(tx: Tx, draft: SchoolDraft) -> School:
    """A further school. Raises Invalid, also for a name that there is."""
    draft = rules.check_school(draft)
    known = queries.all_of(tx.conn)
    _check_new(known, draft.name)
    number = new_id(tx.now)
    slug = rules.slug_of(draft.name, {one.slug for one in known})
    tx.conn.execute(
        insert(schools),
        {**_values(draft), "id": number, "slug": slug, "created_at": tx.now},
    )
    return queries.find(tx.conn, number)


def change(tx: Tx, school_id: int, draft: SchoolDraft) -> School:
    """Say something else of a school. Its people are of it under the new name too; the old one becomes an alias.

    Raises NotFound, Invalid.
    """
    before = queries.find(tx.conn, school_id)
    draft = rules.check_school(draft)
    _check_new([one for one in queries.all_of(tx.conn) if one.id != school_id], draft.name)
    aliases = dict.fromkeys(draft.aliases)
    if draft.name != before.name:
        aliases.setdefault(before.name)
        rename_school(tx, before.name, draft.name)
    aliases.pop(draft.name, None)
    tx.conn.execute(
        update(schools)
        .where(schools.c.id == school_id)
        .values(**{**_values(draft), "aliases": list(aliases)[: rules.MAX_ALIASES]})
    )
    return queries.find(tx.conn, school_id)


def remove(tx: Tx, school_id: int) -> None:
    """Take a school away that nobody here is of. Raises NotFound, Conflict."""
    school = queries.find(tx.conn, school_id)
    has_people = exists(select(actors.c.id).where(actors.c.domain == "", actors.c.school == school.name))
    if tx.conn.execute(select(has_people)).scalar_one():
        raise Conflict("People of this network are of this school. It stays for as long as they are here.")
    if tx.conn.execute(select(func.count()).select_from(schools)).scalar_one() == 1:
        raise Conflict("A network serves one school at least.")
    tx.conn.execute(delete(programmes).where(programmes.c.school_id == school_id))
    tx.conn.execute(delete(schools).where(schools.c.id == school_id))


def add_programme(tx: Tx, programme: Programme) -> Programme:
    """Something more to study at a school. Raises NotFound (no such school), Invalid."""
    queries.find(tx.conn, programme.school_id)
    kept = rules.check_programme(programme, tx.now)
    _check_new_programme(tx, kept)
    number = new_id(tx.now)
    tx.conn.execute(insert(programmes), {**asdict(kept), "aliases": list(kept.aliases), "id": number})
    return next(one for one in queries.programmes(tx.conn, kept.school_id) if one.id == number)


def change_programme(tx: Tx, programme: Programme) -> None:
    """Say something else of what can be studied. Raises NotFound, Invalid."""
    kept = rules.check_programme(programme, tx.now)
    _check_new_programme(tx, kept)
    changed = tx.conn.execute(
        update(programmes)
        .where(programmes.c.id == kept.id, programmes.c.school_id == kept.school_id)
        .values(**{**asdict(kept), "aliases": list(kept.aliases)})
    )
    if changed.rowcount == 0:
        raise NotFound


def remove_programme(tx: Tx, school_id: int, programme_id: int) -> None:
    """Take it off the list; who has studied it keeps it in their profile. Raises NotFound."""
    gone = tx.conn.execute(
        delete(programmes).where(programmes.c.id == programme_id, programmes.c.school_id == school_id)
    )
    if gone.rowcount == 0:
        raise NotFound


def _values(draft: SchoolDraft) -> dict[str, Any]:
    return {**asdict(draft), "aliases": list(draft.aliases), "same_as": list(draft.same_as)}


def _check_new(known: Sequence[School], name: str) -> None:
    if any(one.name.casefold() == name.casefold() for one in known):
        raise Invalid("There is a school of this name already.", field="name")


def _check_new_programme(tx: Tx, programme: Programme) -> None:
    for one in queries.programmes(tx.conn, programme.school_id):
        if one.id != programme.id and one.name.casefold() == programme.name.casefold():
            raise Invalid("There is a programme of this name already.", field="name")
