# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that runs for a node, made in one place and ended in one place: what the faces and the commands hold."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from node import (
    actors,
    contacts,
    digests,
    dues,
    instance,
    lists,
    mail,
    members,
    notices,
    posts,
    previews,
    privacy,
    push,
    relationships,
    roster,
    timelines,
    trends,
)
from node.federation import activities, hearsay, hosts, links
from node.federation.apply import Applier
from node.federation.arrivals import APPLY
from node.federation.client import Client, ClientPolicy
from node.federation.delivery import MAX_ATTEMPTS, Deliverer, pause
from node.federation.gone import Verifier
from node.federation.inbox import Inbox
from node.federation.outbox import DELIVER
from node.federation.precedence import Precedence
from node.federation.resolve import Resolver
from node.federation.schemes import Schemes
from node.federation.signing import Signer
from node.kernel import clock, ids, queue, statistics
from node.kernel.config import Settings
from node.kernel.db import Database, Tx, open_database
from node.kernel.queue import Task
from node.kernel.site import Site
from node.kernel.worker import Lane, TaskType, Worker
from node.media import sweep
from node.media.actions import CONVERT, HIDE
from node.media.films import Films
from node.media.queries import files_of
from node.media.service import Uploads
from node.media.store import MediaStore
from node.members import Passwords
from node.moderation import deaths, severing, tips
from node.posts import backfill, erasure, featured, polls, quotes, scheduled, voting
from node.posts import emojis as post_emojis
from node.posts.queries import is_open
from node.profiles import remind as remind_of_asks
from node.profiles import sweep as sweep_profiles
from node.relationships import circles, moves, networks, profiles, reach, synchronisation
from node.relationships.profiles import KEYS_CHANGED
from node.roster import deciding, proposals, summaries
from node.roster import tasks as roster_tasks
from node.version import VERSION
from node.wiring.exports import EXPORTERS
from node.wiring.handlers import HANDLERS
from node.wiring.reactions import REACTIONS

_log = logging.getLogger(__name__)
LANES = (
    Lane(queue.INBOX, at_once=32, per_lane=25, in_order=True),
    Lane(queue.DELIVERY, at_once=128, per_lane=4, extras=32),
    Lane(queue.WORK, at_once=16, per_lane=4),
)
KEEP_UPLOADS = timedelta(days=1)
KEEP_RECEIVED = timedelta(days=7)
KEEP_HELD = timedelta(days=14)
KEEP_PARKED = timedelta(days=30)
KEEP_FORMER_KEYS = timedelta(days=7)
# Longer than any delivery is tried: the news of a deletion are signed with them.
KEEP_KEYS_OF_GONE = timedelta(days=30)
KEEP_TOMBSTONES = timedelta(days=90)
HOUSEKEEPING = "node.housekeeping"


def site_of(settings: Settings) -> Site:
    """The node's names and addresses, from its settings."""
    return Site(
        base_url=settings.base_url,
        domain=settings.domain,
        name=settings.name,
        secret=settings.secret_key,
        allow_http=settings.federation.allow_http,
        has_mail=settings.mail.is_on,
        has_previews=settings.previews.enabled,
        names_missing=settings.registrations.missing_classmates,
        two_admins=settings.two_admins,
    )


def open_node_database(settings: Settings) -> Database:
    """The node's database with its reactions in place."""
    db = open_database(settings.database_url, site_of(settings), synchronous=settings.sqlite_synchronous)
    db.reactions = REACTIONS
    return db


