# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bringing a file in, or taking an import back, behind the pages: one task of the queue for each, step by step."""

import asyncio
from collections.abc import Collection
from typing import Final

from node.actors import ActorId
from node.kernel import clock, queue
from node.kernel.db import Database, Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.queue import Task
from node.roster import actions, deciding, objections, queries
from node.roster.rules import ImportState

APPLY: Final = "roster.apply"
UNDO: Final = "roster.undo"


def apply(tx: Tx, roles: Collection[str], number: int) -> None:
    """Say yes to an import; a task does the rest. Raises as `actions.start`."""
    actions.start(tx, roles, number)
    queue.enqueue(tx, APPLY, {"import": number}, once=f"{APPLY}:{number}")


def take_back(tx: Tx, roles: Collection[str], number: int) -> None:
    """Undo an import; a task does it. Raises as `actions.start_undo`."""
    actions.start_undo(tx, roles, number)
    queue.enqueue(tx, UNDO, {"import": number}, once=f"{UNDO}:{number}")


async def judge(db: Database, school_mail: Collection[str], task: Task) -> None:
    """Ask the roster about one newcomer."""
    number, known = ActorId(int(str(task.payload["member"]))), bool(task.payload.get("known"))
    await db.write(deciding.judge_newcomer, number, school_mail, known=known)


class Importer:
    """Works on imports that somebody said yes to. What was cut off goes on with what is left."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def apply(self, task: Task) -> None:
        """All steps of one import."""
        number = int(str(task.payload["import"]))
        found = await self._db.read(queries.get_import, number)
        data = await self._db.read(queries.file_of, number)
        if found.state is not ImportState.APPLYING or data is None:
            return
        entries = await self._db.read(queries.everybody)
        options = actions.options_of(found.options)
        try:
            objects = await self._db.read(objections.objectors, self._db.site)
            today = clock.now().date()
            preview = await asyncio.to_thread(actions.look, data, options, entries, today, objects)
        except Invalid:
            # Whoever said yes had seen another reading of the file: back to where it can be read anew.
            await self._db.write(actions.hold, number)
            return
        await self._db.write(actions.note_counts, number, preview.counts)
        for step in actions.steps(preview.to_write):
            try:
                await self._db.write(actions.apply_step, number, step)
            except Conflict:
                return
        await self._db.write(actions.finish, number)

    async def undo(self, task: Task) -> None:
        """All steps back."""
        number = int(str(task.payload["import"]))
        while await self._db.write(actions.undo_step, number):
            pass
