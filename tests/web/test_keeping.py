# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole answers that are kept: asked for without a look at what is stored, and never older than it."""

import gzip
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from node import access, relationships
from node.actors import get
from node.kernel import clock
from node.kernel.clock import Moment
from node.kernel.db import metadata
from tests.support import databases
from tests.support.builders import a_member, a_post
from tests.web.asking import HOST, Answer, Api
from web.keeping import ANSWERS, Answers, Era, takes_gzip
from web.keeping import Answer as Kept

HOME = "/api/v1/timelines/home"
ASKED = (
    HOME,
    f"{HOME}?limit=3",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/boats",
    "/api/v1/favourites",
    "/api/v1/bookmarks",
    "/api/v1/notifications",
    "/api/v1/notifications/unread_count",
    "/api/v2/notifications",
    "/api/v1/conversations",
    "/api/v1/markers?timeline[]=home",
    "/api/v1/accounts/verify_credentials",
)


class Clock:
    """The time, which stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = clock.now()

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "now", held.now)
    return held


async def test_what_has_not_changed_is_answered_without_a_look(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = a_member(api.db, "ada")
    token = api.token(ada)
    a_post(api.db, ada.actor)
    for _ in range(2):
        first = await api.get(HOME, token)
    read, reads = api.db.read, []

    async def counted(fn: Callable[..., object], *args: object, **more: object) -> object:
        reads.append(fn)
        return await read(fn, *args, **more)

    monkeypatch.setattr(api.db, "read", counted)
    again = await api.get(HOME, token)

    assert again.json == first.json != []
    assert (again.headers["ETag"], again.headers["Link"]) == (first.headers["ETag"], first.headers["Link"])
    assert len(reads) == (0 if api.db.is_sqlite else 1)  # PostgreSQL is asked whether anything has changed


async def test_who_has_it_already_is_told_so(api: Api) -> None:
    token = api.token(a_member(api.db, "ada"))
    tag = (await api.get(HOME, token)).headers["ETag"]

    for _ in range(2):
        known = await api.get(HOME, token, headers={"If-None-Match": tag})
        assert (known.status, known.text, known.headers["ETag"]) == (304, "", tag)


async def test_each_is_answered_for_themselves(api: Api) -> None:
    ada, ben = a_member(api.db, "ada"), a_member(api.db, "ben")
    a_post(api.db, ada.actor)
    tokens = [api.token(ada), api.token(ben)]

    for _ in range(2):
        assert [len((await api.get(HOME, token)).json) for token in tokens] == [1, 0]
        assert (await api.get(HOME)).status == 401


async def test_whoever_may_no_longer_ask_is_not_answered(api: Api) -> None:
    ada = a_member(api.db, "ada")
    token, narrow = api.token(ada), api.token(ada, scopes=("write",))
    for _ in range(2):
        assert (await api.get(HOME, token)).status == 200

    assert (await api.get(HOME, narrow)).status == 403
    await api.db.write(access.revoke_of_member, ada.id)

    assert (await api.get(HOME, token)).status == 401


async def test_what_another_process_writes_is_seen_at_once(api: Api) -> None:
    ada = a_member(api.db, "ada")
    token = api.token(ada)
    for _ in range(3):
        assert (await api.get(HOME, token)).json == []
    other = databases.opened(api.services.settings.database_url, api.db.site)

    written = a_post(other, ada.actor)
    other.close()

    assert [one["id"] for one in (await api.get(HOME, token)).json] == [str(written)]


async def test_what_ends_by_itself_ends_in_what_is_kept_too(api: Api, moved: Clock) -> None:
    ada, ben = a_member(api.db, "ada"), a_member(api.db, "ben")
    token = api.token(ada)
    a_post(api.db, ben.actor, "Boats in the harbour")
    end = moved.moment + timedelta(hours=1)
    await api.post("/api/v1/statuses", token, json={"status": "?", "poll": {"options": ["a", "b"], "expires_in": 7200}})
    created = await api.post("/api/v2/filters", token, json={"title": "b", "context": ["public"], "expires_in": 3600})
    await api.post(f"/api/v2/filters/{created.json['id']}/keywords", token, json={"keyword": "boats"})

    async def seen() -> tuple[int, bool]:
        answers = [await api.get("/api/v1/timelines/public", token) for _ in range(3)]
        assert len({answer.text for answer in answers}) == 1
        poll, boats = answers[0].json
        return len(boats["filtered"]), poll["poll"]["expired"]

    moved.moment = end - timedelta(milliseconds=1)
    assert await seen() == (1, False)
    moved.moment = end
    assert await seen() == (0, False)
    moved.moment = end + timedelta(hours=1)
    assert await seen() == (0, True)


async def test_a_mute_that_ends_lets_its_posts_come_back(api: Api, moved: Clock) -> None:
    ada, ben = a_member(api.db, "ada"), a_member(api.db, "ben")
    token = api.token(ada)
    a_post(api.db, ben.actor)
    await api.post(f"/api/v1/accounts/{ben.id}/mute", token, json={"duration": 60})
    for _ in range(3):
        assert (await api.get("/api/v1/timelines/public", token)).json == []

    moved.moment += timedelta(seconds=60)

    assert len((await api.get("/api/v1/timelines/public", token)).json) == 1


def test_whatever_ends_by_itself_is_known() -> None:
    """A new column of this kind needs its place in `web.keeping`, or a reason why no lasting answer depends on it."""
    ends = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Moment) and column.name.startswith(("expire", "end", "until", "valid", "lapse"))
    }

    assert ends == {
        "mutes.expires_at",
        "filters.expires_at",
        "polls.expires_at",
        "events.ends_at",
        "invitations.expires_at",  # matters at the door alone
        "announcements.ends_at",  # no lasting answer holds them
        "sanctions.ended_at",  # written when it is so
        "past_recipients.until",  # what has been
        "profile_entries.valid_until",
        "notices.until",  # the notice is there until a write removes it
    }


@pytest.mark.parametrize("seed", range(2))
async def test_after_any_write_nothing_is_answered_that_is_old(api: Api, moved: Clock, seed: int) -> None:
    chance = random.Random(seed)
    ada, ben = a_member(api.db, "ada"), a_member(api.db, "ben")
    tokens = [api.token(ada), api.token(ben)]
    api.db.write_now(lambda tx: relationships.follow(tx, ada.actor, get(tx.conn, ben.id)))
    written = [str(a_post(api.db, person.actor, f"{person.actor.username} #boats")) for person in (ada, ben)]
    other = databases.opened(api.services.settings.database_url, api.db.site)

    def doing(path: str, **body: object) -> Callable[[], Awaitable[Answer]]:
        return lambda: api.post(path.format(post=chance.choice(written)), chance.choice(tokens), json=body)

    async def elsewhere() -> None:
        written.append(str(a_post(other, chance.choice((ada, ben)).actor, "From elsewhere #boats")))

    async def later() -> None:
        moved.moment += timedelta(minutes=chance.choice((1, 10, 60)))

    async def poll() -> None:
        made = await api.post(
            "/api/v1/statuses",
            chance.choice(tokens),
            json={"status": "#boats?", "poll": {"options": ["a", "b"], "expires_in": 600}},
        )
        written.append(made.json["id"])

    async def renamed() -> None:
        named = {"display_name": f"Number {chance.randrange(1000)}"}
        await api.ask("PATCH", "/api/v1/accounts/update_credentials", token=chance.choice(tokens), json=named)

    async def gone() -> None:
        post = written.pop(chance.randrange(len(written)))
        for token in tokens:
            await api.ask("DELETE", f"/api/v1/statuses/{post}", token=token)
        written.append(str(a_post(api.db, ada.actor, "Instead #boats")))

    steps: list[Callable[[], Awaitable[object]]] = [
        elsewhere,
        later,
        poll,
        gone,
        doing("/api/v1/statuses", status="@ben look #boats", visibility="direct"),
        doing("/api/v1/statuses", status="More #boats"),
        *(doing(f"/api/v1/statuses/{{post}}/{verb}") for verb in ("favourite", "unfavourite", "reblog", "unreblog")),
        *(doing(f"/api/v1/statuses/{{post}}/{verb}") for verb in ("bookmark", "unbookmark", "mute", "pin")),
        *(doing(f"/api/v1/accounts/{ben.id}/{verb}") for verb in ("follow", "unfollow", "block", "unblock", "unmute")),
        doing(f"/api/v1/accounts/{ben.id}/mute", duration=900),
        doing("/api/v1/filters", phrase="elsewhere", context=["home", "public"], expires_in=1200),
        doing("/api/v1/markers", home={"last_read_id": written[0]}),
        doing("/api/v1/notifications/clear"),
        renamed,
    ]

    asked_too = [f"/api/v1/accounts/{person.id}{rest}" for person in (ada, ben) for rest in ("", "/statuses")]
    asked_too += [f"/api/v1/accounts/relationships?id[]={ben.id}", f"/api/v1/statuses/{written[0]}"]

    async def answers(paths: Sequence[str]) -> list[tuple[str, str | None]]:
        asked = [await api.get(path, token) for path in paths for token in tokens]
        return [(answer.text, answer.headers.get("Link")) for answer in asked]

    for _ in range(20):
        paths = (HOME, *chance.sample([*ASKED[1:], *asked_too], 5))
        await answers(paths)
        await chance.choice(steps)()
        kept = [await answers(paths) for _ in range(2)]
        api.app[ANSWERS]._era = None
        assert kept == [await answers(paths)] * 2
    other.close()


async def test_no_more_is_kept_than_was_said(api: Api) -> None:
    answers = Answers(api.db, most=4000)
    era = await answers.era()
    for number in range(5):
        answers.keep(era, (None, f"/{number}"), Kept(b"x" * 400, "", {}))
    answers.keep(era, (None, "/4"), Kept(b"y" * 400, "", {}))

    assert list(era.answers) == [(None, f"/{number}") for number in (1, 2, 3, 4)]
    assert era.size == sum(one.size for one in era.answers.values()) == 4000
    assert await answers.find(era, (None, "/1")) is not None
    answers.keep(era, (None, "/5"), Kept(b"x" * 400, "", {}))
    assert list(era.answers) == [(None, f"/{number}") for number in (3, 4, 1, 5)]


async def test_what_was_read_before_a_change_is_not_kept(api: Api) -> None:
    answers = api.app[ANSWERS]
    before = await answers.era()
    a_member(api.db, "ada")
    after = await answers.era()
    answers.keep(before, (None, "/"), Kept(b"", "", {}))

    assert after is not before
    assert await answers.find(after, (None, "/")) is None


def test_a_clock_that_is_set_back_ends_an_era() -> None:
    now = clock.now()

    assert Era(1, now).lasts(1, now)
    assert not Era(1, now).lasts(1, now - timedelta(seconds=1))


async def test_long_answers_are_packed_for_those_who_take_it(api: Api) -> None:
    ada = a_member(api.db, "ada")
    token = api.token(ada)
    a_post(api.db, ada.actor)

    async def raw(path: str, accepted: str) -> tuple[bytes, str | None, str]:
        headers = {"Host": HOST, "Authorization": f"Bearer {token}", "Accept-Encoding": accepted}
        async with api.client.session.get(
            api.client.make_url(path), headers=headers, auto_decompress=False
        ) as response:
            return await response.read(), response.headers.get("Content-Encoding"), response.headers["ETag"]

    plain = await raw(HOME, "identity")
    for _ in range(2):
        packed = await raw(HOME, "br, gzip;q=0.8")
        assert packed[1:] == ("gzip", plain[2])
        assert len(packed[0]) < len(plain[0])
        assert gzip.decompress(packed[0]) == plain[0]
    assert await raw(HOME, "gzip;q=0") == plain
    account = await raw("/api/v1/accounts/verify_credentials", "gzip")
    assert account[1] == "gzip"
    assert (await raw("/api/v1/bookmarks", "gzip"))[:2] == (b"[]", None)


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("deflate, gzip", True),
        ("gzip;q=1.0, identity", True),
        ("gzip; q=0.001", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("identity, gzip; q=0.000", False),
        ("x-gzip-like", False),
    ],
)
def test_gzip_is_for_those_who_name_it(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


async def test_what_ends_next_is_found_by_an_index(api: Api) -> None:
    if not api.db.is_sqlite:
        pytest.skip("the same indexes; PostgreSQL plans by what is in a table")
    for table in ("mutes", "filters", "polls"):
        statement = text(f"EXPLAIN QUERY PLAN SELECT min(expires_at) FROM {table} WHERE expires_at > 1")
        plan = await api.db.read(lambda conn, statement=statement: conn.execute(statement).all())
        assert f"ix_{table}_expires_at" in plan[0][3]
    statement = text("EXPLAIN QUERY PLAN SELECT min(valid_until) FROM profile_entries WHERE valid_until > 1")
    plan = await api.db.read(lambda conn: conn.execute(statement).all())
    assert "ix_profile_entries_valid_until" in plan[0][3]
