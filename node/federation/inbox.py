# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door for activities: everything that must hold before one is stored, then 202 and nothing more.

    bytes ── shape, limits ── blocked? ── signature ── sender = actor ── origin of the id ── one row, one task ──> 202

No row, no fetch of an object and no cache entry comes before the signature is proved. The actor's own document may have
to be fetched for its key; it is stored only after it has verified. Applying happens in `node.federation.apply`.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from activitypub import activity as activity_documents
from activitypub import synchronisation
from activitypub.activity import ActivityDocument
from activitypub.actor import ActorDocument
from activitypub.errors import NotAuthentic, ProtocolError, SignatureInvalid
from activitypub.origin import origin, same_origin
from activitypub.parse import parse
from activitypub.signatures import check
from activitypub.signatures.check import Claim
from activitypub.signatures.keys import VerifyingKey
from activitypub.signatures.message import Request
from activitypub.synchronisation import HEADER, Synchronisation
from node import actors
from node.actors import Actor
from node.federation import hearsay, hosts
from node.federation.allowance import Allowance
from node.federation.arrivals import Arrival, Arrivals
from node.federation.client import FetchFailed
from node.federation.outbox import host_of
from node.federation.precedence import Precedence
from node.federation.resolve import Resolver
from node.kernel import clock
from node.kernel.db import Database, Tx
from node.kernel.errors import NotAllowed, Overloaded

_log = logging.getLogger(__name__)
_KEPT_KEYS: Final = 4096
_LOOK_AGAIN: Final = timedelta(minutes=5)
_LOOK_AGAIN_FOR_NONE: Final = timedelta(minutes=10)
_LOOKS_PER_HOST: Final = 30
_BLOCKED_HOLDS: Final = 1.0
# Requests that wait for a key of theirs to be fetched (decision 6): of one server, and in all.
HELD_PER_HOST: Final = 50
HELD: Final = 500


CompareFollowers = Callable[[Tx, str, Synchronisation], None]
"""Given an actor's id and what their server says of their followers here (FEP-8fcf)."""


