# SPDX-License-Identifier: AGPL-3.0-or-later
"""Authorization codes: what a member's yes to an application turns into, for one minute and one use.

A code that comes twice was stolen or is replayed, so the second use takes back the token that the first one made
(RFC 6749, 4.1.2). PKCE knows S256 only (RFC 7636); a code that was asked for with a challenge needs the verifier.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from node.access import scopes as rules
from node.access import tokens
from node.access.apps import OUT_OF_BAND, App
from node.access.secrets import digest
from node.access.tables import codes
from node.actors import ActorId
from node.kernel import ids
from node.kernel.db import Tx
from node.kernel.errors import Invalid

LIFETIME: Final = timedelta(seconds=60)
# A person has to copy it.
OUT_OF_BAND_LIFETIME: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(days=1)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an application asks a member for; its redirect is one that it registered."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None = None


_FIND = select(codes).where(codes.c.code_hash == bindparam("code_hash"))
_USE = (
    update(codes)
    .where(codes.c.code_hash == bindparam("hash"), codes.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)


def check_request(
    app: App, *, redirect_uri: str, scope: str, challenge: str | None, challenge_method: str | None
) -> Request:
    """The request, if it may be put before a member. Raises Invalid with `field` set to what is wrong."""
    if redirect_uri not in app.redirect_uris:
        raise Invalid("The redirect URI is not one that this application has registered.", field="redirect_uri")
    asked = rules.parse(scope)
    if not rules.within(asked, app.scopes):
        raise Invalid("The requested scope is invalid, unknown, or malformed.", field="scope")
    if challenge is None and challenge_method:
        raise Invalid("A code challenge is missing.", field="code_challenge")
    if challenge is not None and (challenge_method != "S256" or not _CHALLENGE.fullmatch(challenge)):
        raise Invalid("The code challenge method must be S256.", field="code_challenge_method")
    return Request(app=app, redirect_uri=redirect_uri, scopes=asked, challenge=challenge)


def issue_code(tx: Tx, member_id: ActorId, request: Request) -> str:
    """The code that the member's yes is worth."""
    code = ids.secret()
    tx.conn.execute(delete(codes).where(codes.c.created_at < tx.now - _KEPT))
    tx.conn.execute(
        insert(codes),
        {
            "code_hash": digest(code),
            "app_id": request.app.id,
            "member_id": member_id,
            "redirect_uri": request.redirect_uri,
            "scopes": " ".join(request.scopes),
            "challenge": request.challenge,
            "created_at": tx.now,
        },
    )
    return code


def exchange(
    tx: Tx, app: App, code: str, *, redirect_uri: str, verifier: str | None, app_is_proved: bool
) -> tokens.NewToken | None:
    """A token for the code; None if the code is not good for one.

    It is None, not an exception, since what a replay takes back must be kept. `app_is_proved` says that the
    application gave its secret; one that did not must have asked with a challenge.
    """
    hashed = digest(code)
    row = tx.conn.execute(_FIND, {"code_hash": hashed}).one_or_none()
    if row is None or row.app_id != app.id:
        return None
    lifetime = OUT_OF_BAND_LIFETIME if row.redirect_uri == OUT_OF_BAND else LIFETIME
    is_good = (
        row.created_at + lifetime >= tx.now
        and hmac.compare_digest(row.redirect_uri.encode(), redirect_uri.encode("utf-8", "surrogatepass"))
        and _verified(row.challenge, verifier, app_is_proved=app_is_proved)
    )
    # A code that was used already goes on, good or not: whoever holds it may not be who it was made for.
    if not is_good and row.used_at is None:
        return None
    if tx.conn.execute(_USE, {"hash": hashed, "now": tx.now}).rowcount == 0:
        tokens.revoke_of_code(tx, hashed)
        return None
    return tokens.issue_token(
        tx, app_id=app.id, member_id=row.member_id, scopes=tuple(row.scopes.split()), code_hash=hashed
    )


def _verified(challenge: str | None, verifier: str | None, *, app_is_proved: bool) -> bool:
    if challenge is None:
        # A verifier without a challenge means that somebody stripped the challenge (PKCE downgrade, RFC 9700, 4.8.2).
        return app_is_proved and not verifier
    if not verifier or not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
