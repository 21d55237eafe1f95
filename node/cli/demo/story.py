# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story: each step is done on one node, over the wire, and seen on another through the client API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Final

import aiohttp

from node.cli.demo.api import PUBLIC, Account, Json, Unanswered, eventually, text
from node.cli.demo.nodes import ASSOCIATION, Node, NodeFailed


@dataclass(slots=True)
class World:
    """Who there is, and the ids of what they made."""

    session: aiohttp.ClientSession
    bovine: ModuleType
    tilleuls: Node
    harbour: Node
    reseau: Node
    _made: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, uri: str) -> None:
        """Remember the id of something for a later step."""
        self._made[name] = uri

    def made(self, name: str) -> str:
        """The id of something that an earlier step made. Raises Unanswered if that failed."""
        try:
            return self._made[name]
        except KeyError:
            raise Unanswered("an earlier step failed") from None

    def account(self, node: Node, username: str) -> Account:
        """Somebody, with an app."""
        return Account(self.session, node.base_url, node.handle(username), node.tokens[username])

    @property
    def claire(self) -> Account:
        """Of the École des Tilleuls, class of 1998."""
        return self.account(self.tilleuls, "claire")

    @property
    def amara(self) -> Account:
        """Of Harbour Academy, class of 1999."""
        return self.account(self.harbour, "amara")

    @property
    def ben(self) -> Account:
        """Of Harbour Academy, class of 1994."""
        return self.account(self.harbour, "ben")

    @property
    def jules(self) -> Account:
        """Of the independent network, whose posts come from a script."""
        return self.account(self.reseau, "jules")


@dataclass(frozen=True, slots=True)
class Step:
    """`act` does it on one node, `seen` says whether it has arrived on the other."""

    title: str
    act: Callable[[World], Awaitable[None]]
    seen: Callable[[World], Awaitable[object]]


async def tell(world: World, say: Callable[[str], None]) -> int:
    """Play every step and say how it went; how many did not arrive."""
    failures = 0
    for step in STEPS:
        try:
            await step.act(world)
            arrived = await eventually(lambda step=step: step.seen(world))  # type: ignore[misc]  # the loop's step
            reason = "" if arrived else "it does not arrive"
        except (Unanswered, NodeFailed, aiohttp.ClientError, TimeoutError) as error:
            arrived, reason = False, str(error) or type(error).__name__
        say(f"{'ok  ' if arrived else 'FAIL'} {step.title}{f': {reason}' if reason else ''}")
        failures += not arrived
    return failures


# -- partners ---------------------------------------------------------------------------------------------------------


async def _become_partners(world: World) -> None:
    await world.tilleuls.command("partner", "add", world.harbour.handle(ASSOCIATION))
    await world.harbour.command("partner", "add", world.tilleuls.handle(ASSOCIATION))


async def _are_partners(world: World) -> bool:
    ours, theirs = (world.account(node, ASSOCIATION) for node in (world.harbour, world.tilleuls))
    other = text(await ours.find(theirs.handle), "id")
    [relation] = await ours.many("/api/v1/accounts/relationships", **{"id[]": other})
    return relation.get("following") is True and relation.get("followed_by") is True


# -- follows and posts ------------------------------------------------------------------------------------------------


async def _follow(world: World) -> None:
    await world.claire.follow(world.amara.handle)
    await world.amara.follow(world.claire.handle)


async def _followed(world: World) -> bool:
    return bool(
        await world.amara.told_of("follow", world.claire.handle)
        and await world.claire.told_of("follow", world.amara.handle)
    )


async def _post(world: World) -> None:
    told = await world.amara.publish(
        "The old slipway shows at low tide on Sunday. Who brings the tea? #PortEllery", language="en"
    )
    world.keep("slipway", text(told, "uri"))


async def _post_seen(world: World) -> Json | None:
    return await world.claire.on_home(world.made("slipway"))


async def _reply(world: World) -> None:
    number = await world.claire.here(world.made("slipway"))
    told = await world.claire.publish(
        f"@{world.amara.handle} I bring the madeleines, and two classmates.", in_reply_to_id=number, language="en"
    )
    world.keep("madeleines", text(told, "uri"))


async def _reply_seen(world: World) -> bool:
    number = await world.amara.here(world.made("slipway"))
    context = await world.amara.get(f"/api/v1/statuses/{number}/context")
    replies = context.get("descendants") if isinstance(context, dict) else None
    answered = isinstance(replies, list) and any(one.get("uri") == world.made("madeleines") for one in replies)
    return answered and await world.amara.told_of("mention", world.claire.handle) is not None


async def _like_and_boost(world: World) -> None:
    number = await world.amara.here(world.made("madeleines"))
    await world.amara.post(f"/api/v1/statuses/{number}/favourite")
    await world.amara.post(f"/api/v1/statuses/{number}/reblog")


async def _like_and_boost_seen(world: World) -> bool:
    return bool(
        await world.claire.told_of("favourite", world.amara.handle)
        and await world.claire.told_of("reblog", world.amara.handle)
    )


# -- a script on the outbox -------------------------------------------------------------------------------------------


async def _script_follows(world: World) -> None:
    claire = await world.jules.find(world.claire.handle)
    await world.jules.send(world.bovine, {"type": "Follow", "object": text(claire, "uri")})


async def _script_followed(world: World) -> Json | None:
    return await world.claire.told_of("follow", world.jules.handle)


