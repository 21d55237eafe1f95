# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode demo`: three nodes on this machine, a story among them, and then life going on.

Two invented schools of different towns, and an independent network of one of them. Each is a process with an SQLite file
of its own, reached over plain http under a name below `.localhost`, which browsers open without any set-up.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from node.cli.demo import life, story
from node.cli.demo.api import Unanswered, import_bovine, new_session
from node.cli.demo.cast import PASSWORD, SCHOOLS
from node.cli.demo.nodes import Node, NodeFailed, make_all, new_nodes
from node.cli.demo.story import World


def play(*, check: bool, keep: Path | None) -> int:
    """Run the demo; the exit code. With `check` it ends after the story, otherwise with Ctrl-C."""
    # Settings in the environment are for another node.
    for name in [name for name in os.environ if name.startswith("ALUMNODE_")]:
        del os.environ[name]
    if keep is not None and keep.exists() and any(keep.iterdir()):
        click.echo(f"The folder {keep} is not empty; give another one.", err=True)
        return 1
    with contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alumnode-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return asyncio.run(_play(folder.resolve(), check=check))
        except (KeyboardInterrupt, asyncio.CancelledError):
            click.echo("The demo has ended.")
            return 130 if check else 0


async def _play(folder: Path, *, check: bool) -> int:
    main = asyncio.current_task()
    assert main is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    nodes = new_nodes(SCHOOLS, folder)
    try:
        return await _run(nodes, folder, check=check)
    except NodeFailed as error:
        click.echo(str(error), err=True)
        return 1
    finally:
        await asyncio.gather(*(node.stop() for node in nodes))


async def _run(nodes: Sequence[Node], folder: Path, *, check: bool) -> int:
    began = time.monotonic()
    everybody = sum(len(node.school.people) for node in nodes)
    click.echo(f"Making {len(nodes)} nodes with {everybody} members: {', '.join(node.school.name for node in nodes)}")
    await make_all(nodes)
    click.echo("Starting them")
    await asyncio.gather(*(node.start() for node in nodes))
    tilleuls, harbour, reseau = nodes
    async with new_session() as session:
        world = World(session, import_bovine(folder), tilleuls, harbour, reseau)
        click.echo("The story")
        failures = await _filled(world)
        failures += await story.tell(world, lambda line: click.echo(f"  {line}"))
        if failures:
            for node in nodes:
                click.echo(f"-- the last words of {node.school.name} --\n{node.last_words()}", err=True)
        if check:
            total = len(story.STEPS) + 1
            click.echo(f"{total - failures} of {total} steps arrived, in {time.monotonic() - began:.0f} s.")
            return 1 if failures else 0
        with contextlib.suppress(Unanswered):
            await life.mingle(world)
        _introduce(nodes)
        return await _go_on(world, nodes)


async def _filled(world: World) -> int:
    """Have everybody post something first; 1 if a node does not take it."""
    try:
        posts = await life.fill(world)
    except Unanswered as error:
        click.echo(f"  FAIL Members of all three nodes post: {error}")
        return 1
    click.echo(f"  ok   Members of all three nodes post: {posts} posts")
    return 0


def _introduce(nodes: Sequence[Node]) -> None:
    """Where to look, and as whom."""
    tilleuls, harbour, _ = nodes
    click.echo("\nOpen in a browser:")
    for node in nodes:
        click.echo(f"  {node.base_url}/   {node.school.name}")
    click.echo("\nLog in as")
    for node, username in ((tilleuls, "claire"), (harbour, "amara")):
        click.echo(f"  {username} at {node.base_url}/   password: {PASSWORD}")
    click.echo(f"\nOr with an app: server {tilleuls.base_url}, token of claire: {tilleuls.tokens['claire']}")
    click.echo("\nThe nodes go on; Ctrl-C ends them.\n")


async def _go_on(world: World, nodes: Sequence[Node]) -> int:
    """Until Ctrl-C, or until a node ends by itself."""
    living = asyncio.create_task(life.go_on(world, lambda line: click.echo(f"  {time.strftime('%H:%M:%S')} {line}")))
    ends = [asyncio.create_task(node.process.wait()) for node in nodes if node.process is not None]
    try:
        await asyncio.wait([living, *ends], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (living, *ends):
            task.cancel()
        await asyncio.gather(living, *ends, return_exceptions=True)
    for node in nodes:
        if node.process is not None and node.process.returncode is not None:
            click.echo(f"{node.school.name} has ended by itself:\n{node.last_words()}", err=True)
    return 1
