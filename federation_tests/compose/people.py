# SPDX-License-Identifier: AGPL-3.0-or-later
"""People on servers of different make, as one kind of thing: so that one story is told for all of them.

A post is named by its id, the address that every server knows it by.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import requests
from mastodon import Mastodon

from federation_tests.harness.clients import OUT_OF_BAND, SCOPES, grant
from federation_tests.harness.node import Account

from . import servers


@dataclass(frozen=True, slots=True)
class Echo:
    """What has come back to the author of a post."""

    favourites: int
    boosts: int
    replies: int


class Person(Protocol):
    """Somebody with a login, seen from their own server."""

    handle: str

    def finds(self, handle: str) -> str:
        """The handle by which their server shows this person."""

    def follow(self, handle: str) -> None:
        """Ask to follow somebody."""

    def follows(self, handle: str) -> bool:
        """Whether the other side has said yes."""

    def post(self, text: str, *, answering: str | None = None) -> str:
        """Publish a post, or an answer to one, for everybody."""

    def has(self, post: str) -> bool:
        """Whether this post has come to their home timeline."""

    def favourite(self, post: str) -> None:
        """Say that they like it."""

    def boost(self, post: str) -> None:
        """Pass it on to their followers."""

    def echo(self, post: str) -> Echo:
        """What has come back to a post of theirs."""

    def delete(self, post: str) -> None:
        """Take back a post of theirs."""


class InMastodon:
    """Somebody on a server that speaks Mastodon's client API."""

    def __init__(self, app: Mastodon, handle: str) -> None:
        self.app = app
        self.handle = handle

    def finds(self, handle: str) -> str:
        return f"@{self._account(handle).acct}"

    def follow(self, handle: str) -> None:
        self.app.account_follow(self._account(handle).id)

    def follows(self, handle: str) -> bool:
        return bool(self.app.account_relationships([self._account(handle).id])[0].following)

    def post(self, text: str, *, answering: str | None = None) -> str:
        parent = self._status(answering).id if answering else None
        return str(self.app.status_post(text, in_reply_to_id=parent, visibility="public").uri)

    def has(self, post: str) -> bool:
        return any(post in (one.uri, one.reblog and one.reblog.uri) for one in self.app.timeline_home(limit=40))

    def favourite(self, post: str) -> None:
        self.app.status_favourite(self._status(post).id)

    def boost(self, post: str) -> None:
        self.app.status_reblog(self._status(post).id)

    def echo(self, post: str) -> Echo:
        seen = self._status(post)
        return Echo(seen.favourites_count, seen.reblogs_count, seen.replies_count)

    def delete(self, post: str) -> None:
        self.app.status_delete(self._status(post).id)

    def _account(self, handle: str) -> Any:
        accounts = self.app.search_v2(handle, resolve=True, result_type="accounts").accounts
        assert accounts, f"{self.handle} does not find {handle}"
        return accounts[0]

    def _status(self, post: str) -> Any:
        # From the timelines, since not every server searches for what it has already.
        for one in [*self.app.timeline_home(limit=40), *self.app.account_statuses(self.app.me().id, limit=40)]:
            if post == one.uri:
                return one
        statuses = self.app.search_v2(post, resolve=True, result_type="statuses").statuses
        assert statuses, f"{self.handle} does not find {post}"
        return statuses[0]


class InMisskey:
    """Somebody on Misskey, by its own API."""

    def __init__(self, token: str, handle: str) -> None:
        self._token = token
        self.handle = handle

    def finds(self, handle: str) -> str:
        user = self._user(handle)
        return f"@{user['username']}@{user['host']}"

    def follow(self, handle: str) -> None:
        self._ask("following/create", userId=self._user(handle)["id"])

    def follows(self, handle: str) -> bool:
        return bool(self._ask("users/relation", userId=self._user(handle)["id"])["isFollowing"])

    def post(self, text: str, *, answering: str | None = None) -> str:
        more = {"replyId": self._note(answering)["id"]} if answering else {}
        made = self._ask("notes/create", text=text, visibility="public", **more)["createdNote"]
        return f"{servers.url('misskey')}/notes/{made['id']}"

    def has(self, post: str) -> bool:
        return any(post in (one.get("uri"), (one.get("renote") or {}).get("uri")) for one in self._home())

    def favourite(self, post: str) -> None:
        self._ask("notes/reactions/create", noteId=self._note(post)["id"], reaction="❤")

    def boost(self, post: str) -> None:
        self._ask("notes/create", renoteId=self._note(post)["id"], visibility="public")

    def echo(self, post: str) -> Echo:
        seen = self._note(post)
        return Echo(sum(seen["reactions"].values()), seen["renoteCount"], seen["repliesCount"])

    def delete(self, post: str) -> None:
        self._ask("notes/delete", noteId=self._note(post)["id"])

    def _home(self) -> list[dict[str, Any]]:
        home: list[dict[str, Any]] = self._ask("notes/timeline", limit=40)
        return home

    def _user(self, handle: str) -> dict[str, Any]:
        name, _, host = handle.lstrip("@").partition("@")
        user: dict[str, Any] = self._ask("users/show", username=name, host=host)
        return user

    def _note(self, post: str) -> dict[str, Any]:
        found = self._ask("ap/show", uri=post)
        assert found["type"] == "Note", found
        return dict(self._ask("notes/show", noteId=found["object"]["id"]))

    def _ask(self, endpoint: str, **given: Any) -> Any:
        answer = requests.post(f"{servers.url('misskey')}/api/{endpoint}", json={"i": self._token, **given}, timeout=30)
        assert answer.ok, f"misskey {endpoint} -> {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


