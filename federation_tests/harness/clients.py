# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members use: a browser without scripts, apps that sign in through it, and toot in a terminal."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from mastodon import Mastodon

from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually

Json = dict[str, Any]

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ["read", "write", "follow", "push"]
# What the buttons that say no are called, in both languages.
_REFUSING = re.compile(r"deny|cancel|refus|annul|log ?out|déconne", re.IGNORECASE)


@dataclass(slots=True)
class Button:
    text: str = ""
    name: str | None = None
    value: str = ""
    action: str | None = None


@dataclass(slots=True)
class Form:
    """A form as a person meets it: where it goes, what is in it already, what one may press."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class _Forms(HTMLParser):
    """Collects the forms of a page; labels, scripts and looks do not matter here."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: Button | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        kind, name = given.get("type", "text"), given.get("name", "")
        if tag == "button" or (tag == "input" and kind in ("submit", "image")):
            if given.get("type", "submit") in ("submit", "image"):
                value = given.get("value", "")
                text = value if tag == "input" else ""
                button = Button(text, name or None, value, given.get("formaction"))
                self._open.buttons.append(button)
                self._button = button if tag == "button" else None
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self._open.fields[name] = given.get("value", "")
            self._open.types[name] = kind
        elif tag == "textarea" and name:
            self._open.fields[name] = ""
            self._open.types[name] = "textarea"
            self._area = name
        elif tag == "select" and name:
            self._open.types[name] = "select"

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._open = None
            case "button":
                self._button = None
            case "textarea":
                self._area = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text += data
        if self._area is not None and self._open is not None:
            self._open.fields[self._area] += data


