# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a command writes is taken up by the node that runs beside it, without a restart."""

import asyncio

from node.cli.context import opened
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import Lane, TaskType, Worker
from tests.cli.conftest import Shell


async def test_a_row_of_another_process_is_taken_up_though_nobody_is_woken(shell: Shell, inside: Database) -> None:
    done = asyncio.Event()

    async def run(task: Task) -> None:
        done.set()

    def ask(tx: Tx) -> None:
        queue.enqueue(tx, "test.ask", {})

    worker = Worker(inside, {"test.ask": TaskType(run)}, (Lane(queue.WORK, at_once=2, per_lane=2),))
    await worker.start()
    # The loop has found nothing and sleeps by now.
    await asyncio.sleep(0)

    with opened(shell.config) as (_, other):
        other.write_now(ask)

    await asyncio.wait_for(done.wait(), 30)
    await worker.stop(grace=1)
    assert inside.read_now(queue.overview) == []
