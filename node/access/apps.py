# SPDX-License-Identifier: AGPL-3.0-or-later
"""Applications: anyone may register one, so that any app can be used with any node.

A registration is never forgotten: apps keep their client id for years, and one that is gone locks their users out.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, insert, select

from node.access import scopes as rules
from node.access.secrets import digest
from node.access.tables import apps
from node.kernel import ids
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.text import clean_line

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
_MAX_NAME: Final = 120
_MAX_REDIRECTS: Final = 20
_MAX_URI: Final = 2000
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
# Schemes that a browser would run or open on this machine.
_REFUSED: Final = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem", "jar", "ws", "wss", "ftp"}
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A registered application. `client_id` is what it calls itself, `id` our number."""

    id: int
    client_id: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    created_at: datetime


_BY_CLIENT_ID = select(apps).where(apps.c.client_id == bindparam("client_id"))


def register_app(
    tx: Tx,
    *,
    name: str,
    redirect_uris: Sequence[str],
    scopes: str,
    website: str | None,
    client_id: str | None = None,
    secret: str | None = None,
) -> tuple[App, str]:
    """A new application and its secret, which is shown this once. Raises Invalid.

    `client_id` and `secret` are for test set-ups that fix them.
    """
    name = clean_line(name, _MAX_NAME)
    if not name:
        raise Invalid("Validation failed: Application name can't be blank", field="client_name")
    uris = tuple(dict.fromkeys(redirect_uris))
    if not uris or len(uris) > _MAX_REDIRECTS:
        raise Invalid("Validation failed: Redirect URI can't be blank", field="redirect_uris")
    for uri in uris:
        check_redirect_uri(uri, allow_http=tx.site.allow_http)
    asked = rules.parse(scopes)
    secret, client_id = secret or ids.secret(), client_id or ids.secret()
    values = {
        "id": ids.new_id(tx.now),
        "client_id": client_id,
        "name": name,
        "website": _website(website),
        "redirect_uris": list(uris),
        "scopes": " ".join(asked),
        "created_at": tx.now,
    }
    tx.conn.execute(insert(apps), {**values, "secret_hash": digest(secret)})
    return App(**{**values, "redirect_uris": uris, "scopes": asked}), secret  # type: ignore[arg-type]  # as named above


def check_redirect_uri(uri: str, *, allow_http: bool = False) -> None:
    """Raises Invalid for an address that a code must not be sent to.

    https, http on a loopback literal (or anywhere, where the node itself runs on http), or a scheme of the app's own
    with whatever behind it: `icecubesapp://`, `com.tapbots.Ivory.10217:/request_token`. Never a fragment (RFC 6749,
    3.1.2). Nothing is normalised: it is compared and given back as it was registered.
    """
    if uri == OUT_OF_BAND:
        return
    refused = Invalid("Validation failed: Redirect URI must be an absolute URI.", field="redirect_uris")
    if len(uri) > _MAX_URI or "#" in uri or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in uri):
        raise refused
    scheme, colon, rest = uri.partition(":")
    scheme = scheme.lower()
    if not colon or not _SCHEME.fullmatch(scheme) or scheme in _REFUSED:
        raise refused
    if scheme in ("http", "https"):
        try:
            parts = urlsplit(uri)
            host = parts.hostname
        except ValueError:
            raise refused from None
        if not rest.startswith("//") or not host or parts.username or parts.password:
            raise refused
        if scheme == "http" and not (allow_http or host in _LOOPBACK):
            raise refused


def find_app(conn: Connection, client_id: str) -> App | None:
    """The application that calls itself this, or None."""
    row = conn.execute(_BY_CLIENT_ID, {"client_id": client_id}).one_or_none()
    if row is None:
        return None
    return App(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        website=row.website,
        redirect_uris=tuple(row.redirect_uris),
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
    )


def redirects_of(conn: Connection, app_id: int) -> tuple[str, ...]:
    """The addresses that an application registered."""
    return tuple(conn.execute(select(apps.c.redirect_uris).where(apps.c.id == app_id)).scalar_one())


def is_secret_of(conn: Connection, app: App, secret: str) -> bool:
    """Whether this is the application's secret."""
    kept = conn.execute(select(apps.c.secret_hash).where(apps.c.id == app.id)).scalar_one()
    return hmac.compare_digest(kept, digest(secret))


def _website(text: str | None) -> str | None:
    """An http address as it is, anything else as nothing: apps decode it as an address and refuse an empty text."""
    if not text or len(text) > _MAX_URI:
        return None
    try:
        parts = urlsplit(text.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return text.strip() if is_address else None
