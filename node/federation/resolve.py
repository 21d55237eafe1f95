# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fetching what we lack from other servers: actors by id or handle, objects by id or address.

Nothing is believed but what comes from a document's own id, over our one client, signed by the node's actor. Only the
fetched copy is used; what somebody else embedded is dropped.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote

from activitypub import actor as actor_documents
from activitypub import handles, hostmeta, webfinger
from activitypub.accessors import as_id, types
from activitypub.actor import ActorDocument, ActorType
from activitypub.errors import ProtocolError
from activitypub.objects import ObjectDocument, read_object
from activitypub.origin import same_origin
from activitypub.parse import JsonObject, parse
from activitypub.signatures.check import Scheme
from node import actors
from node.actors import Actor
from node.federation import hosts
from node.federation.client import Answer, Client, FetchFailed
from node.federation.outbox import host_of
from node.federation.schemes import Schemes, other
from node.federation.signing import Signer
from node.federation.walk import Fetched
from node.kernel import clock
from node.kernel.db import Database, Tx
from node.kernel.text import find_mentions

_log = logging.getLogger(__name__)
_ACTOR_TYPES: Final = frozenset(ActorType)
_REMEMBER_FAILURE: Final = timedelta(minutes=10)
_MAX_FAILURES: Final = 10_000
_MAX_MENTIONS: Final = 10
JRD: Final = "application/jrd+json, application/json"
XRD: Final = "application/xrd+xml, application/xml"

StoreObject = Callable[[Tx, ObjectDocument, Actor], int | None]
"""Keeps a fetched object of that author; the number of the post, or None where it is of no use to anyone here."""
FindObject = Callable[..., int | None]
IsPartner = Callable[..., bool]
"""Given the host of handles, whether a partner school's people have them."""
FindReader = Callable[..., int | None]
"""Given the address of an object, the number of a member who follows somebody of that server."""
_NOT_TO_US: Final = frozenset({400, 401, 403})
_NOT_TO_STRANGERS: Final = frozenset({401, 403, 404})