class Services:
    """The parts of a running node."""

    def __init__(self, settings: Settings) -> None:
        """Make the parts; nothing runs and nothing connects before `start`."""
        self.settings = settings
        self.db = open_node_database(settings)
        self.client = Client(
            ClientPolicy(
                allow_loopback=settings.federation.allow_private_addresses,
                allow_http=settings.federation.allow_http,
                ca_file=settings.federation.ca_file,
                user_agent=f"Alumnode/{VERSION} (+{settings.base_url}/)",
            )
        )
        self.signer = Signer(self.db)
        schemes = Schemes(self.db)
        self.resolver = Resolver(
            self.db,
            self.client,
            self.signer,
            schemes,
            store_object=posts.keep_fetched,
            find_object=posts.id_by_address,
            find_reader=relationships.reader_of,
            is_partner=circles.is_partner_host,
        )
        precedence = Precedence()
        self.inbox = Inbox(
            self.db,
            self.resolver,
            authorities=settings.authorities,
            compare_followers=synchronisation.compare,
            precedence=precedence,
        )
        self.store = MediaStore(settings.data_dir / "media")
        self.uploads = Uploads(self.db, self.store, max_size=settings.limits.max_upload, films=Films.find())
        self.exporter = privacy.Exporter(self.db, self.store, settings.data_dir / "exports", EXPORTERS)
        self.passwords = Passwords()
        self.backfill = backfill.Backfill(self.db, self.resolver)
        applier = Applier(self.db, self.resolver, HANDLERS, precedence)
        deliverer = Deliverer(
            self.db,
            self.client,
            self.signer,
            schemes,
            synchronisation=synchronisation.header,
            may_send=reach.may_send,
        )
        verifier = Verifier(self.db, self.resolver, relationships.remove_gone)
        mover = moves.Mover(self.db, self.resolver)
        postman = mail.Postman(settings, self.db.site, self.db, {mail.About.INVITATION: roster.may_invite})
        self.push = push.Pusher(self.db, self.client, contact=settings.contact_email)
        self.worker = Worker(
            self.db,
            {
                APPLY: TaskType(applier.run),
                mail.SEND: TaskType(postman.run, mail.ATTEMPTS, mail.pause),
                DELIVER: TaskType(deliverer.run, max_attempts=MAX_ATTEMPTS, delay=pause),
                hosts.PROBE: TaskType(self._probe),
                hosts.VERIFY: TaskType(verifier.run, max_attempts=MAX_ATTEMPTS, delay=pause),
                KEYS_CHANGED: TaskType(self._take_up_keys),
                synchronisation.SYNCHRONISE: TaskType(
                    synchronisation.Synchroniser(self.db, self.resolver).run, max_attempts=synchronisation.ATTEMPTS
                ),
                hearsay.VERIFY_FORWARDED: TaskType(
                    hearsay.Hearsay(self.db, self.resolver, applier, is_open).run, max_attempts=hearsay.ATTEMPTS
                ),
                backfill.FETCH_PARENT: TaskType(self.backfill.fetch_parent, max_attempts=backfill.PARENT_ATTEMPTS),
                backfill.FETCH_REPLIES: TaskType(self.backfill.fetch_replies, max_attempts=1),
                "media.remove": TaskType(self._remove_files),
                HIDE: TaskType(self._hide_files),
                CONVERT: TaskType(self.uploads.convert, max_attempts=3),
                previews.FETCH: TaskType(
                    previews.Previewer(self.db, self.client, self.resolver, self.uploads).run, max_attempts=3
                ),
                voting.TELL: TaskType(partial(self._about_poll, voting.tell)),
                quotes.CHECK: TaskType(quotes.QuoteChecker(self.db, self.resolver).run),
                scheduled.PUBLISH: TaskType(scheduled.Publisher(self.db, self.resolver).run),
                post_emojis.RENEW: TaskType(self._renew_emojis),
                polls.CLOSE: TaskType(partial(self._about_poll, voting.close)),
                moves.CHECK: TaskType(mover.check),
                moves.REFOLLOW: TaskType(mover.refollow),
                networks.LEAVE: TaskType(self._leave_network),
                instance.PUBLISH: TaskType(self._announce),
                severing.SEVER: TaskType(self._sever),
                links.CHECK: TaskType(links.LinkChecker(self.db, self.client).run),
                profiles.CONFIRM_HANDLE: TaskType(self._confirm_handle),
                erasure.ERASE: TaskType(self._erase),
                featured.READ: TaskType(featured.FeaturedReader(self.db, self.resolver).run),
                push.SEND: TaskType(self.push.run, max_attempts=push.ATTEMPTS, delay=push.pause),
                roster_tasks.APPLY: TaskType(roster.Importer(self.db).apply),
                roster_tasks.UNDO: TaskType(roster.Importer(self.db).undo),
                deciding.JUDGE: TaskType(
                    partial(roster_tasks.judge, self.db, self.settings.registrations.school_mail_domains)
                ),
                deciding.SUMMARISE: TaskType(self._tell_deciders),
                privacy.MAKE: TaskType(self.exporter.make, max_attempts=3),
                privacy.REMOVE: TaskType(self.exporter.forget),
                trends.COMPUTE: TaskType(trends.Computer(self.db).run),
                digests.SEND: TaskType(digests.Sender(self.db).run),
                digests.TELL: TaskType(digests.Teller(self.db).run),
                HOUSEKEEPING: TaskType(self._keep_house),
            },
            LANES,
        )

    async def start(self) -> None:
        """Begin to work off the queue. What a former process left half done is taken up at once."""
        await self.db.write(queue.release_all)
        await self.db.write(_schedule_housekeeping)
        await self.db.write(trends.plan)
        await self.worker.start()

    async def close(self, *, grace: float = 20.0) -> None:
        """Let what runs finish, within `grace` seconds, and let go of everything."""
        await self.worker.stop(grace=grace)
        await self.client.close()
        await self.uploads.close()
        self.signer.close()
        self.passwords.close()
        self.db.close()

    async def _probe(self, task: Task) -> bool:
        await self.db.write(hosts.probe, str(task.payload["host"]), task.id)
        return True

    async def _take_up_keys(self, task: Task) -> None:
        self.signer.forget(int(str(task.payload["actor"])))

    async def _confirm_handle(self, task: Task) -> None:
        await self.resolver.actor(str(task.payload["actor"]), refresh=True)

    async def _erase(self, task: Task) -> bool:
        await self.db.write(erasure.erase_some, int(str(task.payload["actor"])), task.id)
        return True

    async def _remove_files(self, task: Task) -> None:
        names = task.payload.get("files")
        if isinstance(names, list):
            self.store.remove(str(name) for name in names)

    async def _announce(self, task: Task) -> bool:
        await self.db.write(instance.publish, int(str(task.payload["announcement"])), task_id=task.id)
        return True

    async def _hide_files(self, task: Task) -> None:
        names, hidden = await self.db.read(files_of, int(str(task.payload["owner"])))
        await asyncio.to_thread(self.store.hide if hidden else self.store.show, names)

    async def _tell_deciders(self, task: Task) -> bool:
        await self.db.write(summaries.summarise, task.id)
        return True

    async def _leave_network(self, task: Task) -> bool:
        await self.db.write(
            networks.leave, int(str(task.payload["owner"])), str(task.payload["domain"]), task_id=task.id
        )
        return True

    async def _renew_emojis(self, task: Task) -> bool:
        await self.db.write(post_emojis.renew_some, task)
        return True

    async def _sever(self, task: Task) -> bool:
        await self.db.write(severing.run, task.payload, task.id)
        return True

    async def _about_poll(self, act: Callable[[Tx, int, int], None], task: Task) -> bool:
        await self.db.write(act, int(str(task.payload["post"])), task.id)
        return True

    async def remind_of_dues(self, today: date) -> None:
        """Tell those whose dues end or have ended, by letter and once in their apps; as often as one likes."""
        chosen = await self.db.read(dues.to_remind, today)
        if chosen:
            await self.db.write(dues.remind, chosen, today)

    async def _keep_house(self, task: Task) -> bool:
        """Once an hour: cut timelines, sweep uploads that became nothing, and what was kept long enough."""
        now = clock.now()
        await self.db.write(timelines.trim, self.settings.limits.timeline_length)
        await self.db.write(lists.trim, self.settings.limits.timeline_length)
        self.store.remove(await self.db.write(sweep, now - KEEP_UPLOADS))
        await self.db.write(
            partial(
                activities.sweep,
                received_before=ids.first_id_at(now - KEEP_RECEIVED),
                buried_before=now - KEEP_TOMBSTONES,
            )
        )
        await self.db.write(queue.sweep, held_before=now - KEEP_HELD, parked_before=now - KEEP_PARKED)
        await self.db.write(hosts.sweep)
        await self.db.write(push.sweep, revoked_before=now)
        await self.db.write(members.sweep_unconfirmed)
        await self.db.write(members.sweep_invitations)
        await self.db.write(roster.forget_old)
        await self.db.write(roster.remind)
        await self.db.write(roster.lapse)
        await self.db.write(summaries.plan)
        await self.db.write(proposals.sweep)
        await self.db.write(contacts.sweep)
        await self.db.write(dues.expire)
        today = now.astimezone(ZoneInfo(self.settings.timezone)).date()
        await self.db.write(members.let_grow_up, today)
        await self.db.write(tips.sweep)
        for number in await self.db.read(deaths.due_removals, now):
            await self.db.write(deaths.remove_as_wished, number)
        await self.db.write(dues.forget_names, today)
        await self.remind_of_dues(today)
        await self.db.write(mail.sweep)
        await self.db.write(digests.plan)
        await self.db.write(notices.sweep)
        await self.db.write(privacy.sweep)
        for number in await self.db.read(privacy.due_departures, now):
            await self.db.write(privacy.depart, number)
        await self.db.write(sweep_profiles)
        await self.db.write(remind_of_asks)
        await self.db.write(previews.forget, await self.db.read(previews.unused, now))
        await self.db.write(previews.drop_pictures, await self.db.read(previews.with_old_pictures, now))
        await self.db.write(trends.plan)
        await self.db.write(actors.drop_former_keys, replaced_before=now - KEEP_FORMER_KEYS)
        await self.db.write(actors.drop_keys_of_gone, deleted_before=now - KEEP_KEYS_OF_GONE)
        await self.db.write(statistics.refresh)
        await self.db.write(_schedule_housekeeping, done=task.id)
        return True


def _schedule_housekeeping(tx: Tx, *, done: int | None = None) -> None:
    """Have one row wait for the next hour, whatever happened before; `done` is the row that has just run."""
    if done is not None:
        queue.complete(tx, done)
    queue.enqueue(tx, HOUSEKEEPING, {}, run_at=tx.now + timedelta(hours=1), once=HOUSEKEEPING)
