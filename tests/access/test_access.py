# SPDX-License-Identifier: AGPL-3.0-or-later
"""Apps, tokens, throttles and idempotency keys, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from node import access
from node.access import Limit
from node.access.tables import apps, codes, sessions, tokens
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid, NotFound, TooMany
from tests.support.builders import a_member


@pytest.mark.parametrize(
    "uri",
    [
        "urn:ietf:wg:oauth:2.0:oob",
        "icecubesapp://",
        "tuba://auth_code",
        "com.tapbots.Ivory.10217:/request_token",
        "org.joinmastodon.android-auth://callback",
        "oauth2redirect://com.keylesspalace.tusky/",
        "https://elk.zone/api/harbour.example/oauth/https%3A%2F%2Felk.zone",
        "https://elk.zone:8443/?a=b",
        "http://localhost:3000/callback",
        "http://127.0.0.1:5555/",
        "http://[::1]/",
    ],
)
def test_an_address_of_an_app_is_taken(uri: str) -> None:
    access.check_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/relative",
        "elk.zone",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://elk.zone/x",
        "about:blank",
        "https://elk.zone/#fragment",
        "https://elk.zone/a b",
        "https://elk.zone/\n",
        "https:elk.zone",
        "https://",
        "https:///path",
        "https://user:pass@elk.zone/",
        "http://elk.zone/",
        "http://localhost.evil.example/",
        "https://[::1",
        "x" * 3000 + "://",
    ],
)
def test_an_address_that_no_code_may_go_to_is_refused(uri: str) -> None:
    with pytest.raises(Invalid):
        access.check_redirect_uri(uri)


def _app(tx: Tx, name: str = "Pier") -> tuple[access.App, str]:
    return access.register_app(tx, name=name, redirect_uris=["pier://"], scopes="read write", website="javascript:x")


def test_no_secret_is_kept_as_it_is(db: Database) -> None:
    ada = a_member(db)
    app, secret = db.write_now(_app)
    token = db.write_now(lambda tx: access.issue_token(tx, app_id=app.id, member_id=ada.id, scopes=("read",)))
    session = db.write_now(access.create_session, ada.id)
    code = db.write_now(
        access.issue_code, ada.id, access.Request(app=app, redirect_uri="pier://", scopes=("read",), challenge=None)
    )

    kept = str([db.read_now(lambda conn, t=t: conn.execute(select(t)).all()) for t in (apps, tokens, sessions, codes)])  # type: ignore[misc]  # the loop's value

    for one in (secret, token.secret, session, code):
        assert one not in kept
    assert app.website is None


def test_a_token_stands_for_its_member_until_it_is_revoked(db: Database) -> None:
    ada = a_member(db)
    app, _ = db.write_now(_app)
    token = db.write_now(lambda tx: access.issue_token(tx, app_id=app.id, member_id=ada.id, scopes=("read",)))
    heard: list[object] = []
    db.bus.subscribe(access.REVOKED, heard.append)

    found = db.read_now(access.find_token, access.digest(token.secret))
    assert found is not None
    assert found.member is not None
    assert (found.member.id, found.app_name, found.scopes) == (ada.id, "Pier", frozenset({"read"}))
    [granted] = db.read_now(access.tokens_of, ada.id)
    with pytest.raises(NotFound):
        db.write_now(access.revoke_by_number, a_member(db).id, granted.id)
    db.write_now(access.revoke_by_number, ada.id, granted.id)

    assert db.read_now(access.find_token, access.digest(token.secret)) is None
    assert heard == [access.digest(token.secret)]


async def test_a_full_bucket_refuses_and_others_do_not(db: Database) -> None:
    one, other = Limit("one", 3, timedelta(hours=1)), Limit("other", 3, timedelta(hours=1))
    for _ in range(3):
        await access.check(db, [one])

    with pytest.raises(TooMany) as refused:
        await access.check(db, [one, other])

    assert 0 < refused.value.retry_after <= 3600
    await access.check(db, [other])


def test_a_key_makes_one_thing(db: Database) -> None:
    ada, ben = a_member(db), a_member(db)
    made: list[int] = []

    def make() -> int:
        made.append(len(made) + 1)
        return made[-1]

    def once(member_id: int, key: str | None, body: bytes) -> int:
        return db.write_now(lambda tx: access.once(tx, member_id, key, body, make))  # type: ignore[arg-type]  # a number

    assert once(ada.id, "k", b"a") == once(ada.id, "k", b"a") == 1
    assert once(ben.id, "k", b"a") == 2
    assert once(ada.id, None, b"a") == 3
    with pytest.raises(Invalid):
        once(ada.id, "k", b"b")
    with pytest.raises(Invalid):
        once(ada.id, "k" * 300, b"b")


def test_what_fails_leaves_its_key_free(db: Database) -> None:
    ada = a_member(db)

    def fail() -> int:
        raise Invalid("No.")

    with pytest.raises(Invalid):
        db.write_now(lambda tx: access.once(tx, ada.id, "k", b"a", fail))

    assert db.write_now(lambda tx: access.once(tx, ada.id, "k", b"a", lambda: 7)) == 7


def test_sessions_are_listed_and_ended_by_their_member(db: Database) -> None:
    ada, ben = a_member(db), a_member(db)
    for agent in ("Firefox", "Safari"):
        db.write_now(access.create_session, ada.id, agent)

    found = db.read_now(access.sessions_of, ada.id)
    with pytest.raises(NotFound):
        db.write_now(access.revoke_session, ben.id, found[0].id)
    db.write_now(access.revoke_sessions, ada.id, but=found[0].id)

    assert [one.user_agent for one in db.read_now(access.sessions_of, ada.id)] == ["Safari"]