class Resolver:
    """Looks things up elsewhere. Failures are answers (None) and remembered for ten minutes."""

    def __init__(
        self,
        db: Database,
        client: Client,
        signer: Signer,
        schemes: Schemes,
        *,
        store_object: StoreObject,
        find_object: FindObject,
        find_reader: FindReader,
        is_partner: IsPartner,
    ) -> None:
        """`store_object`, `find_object`, `find_reader` and `is_partner` stand above this slice; the wiring names them."""
        self._db = db
        self._client = client
        self._signer = signer
        self._schemes = schemes
        self._store_object = store_object
        self._find_object = find_object
        self._find_reader = find_reader
        self._is_partner = is_partner
        self._node_id: int | None = None
        # What could not be had: until when it is not asked for again, and whether it may be had later.
        self._failures: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()

    # -- documents -----------------------------------------------------------------------------------------------------

    async def document(self, uri: str, *, reader: int | None = None) -> JsonObject:
        """The document at `uri`, whose id is `uri` byte for byte.

        If it says it is called otherwise on the same origin (the address of a page, say), that id is fetched once.
        With `reader` that member asks, instead of the node. Raises FetchFailed and ProtocolError.
        """
        found = await self._fetch(uri, reader)
        said = as_id(found.get("id"))
        if said == uri:
            return found
        if said is None or not same_origin(said, uri):
            raise FetchFailed(f"the document at {uri} is called {said}", retryable=False)
        again = await self._fetch(said, reader)
        if as_id(again.get("id")) != said:
            raise FetchFailed(f"the document at {said} has another id", retryable=False)
        return again

    async def fetched(self, url: str) -> Fetched:
        """What stands at an address, whatever it is called: a page of a collection. Raises FetchFailed, ProtocolError."""
        body = await self._body(url)
        return Fetched(parse(body), len(body))

    async def _object(self, url: str) -> JsonObject:
        """The document of something that may be for followers only: a member who follows asks where the node may not."""
        try:
            return await self.document(url)
        except FetchFailed as error:
            if error.status not in _NOT_TO_STRANGERS:
                raise
            reader = await self._db.read(self._find_reader, url)
            if reader is None:
                raise
            return await self.document(url, reader=reader)

    async def _fetch(self, url: str, reader: int | None = None) -> JsonObject:
        return parse(await self._body(url, reader))

    async def _body(self, url: str, reader: int | None = None) -> bytes:
        """What is read at an address, asked for in the form of signature that the host takes."""
        host = host_of(url)
        if await self._db.read(hosts.blocked, host):
            raise FetchFailed("the domain is blocked here", retryable=False)
        signer_id = reader if reader is not None else await self._node()
        first = await self._schemes.of(host)
        signed = partial(self._signer.headers, signer_id)
        try:
            answer = await self._client.fetch_document(url, headers_for=partial(signed, first or Scheme.CAVAGE))
        except FetchFailed as error:
            if error.status not in _NOT_TO_US:
                raise
            answer = await self._client.fetch_document(url, headers_for=partial(signed, other(first)))
            await self._schemes.learn(host, other(first))
        return answer.body

    async def _node(self) -> int:
        if self._node_id is None:
            self._node_id = (await self._db.read(actors.node_actor)).id
        return self._node_id

    # -- actors --------------------------------------------------------------------------------------------------------

    async def actor_document(self, uri: str) -> ActorDocument:
        """What an actor's own server says of it; stores nothing. Raises FetchFailed and ProtocolError."""
        return actor_documents.read(await self.document(uri), allow_http=self._db.site.allow_http)

    async def actor(self, uri: str, *, refresh: bool = False) -> Actor | None:
        """The actor with this id, fetched if we do not know them, or if `refresh` asks for a fresh copy."""
        known = await self._db.read(actors.by_uri, uri)
        if known is not None and (known.is_local or not refresh):
            return known if known.is_active else None
        if self._db.site.is_local(uri) or self._failed_lately(uri):
            return known
        try:
            found = await self.keep(await self.actor_document(uri))
            return found if found.is_active else None
        except (FetchFailed, ProtocolError) as error:
            self._remember(uri, error)
            return known

    async def keep(self, document: ActorDocument) -> Actor:
        """Store what a fetched actor document says, under the handle that WebFinger confirms."""
        username, domain, confirmed = await self._handle_of(document)
        return await self._db.write(
            actors.store_remote, document, domain=domain, username=username, confirmed=confirmed
        )

    async def _handle_of(self, document: ActorDocument) -> tuple[str | None, str, bool]:
        """(name, domain, whether WebFinger confirms it) of a remote actor; without WebFinger the domain is its id's.

        Two hops at most: the answer's subject may be at another host (a split domain), which must then say the same.
        """
        fallback = actors.handle_domain(document, allow_http=self._db.site.allow_http)
        username, host = document.username, fallback
        if document.webfinger and "@" in document.webfinger:
            username, _, host = document.webfinger.partition("@")
        if not username:
            return None, fallback, False
        for _hop in range(2):
            answer = await self._webfinger(username, host)
            if answer is None or document.id not in [link.href for link in answer.actors]:
                break
            if answer.host is None or answer.user is None:
                return username, host, True
            if (answer.user.casefold(), answer.host) == (username.casefold(), host):
                return answer.user, host, True
            username, host = answer.user, answer.host
        return document.username, fallback, False

    async def actor_by_handle(self, handle: str) -> Actor | None:
        """The actor called `@user@host`, looked up there if we do not know them; None if there is no such actor."""
        try:
            parsed = handles.parse(handle)
        except ProtocolError:
            return None
        host = parsed.host
        if host is None or host in self._local_hosts():
            return await self._db.read(actors.by_handle, parsed.username)
        known = await self._db.read(actors.by_handle, parsed.username, host)
        if known is not None and not actors.is_stale(known, clock.now()):
            return known if known.is_active else None
        key = f"acct:{parsed.username.casefold()}@{host}"
        if self._failed_lately(key):
            return known
        answer = await self._webfinger(parsed.username, host)
        if answer is None or not answer.actors:
            self._remember(key, "no such account")
            return known
        found = [await self.actor(link.href, refresh=True) for link in answer.actors[:2]]
        for actor in found:
            if actor is not None and actor.type is not ActorType.GROUP:
                return actor
        return next((actor for actor in found if actor is not None), known)

    async def _webfinger(self, username: str, host: str) -> webfinger.Answer | None:
        well_known = f"{'http' if self._db.site.allow_http else 'https'}://{host}/.well-known"
        resource = f"acct:{username}@{host}"
        try:
            try:
                answer = await self._named(host, f"{well_known}/webfinger?resource={resource}")
            except FetchFailed as error:
                if error.status != 404:
                    raise
                # Some hosts of handles have only a host-meta, which says where WebFinger is (RFC 6415, 2).
                meta = await self._client.get(f"{well_known}/host-meta", accept=XRD, limit=hostmeta.MAX_XRD)
                template = hostmeta.read_xrd(meta.body.decode("utf-8", "replace"))
                if template is None:
                    raise
                answer = await self._client.fetch_json(template.replace("{uri}", quote(resource, safe="")), JRD)
            return webfinger.read(parse(answer.body))
        except (FetchFailed, ProtocolError) as error:
            _log.debug("webfinger for a handle at %s failed: %s", host, error)
            return None

    async def _named(self, host: str, url: str) -> Answer:
        """What WebFinger says. A partner school is asked in our name: it has members whom it names to partners alone."""
        if not await self._db.read(self._is_partner, host):
            return await self._client.fetch_json(url, JRD)
        scheme = await self._schemes.of(host) or Scheme.CAVAGE
        headers_for = partial(self._signer.headers, await self._node(), scheme)
        return await self._client.fetch_json(url, JRD, headers_for=headers_for)

    async def mentions(self, text: str) -> None:
        """Look up the remote people whom a text names and whom we do not know yet, ten at most."""
        for handle in find_mentions(text)[:_MAX_MENTIONS]:
            if handle.host is not None:
                await self.actor_by_handle(f"{handle.username}@{handle.host}")

    def _local_hosts(self) -> Sequence[str]:
        return (self._db.site.domain, self._db.site.base_url.partition("://")[2])

    # -- objects -------------------------------------------------------------------------------------------------------

    async def post(self, url: str) -> int | None:
        """The post at this id or address, fetched with its author if we do not hold it; None if there is none."""
        known = await self._db.read(self._find_object, url)
        if known is not None or self._db.site.is_local(url) or self._failed_lately(url):
            return known
        try:
            found = await self._object(url)
            return await self.keep_object(found)
        except (FetchFailed, ProtocolError) as error:
            self._remember(url, error)
            return None

    async def anything(self, uri: str) -> Actor | int | None:
        """The actor or the post at `uri`, whichever it is."""
        actor = await self._db.read(actors.by_uri, uri)
        if actor is not None:
            return actor if actor.is_active else None
        known = await self._db.read(self._find_object, uri)
        if known is not None or self._db.site.is_local(uri) or self._failed_lately(uri):
            return known
        try:
            found = await self._object(uri)
            if _ACTOR_TYPES.intersection(types(found)):
                document = actor_documents.read(found, allow_http=self._db.site.allow_http)
                kept = await self.keep(document)
                return kept if kept.is_active else None
            return await self.keep_object(found)
        except (FetchFailed, ProtocolError) as error:
            self._remember(uri, error)
            return None

    async def keep_object(self, found: JsonObject) -> int | None:
        """Store a document that `document` has returned, with its author; the number of the post, if it is one for us.

        Raises FetchFailed and ProtocolError.
        """
        allow_http = self._db.site.allow_http
        document = read_object(found, allow_http=allow_http)
        author = await self.actor(document.attributed_to)
        if author is None and self.may_come_back(document.attributed_to):
            raise FetchFailed("the author cannot be looked up now", retryable=True)
        if author is None or author.is_local:
            return None
        if author.followers is not None:
            document = read_object(found, followers_uri=author.followers, allow_http=allow_http)
        return await self._db.write(self._store_object, document, author)

    # -- failures ------------------------------------------------------------------------------------------------------

    def may_come_back(self, what: str) -> bool:
        """Whether a look-up that failed a short time ago may succeed later: the other server was down or busy."""
        return self._failures.get(what, (None, False))[1]

    def _failed_lately(self, what: str) -> bool:
        until, _ = self._failures.get(what, (None, False))
        if until is None:
            return False
        if until < clock.now():
            del self._failures[what]
            return False
        return True

    def _remember(self, what: str, why: object) -> None:
        _log.info("could not look up %s: %s", what, why)
        self._failures[what] = (clock.now() + _REMEMBER_FAILURE, isinstance(why, FetchFailed) and why.retryable)
        if len(self._failures) > _MAX_FAILURES:
            self._failures.popitem(last=False)
