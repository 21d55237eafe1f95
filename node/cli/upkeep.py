# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an administrator does to a running node from the command line: looking after the queue, and changing keys."""

from collections.abc import Iterator
from datetime import datetime

from node import actors, relationships
from node.actors import Actor
from node.cli.context import Failed
from node.kernel import clock, queue
from node.kernel.db import Database
from node.kernel.queue import Chosen, Entry


def counts(db: Database) -> Iterator[str]:
    """One line for each queue, and one for each task that has rows."""
    states = {state.queue: state for state in db.read_now(queue.overview)}
    for name in (queue.INBOX, queue.DELIVERY, queue.WORK):
        state = states.get(name)
        waiting, held, parked = (state.waiting, state.held, state.parked) if state else (0, 0, 0)
        late = (clock.now() - state.oldest).total_seconds() if state and state.oldest else 0
        yield f"{name:10} {waiting:6} waiting  {held:6} held  {parked:6} parked  {max(late, 0):8.0f} s behind"
    for task, waiting, parked in db.read_now(queue.counts):
        yield f"  {task:24} {waiting:6} waiting  {parked:6} parked"


def line(entry: Entry) -> str:
    """A row in one line."""
    return (
        f"{entry.id}  {_state(entry):8} {entry.name:20} {entry.attempts:3} attempts  "
        f"{entry.lane or '-'}  {entry.last_error or ''}"
    ).rstrip()


def details(db: Database, number: int) -> Iterator[str]:
    """All about one row. Raises Failed if there is none."""
    found = db.read_now(queue.listing, Chosen(ids=[number]))
    if not found:
        raise Failed(f"The queue has no row {number}.")
    entry = found[0]
    yield f"id        {entry.id}"
    yield f"task      {entry.name} ({entry.queue})"
    yield f"state     {_state(entry)}"
    yield f"lane      {entry.lane or '-'}"
    yield f"made      {_time(entry.created_at)}"
    yield f"next      {_time(entry.run_at)}" if entry.parked_at is None else f"parked    {_time(entry.parked_at)}"
    yield f"attempts  {entry.attempts}"
    yield f"error     {entry.last_error or '-'}"
    for name, value in entry.payload.items():
        yield f"  {name} = {value}"


def _state(entry: Entry) -> str:
    if entry.parked_at is not None:
        return "parked"
    if entry.leased_until is not None:
        return "running"
    return "held" if entry.held else "waiting"


def _time(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def rotate_keys(db: Database, username: str | None) -> Iterator[Actor]:
    """Give new keys to one actor of this node, or to all of them. Raises Failed for an unknown name."""
    if username is not None:
        found = db.read_now(actors.by_handle, username)
        if found is None or found.deleted_at is not None:
            raise Failed(f"Nobody here is called {username}.")
        chosen = [found]
    else:
        chosen = list(db.read_now(actors.all_local))
    for actor in chosen:
        yield db.write_now(relationships.rotate_keys, actor, actors.make_keys())