async def _script_posts(world: World) -> None:
    claire = await world.jules.find(world.claire.handle)
    note = {
        "type": "Note",
        "content": f"<p>@{world.claire.handle} Le réseau salue les Tilleuls depuis un script de douze lignes.</p>",
        "to": [PUBLIC],
        "cc": [text(claire, "uri")],
        "tag": [{"type": "Mention", "href": text(claire, "uri"), "name": f"@{world.claire.handle}"}],
    }
    activity = await world.jules.send(
        world.bovine, {"type": "Create", "object": note, "to": note["to"], "cc": note["cc"]}
    )
    world.keep("script", activity)


async def _script_post_seen(world: World) -> Json | None:
    return await world.claire.told_of("mention", world.jules.handle)


async def _script_likes(world: World) -> None:
    # By its id alone: the node fetches what it lacks.
    await world.jules.send(world.bovine, {"type": "Like", "object": world.made("madeleines")})


async def _script_like_seen(world: World) -> Json | None:
    return await world.claire.told_of("favourite", world.jules.handle)


async def _post_to_followers(world: World) -> None:
    told = await world.claire.publish(
        "Pour celles et ceux qui me suivent : la source est retrouvée.", visibility="private"
    )
    world.keep("spring", text(told, "uri"))


async def _followers_post_seen(world: World) -> bool:
    status = await world.jules.on_home(world.made("spring"))
    return status is not None and status.get("visibility") == "private"


# -- the event --------------------------------------------------------------------------------------------------------


async def _announce(world: World) -> None:
    evening = datetime.now(UTC) + timedelta(days=60)
    printed = await world.tilleuls.command(
        "event",
        "create",
        "--title",
        "Fête des tilleuls",
        "--start",
        f"{evening:%Y-%m-%d}T18:30",
        "--end",
        f"{evening:%Y-%m-%d}T23:00",
        "--timezone",
        "Europe/Paris",
        "--place",
        "Cour d'honneur, Valbourg",
        "--capacity",
        "60",
        "--text",
        "Toutes les promotions, et nos amis de Port Ellery. Chacun apporte un plat.",
    )
    world.keep("event", printed.split()[-1])


async def _announced(world: World) -> bool:
    """A member at the partner school, who follows nobody at the Tilleuls, is told by their own association."""
    status = await world.account(world.harbour, "tessa").on_home(world.made("event"))
    shown = status.get("reblog") if status else None
    return isinstance(shown, dict) and "Valbourg" in text(shown, "content") and _seats(shown) is not None


async def _say_yes(world: World) -> None:
    for guest in (world.amara, world.ben):
        await guest.send(world.bovine, {"type": "Join", "object": world.made("event")})


async def _two_come(world: World) -> bool:
    return await _coming(world) == 2


async def _say_no(world: World) -> None:
    await world.ben.send(world.bovine, {"type": "Leave", "object": world.made("event")})


async def _one_comes(world: World) -> bool:
    return await _coming(world) == 1


async def _coming(world: World) -> object:
    number = await world.claire.here(world.made("event"))
    status = await world.claire.get(f"/api/v1/statuses/{number}")
    return _seats(status) if isinstance(status, dict) else None


def _seats(status: Json) -> object:
    details = status.get("alumnode")
    return details.get("participants_count") if isinstance(details, dict) else None


# -- taking back ------------------------------------------------------------------------------------------------------


async def _delete(world: World) -> None:
    number = await world.amara.here(world.made("slipway"))
    await world.amara.delete(f"/api/v1/statuses/{number}")


async def _deleted(world: World) -> bool:
    return await world.claire.on_home(world.made("slipway")) is None


async def _unfollow(world: World) -> None:
    found = await world.jules.find(world.claire.handle)
    await world.jules.post(f"/api/v1/accounts/{text(found, 'id')}/unfollow")


async def _unfollowed(world: World) -> bool:
    other = text(await world.claire.find(world.jules.handle), "id")
    [relation] = await world.claire.many("/api/v1/accounts/relationships", **{"id[]": other})
    return relation.get("followed_by") is False


STEPS: Final = (
    Step("The Tilleuls and Harbour Academy become partner schools", _become_partners, _are_partners),
    Step("Claire (Tilleuls) and Amara (Harbour) follow each other", _follow, _followed),
    Step("Amara's post is on Claire's home timeline", _post, _post_seen),
    Step("Claire's reply is in Amara's thread, and Amara is told", _reply, _reply_seen),
    Step("Amara favours and boosts the reply, and Claire is told", _like_and_boost, _like_and_boost_seen),
    Step("Jules (Réseau) follows Claire from a script with bovine", _script_follows, _script_followed),
    Step("Jules's script posts, and Claire is told", _script_posts, _script_post_seen),
    Step("Jules's script favours Claire's reply, and Claire is told", _script_likes, _script_like_seen),
    Step("Claire's post to her followers reaches Jules, and stays private", _post_to_followers, _followers_post_seen),
    Step("The Tilleuls' event is announced to Harbour's members by their association", _announce, _announced),
    Step("Amara and Ben say that they come: the Tilleuls count two", _say_yes, _two_come),
    Step("Ben cancels: the Tilleuls count one", _say_no, _one_comes),
    Step("Amara deletes her post, and it leaves Claire's timeline", _delete, _deleted),
    Step("Jules unfollows Claire, and her node knows", _unfollow, _unfollowed),
)
