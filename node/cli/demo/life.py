# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes on after the story: now and then somebody posts, answers, boosts or favours something."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator

from node.cli.demo.api import Account, Json, Unanswered, text
from node.cli.demo.cast import REPLIES, Person
from node.cli.demo.nodes import Node
from node.cli.demo.story import World

_SHORTEST, _LONGEST = 20.0, 40.0


async def fill(world: World) -> int:
    """Some posts on every node, so that there is something to read; how many. Raises Unanswered."""
    counts = await asyncio.gather(*(_fill(world, node) for node in (world.tilleuls, world.harbour, world.reseau)))
    return sum(counts)


async def _fill(world: World, node: Node) -> int:
    for person, line in zip(node.school.people[1:], node.school.chatter, strict=False):
        await world.account(node, person.username).publish(line, language=node.school.locale)
    return len(node.school.chatter)


async def mingle(world: World) -> None:
    """Some more follows across the schools."""
    nodes = (world.tilleuls, world.harbour, world.reseau)
    for node, other in itertools.permutations(nodes, 2):
        for person, friend in zip(node.school.people[2:5], other.school.people[1:4], strict=True):
            await world.account(node, person.username).follow(other.handle(friend.username))


async def go_on(world: World, say: Callable[[str], None]) -> None:
    """Something new every half minute, until the task is cancelled."""
    happenings = _happenings(world)
    while True:
        await asyncio.sleep(random.uniform(_SHORTEST, _LONGEST))
        try:
            say(await next(happenings))
        except Unanswered as error:
            say(f"(nothing: {error})")


def _happenings(world: World) -> Iterator[Awaitable[str]]:
    nodes = (world.tilleuls, world.harbour, world.reseau)
    for act in itertools.cycle((_answers, _favours, _posts, _boosts)):
        node = random.choice(nodes)
        yield act(world, node, random.choice(node.school.people))


async def _posts(world: World, node: Node, person: Person) -> str:
    line = random.choice(node.school.chatter)
    await world.account(node, person.username).publish(line, language=node.school.locale)
    return f"{person.name} ({node.school.key}) posts: {line}"


async def _answers(world: World, node: Node, person: Person) -> str:
    me = world.account(node, person.username)
    status = await _something(me)
    line = random.choice(REPLIES[node.school.locale])
    author = _author(status)
    await me.publish(f"@{author} {line}", in_reply_to_id=text(status, "id"), language=node.school.locale)
    return f"{person.name} ({node.school.key}) answers @{author}: {line}"


async def _favours(world: World, node: Node, person: Person) -> str:
    me = world.account(node, person.username)
    status = await _something(me)
    await me.post(f"/api/v1/statuses/{text(status, 'id')}/favourite")
    return f"{person.name} ({node.school.key}) favours a post of @{_author(status)}"


async def _boosts(world: World, node: Node, person: Person) -> str:
    me = world.account(node, person.username)
    status = await _something(me)
    await me.post(f"/api/v1/statuses/{text(status, 'id')}/reblog")
    return f"{person.name} ({node.school.key}) boosts a post of @{_author(status)}"


async def _something(me: Account) -> Json:
    """A public status on somebody's home timeline, boosts unwrapped."""
    shown = [inner if isinstance(inner := status.get("reblog"), dict) else status for status in await me.home()]
    public = [status for status in shown if status.get("visibility") == "public"]
    if not public:
        raise Unanswered(f"{me.handle} has nothing to read")
    return random.choice(public)


def _author(status: Json) -> str:
    account = status.get("account")
    return text(account, "acct") if isinstance(account, dict) else ""
