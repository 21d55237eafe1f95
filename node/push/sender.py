# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending one notification to one device: looked up again, written in the member's language, encrypted for the device.

What was deleted, blocked or revoked since is not sent. Direct posts are announced without their words unless the member
chose otherwise: relays of app makers decrypt what passes through them.

Sources: RFC 8030 (push), RFC 8188 and 8291 (`aes128gcm`), RFC 8292 (VAPID), and the drafts before them (`aesgcm`).
"""

import base64
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection

from activitypub.addressing import Visibility
from node import actors, members, notifications, posts
from node.actors import Actor
from node.federation.client import Client, FetchFailed, is_retryable
from node.kernel import clock, html, i18n
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.html import Html
from node.kernel.i18n import marked
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.notifications import Kind
from node.push import actions, queries
from node.push.actions import SEND
from node.push.keys import server_key
from node.push.queries import Subscription

__all__ = ["ATTEMPTS", "SEND", "Pusher", "pause"]

ATTEMPTS: Final = 8
KEEPS: Final = timedelta(hours=48)
"""How long a push service keeps a message for a device that is off, and how old one may be when it is sent."""
MAX_BODY: Final = 140
MAX_TITLE: Final = 120
_MAX_WAIT: Final = timedelta(hours=6)
_JWT_HOLDS: Final = 12 * 3600
_ANONYMOUS: Final = marked("A private message.")
_TITLES: Final = {
    Kind.MENTION: marked("%(name)s mentioned you"),
    Kind.STATUS: marked("%(name)s posted"),
    Kind.BOOST: marked("%(name)s shared your post"),
    Kind.FOLLOW: marked("%(name)s follows you now"),
    Kind.FOLLOW_REQUEST: marked("%(name)s asks to follow you"),
    Kind.FAVOURITE: marked("%(name)s likes your post"),
    Kind.POLL: marked("A poll by %(name)s has ended"),
    Kind.UPDATE: marked("%(name)s changed a post"),
    Kind.QUOTE: marked("%(name)s quoted you"),
    Kind.QUOTED_UPDATE: marked("%(name)s changed a post that you quoted"),
    Kind.SIGN_UP: marked("%(name)s signed up"),
    Kind.REPORT: marked("%(name)s reported somebody"),
}


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt`: a minute doubled each time."""
    return timedelta(minutes=2 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class _Message:
    """What is sent, and to which device."""

    to: Subscription
    kind: Kind
    number: int
    locale: str
    icon: str
    title: str
    body: str


class Pusher:
    """The task that tells devices, and the key that it signs with."""

    def __init__(self, db: Database, client: Client, *, contact: str) -> None:
        """Sends through `client` only. `contact` is the address that push services may write to if we misbehave."""
        self._db = db
        self._client = client
        self._subject = f"mailto:{contact}" if contact else db.site.base_url

    async def public_key(self) -> str:
        """The node's public key as apps are given it."""
        return (await server_key(self._db)).public

    async def run(self, task: Task) -> None:
        """Send one notification to one device. Raises RetryLater; a device that is gone is forgotten."""
        message = await self._db.read(
            _message,
            self._db.site.base_url,
            int(str(task.payload["subscription"])),
            int(str(task.payload["notification"])),
        )
        if message is None:
            return
        try:
            answer = await self._client.post(message.to.endpoint, *await self._written(message))
        except FetchFailed as error:
            if not error.retryable or task.attempt >= ATTEMPTS:
                return
            raise RetryLater(str(error)) from None
        if 200 <= answer.status < 300:
            return
        if is_retryable(answer.status):
            if task.attempt >= ATTEMPTS:
                return
            wish = answer.retry_after
            after = None if wish is None else min(timedelta(seconds=wish), _MAX_WAIT)
            raise RetryLater(f"HTTP {answer.status}", after=after)
        if 400 <= answer.status < 500:
            await self._db.write(actions.drop, message.to.id)

    async def _written(self, message: _Message) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the request."""
        # Late: these are needed by a node only on which somebody has subscribed.
        import http_ece
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from py_vapid import Vapid01, Vapid02

        to, site = message.to, self._db.site
        key = await server_key(self._db)
        text = orjson.dumps(
            {
                "access_token": site.unseal(to.sealed_token).decode(),
                "preferred_locale": message.locale,
                "notification_id": message.number,
                "notification_type": message.kind,
                "icon": message.icon,
                "title": message.title,
                "body": message.body,
            }
        )
        where = urlsplit(to.endpoint)
        vapid = (Vapid02 if to.standard else Vapid01).from_pem(site.unseal(key.sealed))
        vapid.conf["no-strict"] = True  # an address of ours may be on a name that is no mail host
        signed = vapid.sign(
            {"aud": f"{where.scheme}://{where.netloc}", "exp": int(time.time()) + _JWT_HOLDS, "sub": self._subject}
        )
        headers = {
            "TTL": str(int(KEEPS.total_seconds())),
            "Urgency": "normal",
            "Content-Type": "application/octet-stream",
            "Authorization": signed["Authorization"],
        }
        passing = ec.generate_private_key(ec.SECP256R1())
        if to.standard:
            headers["Content-Encoding"] = "aes128gcm"
            return http_ece.encrypt(text, private_key=passing, dh=to.p256dh, auth_secret=to.auth), headers
        salt = os.urandom(16)
        body = http_ece.encrypt(
            text, salt=salt, private_key=passing, dh=to.p256dh, auth_secret=to.auth, version="aesgcm"
        )
        point = passing.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        headers["Content-Encoding"] = "aesgcm"
        headers["Encryption"] = f"salt={_plain(salt)}"
        headers["Crypto-Key"] = f"dh={_plain(point)};{signed['Crypto-Key']}"
        return body, headers


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _message(conn: Connection, base_url: str, subscription_id: int, notification_id: int) -> _Message | None:
    """What the device is told; None if there is nothing to tell it any more."""
    to = queries.find(conn, subscription_id)
    if to is None:
        return None
    try:
        told = notifications.get(conn, to.member_id, notification_id)
        member = members.get(conn, to.member_id)
    except NotFound:
        return None
    person = actors.find(conn, told.from_id)
    if told.filtered or not member.is_active or person is None or clock.now() - told.created_at > KEEPS:
        return None
    words = i18n.translator(member.locale)
    body = html.plain_text(Html(person.summary))
    if told.post_id is not None:
        found = posts.views(conn, [told.post_id], to.member_id)
        if not found:
            return None
        post = found[0].post
        body = post.spoiler_text or html.plain_text(Html(post.content))
        private = post.visibility is Visibility.DIRECT
        if private and not notifications.policy_of(conn, to.member_id).push_private:
            body = words.gettext(_ANONYMOUS)
    title = words.gettext(_TITLES[told.type]) % {"name": person.name}
    return _Message(
        to,
        told.type,
        told.id,
        member.locale,
        _icon(base_url, person),
        _cut(title, MAX_TITLE),
        _cut(body, MAX_BODY),
    )


def _icon(base_url: str, person: Actor) -> str:
    """The portrait as this node serves it; that of somebody elsewhere is not fetched from there by the device."""
    picture = person.avatar
    return (
        f"{base_url}/media/{picture.file}"
        if picture is not None and picture.file
        else f"{base_url}/avatars/original/missing.png"
    )


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