# ---- making them ----

NAME = "inger"
PASSWORD = "inger-sails-at-dawn"


def inger(server: str) -> Person:
    """The one person of a peer, made by its own command line or API."""
    return _MAKERS[server]()


def ours(name: str) -> InMastodon:
    """A member of the node under test."""
    config = ("--config", "/data/alumnode.toml")
    email = f"{name}@example.org"
    servers.run(servers.OURS, "alumnode", "member", "add", name, "--email", email, "--password-stdin", *config,
                given=f"{PASSWORD}\n")  # fmt: skip
    token = servers.run(servers.OURS, "alumnode", "token", "create", name, "--scopes", " ".join(SCOPES), *config)
    return InMastodon(_app(servers.OURS, access_token=token), _handle(servers.OURS, name))


def _mastodon() -> Person:
    servers.run("mastodon", "bin/tootctl", "accounts", "create", NAME, "--email", _email("mastodon"), "--confirmed",
                "--approve")  # fmt: skip
    token = servers.run(
        "mastodon",
        "bin/rails",
        "runner",
        "app = Doorkeeper::Application.create!(name: 'tests', redirect_uri: 'urn:ietf:wg:oauth:2.0:oob',"
        " scopes: 'read write follow'); puts Doorkeeper::AccessToken.create!(application: app,"
        f" resource_owner_id: User.find_by!(email: '{_email('mastodon')}').id, scopes: 'read write follow').token",
    ).splitlines()[-1]
    return InMastodon(_app("mastodon", access_token=token), _handle("mastodon", NAME))


def _gotosocial() -> Person:
    email = _email("gotosocial")
    servers.run("gotosocial", "/gotosocial/gotosocial", "admin", "account", "create", "--username", NAME, "--email",
                email, "--password", PASSWORD)  # fmt: skip
    app = _registered("gotosocial")
    address = app.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND)
    code = grant(address, Account(NAME, email, PASSWORD, _handle("gotosocial", NAME)))
    app.log_in(code=code, redirect_uri=OUT_OF_BAND, scopes=SCOPES)
    return InMastodon(app, _handle("gotosocial", NAME))


def _akkoma() -> Person:
    servers.run("akkoma", "mix", "pleroma.user", "new", NAME, _email("akkoma"), "--password", PASSWORD, "--assume-yes")
    app = _registered("akkoma")
    app.log_in(NAME, PASSWORD, scopes=SCOPES)
    return InMastodon(app, _handle("akkoma", NAME))


def _misskey() -> Person:
    account = {"username": NAME, "password": PASSWORD, "setupPassword": "not-secret"}
    answer = requests.post(f"{servers.url('misskey')}/api/admin/accounts/create", json=account, timeout=60)
    assert answer.ok, answer.text[:500]
    return InMisskey(answer.json()["token"], _handle("misskey", NAME))


_MAKERS = {"mastodon": _mastodon, "gotosocial": _gotosocial, "akkoma": _akkoma, "misskey": _misskey}


def _app(server: str, **more: Any) -> Mastodon:
    # Each says another version of Mastodon than it is, or none.
    return Mastodon(
        api_base_url=servers.url(server),
        request_timeout=30,
        ratelimit_method="throw",
        version_check_mode="none",
        session=requests.Session(),
        **more,
    )


def _registered(server: str) -> Mastodon:
    client_id, client_secret = Mastodon.create_app(
        "tests", scopes=SCOPES, redirect_uris=OUT_OF_BAND, api_base_url=servers.url(server), session=requests.Session()
    )
    return _app(server, client_id=client_id, client_secret=client_secret)


def _email(server: str) -> str:
    return f"{NAME}@{servers.host(server)}"


def _handle(server: str, name: str) -> str:
    return f"@{name}@{servers.host(server)}"