class Inbox:
    """Takes signed requests in. One for the whole node: personal inboxes and the shared one are the same door."""

    def __init__(
        self,
        db: Database,
        resolver: Resolver,
        *,
        authorities: frozenset[str],
        compare_followers: CompareFollowers,
        precedence: Precedence,
    ) -> None:
        """`authorities` are the hosts under which we are reached; a signature for another host is not for us.

        `compare_followers` is given what an actor's server says about the actor's followers here.
        """
        self._db = db
        self._resolver = resolver
        self._authorities = authorities
        self._compare_followers = compare_followers
        self._precedence = precedence
        self._arrivals = Arrivals(db)
        self._keys: OrderedDict[str, VerifyingKey] = OrderedDict()
        # Key ids that a bad signature made us look up: until when that is not done again, and what was found.
        self._looked_up: OrderedDict[str, tuple[datetime, VerifyingKey | None]] = OrderedDict()
        self._per_host: dict[str, tuple[datetime, int]] = {}
        self._fetching: dict[str, asyncio.Task[ActorDocument]] = {}
        self._keeping: dict[str, asyncio.Task[Actor]] = {}
        self._waiting: Counter[str] = Counter()
        # Servers that were not held when something last came from them.
        self._open: OrderedDict[str, None] = OrderedDict()
        self._told = Allowance(hearsay.PER_TELLER)
        db.bus.subscribe("actor.changed", self._forget)
        # Whether a host is blocked, and until when (on the loop's clock) that may be taken for true.
        self._blocked: dict[str, tuple[bool, float]] = {}
        db.bus.subscribe(hosts.HELD, self._held)
        db.bus.subscribe(hosts.BLOCKS_CHANGED, lambda _domain: self._blocked.clear())

    async def receive(self, request: Request) -> None:
        """Take in one POST to an inbox. Repeats are welcome and change nothing.

        Raises Malformed (400), SignatureInvalid and NotAuthentic (401), Overloaded (503, when the sender's key could not
        be fetched now).
        """
        with self._precedence.urgent():
            await self._receive(request)

    async def _receive(self, request: Request) -> None:
        activity = activity_documents.read(parse(request.body))
        allow_http = self._db.site.allow_http
        actor_origin = origin(activity.actor, allow_http=allow_http)
        if self._db.site.is_local(activity.actor):
            raise NotAuthentic("an activity from outside cannot be by one of our actors")
        if await self._is_blocked(actor_origin.host):
            return
        if _deletes_itself(activity) and not await self._is_here(activity.actor):
            return  # a flood of these follows every deleted account; its key is gone, and we have nothing of it
        claim = check.claimed(request, now=clock.now(), authorities=self._authorities)
        if activity.id is not None and not same_origin(activity.id, activity.actor):
            raise NotAuthentic("the activity's id is of another server than its actor")
        teller = await self._teller(claim, activity)
        if teller is not None:
            await self._hear(activity, teller)
            return
        key = await self._prove(claim, activity)
        if key.owner != activity.actor:
            raise SignatureInvalid("the key is not the actor's")
        host = host_of(activity.actor)
        was_open = host in self._open
        self._note_open(host)  # before the write: a host that is held meanwhile must not be taken for open
        try:
            await self._arrivals.store(Arrival(activity, request.body, None if was_open else host))
        except BaseException:
            self._held(host)
            raise
        said = _said_of_followers(request, claim)
        if said is not None:
            await self._db.write(self._compare_followers, activity.actor, said)

    async def _teller(self, claim: Claim, activity: ActivityDocument) -> str | None:
        """Who passes on what somebody else did, proved; None where the key is, or may be, the actor's own.

        Nobody's key is fetched for what could not be verified afterwards, and nobody speaks for a neighbour on the same
        server, which signs for each of its own.
        """
        key = await self._known_key(claim.key_id)
        if (key is None and same_origin(claim.key_id, activity.actor)) or (
            key is not None and key.owner == activity.actor
        ):
            return None
        if key is None and hearsay.can_be_verified(activity):
            key = await self._fetched_key(claim)
        if key is None:
            raise SignatureInvalid("the key is not of the actor's server")
        if same_origin(key.owner, activity.actor):
            raise SignatureInvalid("the key is not the actor's")
        check.verified(claim, [key])
        return key.owner

    async def _hear(self, activity: ActivityDocument, teller: str) -> None:
        """Have it verified at its origin, or drop it: that it was told is no fault of the one who tells."""
        if not await self._db.read(hosts.blocked, host_of(teller)) and self._told.take(host_of(teller)):
            await self._db.write(hearsay.heard, activity, by=teller)

    async def authenticate(self, request: Request) -> Actor | None:
        """Who signed a GET, or None where nobody did or the signature proves nothing (then they get what all get).

        Raises NotAllowed for a server that is blocked here.
        """
        try:
            claim = await self.welcome(request)
            if claim is None:
                return None
            key = await self._known_key(claim.key_id) or await self._fetched_key(claim)
            if key is None:
                return None
            check.verified(claim, [key])
        except ProtocolError:
            return None
        signer = await self._db.read(actors.by_uri, key.owner)
        return signer if signer is not None and signer.is_active else None

    async def welcome(self, request: Request) -> Claim | None:
        """What a GET's signature claims, unproved; None without one. Raises NotAllowed if its server is blocked here."""
        if request.header("signature") is None:
            return None
        try:
            claim = check.claimed(request, now=clock.now(), authorities=self._authorities)
        except ProtocolError:
            return None
        if await self._is_blocked(host_of(claim.key_id)):
            raise NotAllowed
        return claim

    async def _fetched_key(self, claim: Claim) -> VerifyingKey | None:
        """The key of a reader whom we do not know, within the same bounds as for senders."""
        try:
            self._check_worth_a_look(claim, None)
        except Overloaded:
            return None
        actor = await self._resolver.actor(claim.key_id.partition("#")[0])
        key = await self._known_key(claim.key_id) if actor is not None else None
        if key is None:
            self._note_look(claim.key_id, None)
        return key

    async def _is_blocked(self, host: str) -> bool:
        """Asked for every request, so the answer is kept: for a second, since a command may block a domain, too."""
        now = time.monotonic()
        known = self._blocked.get(host)
        if known is not None and known[1] > now:
            return known[0]
        found = await self._db.read(hosts.blocked, host)
        if len(self._blocked) >= _KEPT_KEYS:
            self._blocked.clear()
        self._blocked[host] = (found, now + _BLOCKED_HOLDS)
        return found

    async def _is_here(self, actor_uri: str) -> bool:
        known = await self._db.read(actors.by_uri, actor_uri)
        return known is not None and known.deleted_at is None

    async def _prove(self, claim: Claim, activity: ActivityDocument) -> VerifyingKey:
        """The key that made the signature: one we hold, or else one that the actor's own document lists now."""
        known = await self._known_key(claim.key_id)
        if known is not None:
            try:
                return check.verified(claim, [known])
            except SignatureInvalid:
                pass  # the actor may have changed keys since: look once, not for every bad signature
        self._check_worth_a_look(claim, known)
        try:
            document = await self._document(activity.actor)
        except (FetchFailed, ProtocolError) as error:
            if known is None and isinstance(error, FetchFailed) and error.retryable:
                raise Overloaded("Your key could not be fetched. Please try again later.", retry_after=60) from None
            self._note_look(claim.key_id, None)
            raise SignatureInvalid(f"the actor's key could not be had: {error}") from None
        try:
            key = self._listed(claim, activity, document)
            await self._keep_actor(document)
        finally:
            self._fetching.pop(activity.actor, None)
        self._looked_up.pop(claim.key_id, None)
        self._keep(key)
        return key

    def _check_worth_a_look(self, claim: Claim, known: VerifyingKey | None) -> None:
        """Whether a signature that no key we hold made may cost a fetch: not again within minutes for one key id,
        unless it was made by the key that was found then; and thirty failures an hour for one server."""
        until, found = self._looked_up.get(claim.key_id, (None, None))
        if until is not None and until > clock.now():
            if found is None:
                raise SignatureInvalid("the actor's key could not be had a short time ago")
            check.verified(claim, [found])
            return
        since, count = self._per_host.get(host_of(claim.key_id), (clock.now(), 0))
        if count >= _LOOKS_PER_HOST and clock.now() - since < timedelta(hours=1):
            if known is not None:
                raise SignatureInvalid("the signature is not the known key's")
            raise Overloaded("Your key cannot be fetched now. Please try again later.", retry_after=600)

    async def _document(self, actor_uri: str) -> ActorDocument:
        """The actor's document, fetched once for all who ask at the same time. Raises Overloaded if too many wait."""
        host = host_of(actor_uri)
        if self._waiting[host] >= HELD_PER_HOST or self._waiting.total() >= HELD:
            raise Overloaded("Too many keys are being fetched. Please try again later.", retry_after=60)
        self._waiting[host] += 1
        try:
            return await self._fetched(actor_uri)
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                del self._waiting[host]

    async def _fetched(self, actor_uri: str) -> ActorDocument:
        running = self._fetching.get(actor_uri)
        if running is None:
            running = self._fetching[actor_uri] = asyncio.create_task(self._resolver.actor_document(actor_uri))
        try:
            return await asyncio.shield(running)
        except (FetchFailed, ProtocolError):
            self._fetching.pop(actor_uri, None)
            raise

    async def _keep_actor(self, document: ActorDocument) -> None:
        running = self._keeping.get(document.id)
        if running is None:
            running = self._keeping[document.id] = asyncio.create_task(self._resolver.keep(document))
            running.add_done_callback(lambda _done: self._keeping.pop(document.id, None))
        await asyncio.shield(running)

    def _listed(self, claim: Claim, activity: ActivityDocument, document: ActorDocument) -> VerifyingKey:
        """The key of that id in the actor's own document, which made the signature."""
        named = [key for key in document.keys if key.id == claim.key_id]
        try:
            if document.id != activity.actor or not named:
                raise SignatureInvalid("the actor does not list that key")
            return check.verified(claim, named)
        except SignatureInvalid:
            self._note_look(claim.key_id, named[0] if named else None)
            raise

    def _note_look(self, key_id: str, found: VerifyingKey | None) -> None:
        now = clock.now()
        self._looked_up[key_id] = (now + (_LOOK_AGAIN if found is not None else _LOOK_AGAIN_FOR_NONE), found)
        if len(self._looked_up) > _KEPT_KEYS:
            self._looked_up.popitem(last=False)
        host = host_of(key_id)
        since, count = self._per_host.get(host, (now, 0))
        if now - since > timedelta(hours=1):
            since, count = now, 0
        self._per_host[host] = (since, count + 1)
        if len(self._per_host) > _KEPT_KEYS:
            self._per_host.pop(next(iter(self._per_host)))

    async def _known_key(self, key_id: str) -> VerifyingKey | None:
        key = self._keys.get(key_id)
        if key is not None:
            self._keys.move_to_end(key_id)
            return key
        key = await self._db.read(actors.public_key, key_id)
        if key is not None:
            self._keep(key)
        return key

    def _keep(self, key: VerifyingKey) -> None:
        self._keys[key.id] = key
        if len(self._keys) > _KEPT_KEYS:
            self._keys.popitem(last=False)

    def _note_open(self, host: str) -> None:
        self._open[host] = None
        if len(self._open) > _KEPT_KEYS:
            self._open.popitem(last=False)

    def _held(self, host: object) -> None:
        self._open.pop(str(host), None)

    def _forget(self, actor_uri: object) -> None:
        for key_id in [key.id for key in self._keys.values() if key.owner == actor_uri]:
            del self._keys[key_id]


def _said_of_followers(request: Request, claim: Claim) -> Synchronisation | None:
    """What the signed header of FEP-8fcf says, if there is one that can be read."""
    value = request.header(HEADER)
    if value is None or not check.covers(claim, HEADER):
        return None
    try:
        return synchronisation.read(value)
    except ProtocolError:
        return None


def _deletes_itself(activity: ActivityDocument) -> bool:
    return activity.type == "Delete" and activity.object_id == activity.actor