class Browser:
    """Cookies, links and forms, without scripts: what every page of ours must do with."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.url = ""
        self.page = ""

    def close(self) -> None:
        self.http.close()

    def open(self, url: str) -> str:
        return self._arrived(self.http.get(url, timeout=20, headers={"Accept": "text/html"}))

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.page)
        return parser.forms

    def form(self, *, having: str) -> Form:
        """The form with a field or a button of this name, or whose address contains it."""
        for form in self.forms:
            if having in form.fields or having in form.types or having in form.action:
                return form
            if any(having in (button.name, button.value) for button in form.buttons):
                return form
        seen = [(form.action, list(form.types), form.buttons) for form in self.forms]
        raise AssertionError(f"no form with {having!r} at {self.url}; forms: {seen}")

    def press(self, form: Form, filled: Mapping[str, str] | None = None, *, button: Button | None = None) -> str:
        """Send a form with these fields filled in, by `button` or by the first that does not say no."""
        chosen = button or next((one for one in form.buttons if not _REFUSING.search(one.text)), None)
        values = form.fields | dict(filled or {})
        if chosen and chosen.name:
            values[chosen.name] = chosen.value
        action = urljoin(self.url, (chosen.action if chosen and chosen.action else form.action) or self.url)
        where = urlsplit(self.url)
        headers = {"Accept": "text/html", "Origin": f"{where.scheme}://{where.netloc}", "Referer": self.url}
        if form.method == "get":
            return self._arrived(self.http.get(action, params=values, headers=headers, timeout=20))
        return self._arrived(self.http.post(action, data=values, headers=headers, timeout=20))

    def sign_in(self, account: Account) -> None:
        """Fill in the form with a password field on the page we are on."""
        form = next(form for form in self.forms if "password" in form.types.values())
        password = next(name for name, kind in form.types.items() if kind == "password")
        login = next(name for name, kind in form.types.items() if kind in ("text", "email"))
        self.press(form, {login: account.email, password: account.password})

    def _arrived(self, answer: requests.Response) -> str:
        assert answer.ok, f"{answer.request.method} {answer.url} -> {answer.status_code}\n{answer.text[:2000]}"
        self.url, self.page = answer.url, answer.text
        return self.page


def grant(authorize_url: str, account: Account) -> str:
    """Sign in, say yes to the app, and return the code that the page shows for pasting."""
    browser = Browser()
    try:
        browser.open(authorize_url)
        if any("password" in form.types.values() for form in browser.forms):
            browser.sign_in(account)
        browser.press(browser.form(having="/oauth/authorize"))
        in_address = parse_qs(urlsplit(browser.url).query).get("code")
        if in_address:
            return in_address[0]
        shown = re.search(r"<(?:code|output|samp|kbd)[^>]*>\s*([\w.~-]{16,})\s*<", browser.page) or re.search(
            r'<input[^>]*value="([\w.~-]{16,})"[^>]*readonly|readonly[^>]*value="([\w.~-]{16,})"', browser.page
        )
        assert shown, f"no code shown at {browser.url}\n{browser.page[:2000]}"
        return next(group for group in shown.groups() if group)
    finally:
        browser.close()


def signed_in(node: Node, account: Account, *, app_name: str = "Scenario") -> Mastodon:
    """Mastodon.py after the whole way: app registration, authorisation in a browser, code for token."""
    client_id, client_secret = Mastodon.create_app(
        app_name, scopes=SCOPES, redirect_uris=OUT_OF_BAND, api_base_url=node.url, session=requests.Session()
    )
    app = Mastodon(
        client_id=client_id,
        client_secret=client_secret,
        api_base_url=node.url,
        request_timeout=20,
        ratelimit_method="throw",
        session=requests.Session(),
    )
    code = grant(app.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND), account)
    app.log_in(code=code, redirect_uri=OUT_OF_BAND, scopes=SCOPES)
    return app


class Toot:
    """The `toot` command of one member, with a home of its own."""

    def __init__(self, node: Node, account: Account) -> None:
        self.node = node
        self.account = account
        self._home = node.network.folder / f"toot-{node.name}-{account.username}"
        self._home.mkdir(exist_ok=True)

    def login(self) -> None:
        """As a person does: read the address it prints, say yes in a browser, paste the code."""
        process = subprocess.Popen(
            [*_TOOT, "login", "--instance", self.node.url],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stdin is not None
            heard = []
            for line in process.stdout:
                heard.append(line)
                if "/oauth/authorize" in line:
                    break
            else:
                raise AssertionError(f"toot printed no address to log in at:\n{''.join(heard)}")
            code = grant(line.strip(), self.account)
            rest, _ = process.communicate(f"n\n{code}\n", timeout=30)
        assert process.returncode == 0, f"toot login: {''.join(heard)}{rest}"

    def login_with_token(self) -> None:
        """Skip the browser: write what `toot login` would have, with a token from the node's command line."""
        instance = self.node.site.authority
        user = f"{self.account.username}@{instance}"
        app = {"instance": instance, "base_url": self.node.url, "client_id": "none", "client_secret": "none"}
        token = self.node.token(self.account.username)
        known = {"instance": instance, "username": self.account.username, "access_token": token}
        folder = self._home / "toot"
        folder.mkdir(exist_ok=True)
        config = {"apps": {instance: app}, "users": {user: known}, "active_user": user}
        (folder / "config.json").write_text(json.dumps(config))

    def run(self, *arguments: str | Path) -> str:
        """What a toot command prints.

        Raises:
            AssertionError: it ended with another status than 0.
        """
        done = subprocess.run(
            [*_TOOT, "--no-color", *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"toot {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str | Path) -> Any:
        """The same, of a command that knows `--json`."""
        return json.loads(self.run(*arguments, "--json"))

    def home(self) -> list[Json]:
        statuses: list[Json] = self.json("timelines", "home", "--limit", "40")
        return statuses

    @property
    def environment(self) -> Mapping[str, str]:
        """Where its settings are, and how it finds and trusts the test network."""
        places = {"HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home), "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **self.node.network.python_client_env, **places}


_TOOT = (sys.executable, "-m", "toot")


# ---- the same questions in every scenario ----


def found(app: Mastodon, handle: str) -> Any:
    """The account with this handle, looked for at its own server when it is new here."""
    accounts = app.search_v2(handle, resolve=True, result_type="accounts").accounts
    assert accounts, f"{handle} was not found"
    return accounts[0]


def follow(app: Mastodon, handle: str, *, within: float = 10) -> Any:
    """Follow a handle and wait for the other side's yes; returns the account."""
    account = found(app, handle)
    app.account_follow(account.id)
    eventually(lambda: app.account_relationships([account.id])[0].following, within=within, what=f"{handle} accepted")
    return account


def on_home(app: Mastodon, uri: str, *, within: float = 10) -> Any:
    """The status with this id on the home timeline, once it is there; a boost counts as what it boosts."""

    def look() -> list[Any]:
        return [one for one in app.timeline_home(limit=40) if uri in (one.uri, one.reblog and one.reblog.uri)]

    return eventually(look, within=within, what=f"{uri} on the home timeline")[0]


def never_on_home(app: Mastodon, uri: str) -> bool:
    """Whether this is not on the home timeline now; ask after something sent later has arrived."""
    return all(uri not in (one.uri, one.reblog and one.reblog.uri) for one in app.timeline_home(limit=40))


def notified(app: Mastodon, kind: str, acct: str, *, about: str | None = None, within: float = 10) -> Any:
    """The newest notification of this kind from this account, once it is there; `about` is the id of its status."""

    def look() -> list[Any]:
        theirs = [one for one in app.notifications(types=[kind]) if one.account.acct == acct]
        return [one for one in theirs if about is None or one.status.uri == about]

    return eventually(look, within=within, what=f"{kind} by {acct}")[0]


def here(app: Mastodon, uri: str) -> Any:
    """The status with this id as this node shows it."""
    statuses = app.search_v2(uri, resolve=True, result_type="statuses").statuses
    assert statuses, f"{uri} was not found"
    return statuses[0]
