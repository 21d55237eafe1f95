# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the copy of somebody's data holds of them: their profile, what they wrote, their files, and whom they know.

Tables have the columns that Mastodon's own exports have (its documentation: exporting data), so that they can be read in
elsewhere. Each is read a few hundred rows at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, case, or_, select

from node import actors, directory, dues, federation, moderation, profiles, roster
from node.actors import Actor, by_ids
from node.contacts import cards, sides
from node.contacts.rules import State
from node.contacts.tables import contact_sides, contacts
from node.dues import papers, wording
from node.events.rules import State as Answer
from node.events.tables import events, participations
from node.kernel import audit, clock
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.html import plain_text
from node.kernel.site import Site
from node.lists.tables import list_members, lists
from node.media.tables import media
from node.members import Member
from node.posts.tables import bookmarks, posts
from node.privacy import queries
from node.privacy.archive import Archive, Part, whole_list
from node.relationships.tables import blocks, domain_blocks, follows, mutes

_SOME: Final = 500
_CONTACT_COLUMNS: Final = (
    "Account address",
    "How you met",
    "Since",
    "Your note",
    "Your tags",
    "Last heard of",
    "What you let them have",
    "Muted",
)


async def profile(db: Database, member: Member, archive: Archive) -> None:
    """Who they are, as a Person of schema.org and in our own words, and as the actor that other servers know."""
    actor = await db.read(actors.get, member.id)
    await archive.json(
        "profile.json",
        {
            "@context": "https://schema.org",
            "@type": "Person",
            "@id": actor.uri,
            "name": actor.display_name,
            "alternateName": actor.username,
            "description": plain_text(actor.summary),
            "email": member.email,
            "url": actor.url,
            "alumniOf": {"@type": "EducationalOrganization", "name": actor.school} if actor.school else None,
            "additionalProperty": [
                {"@type": "PropertyValue", "name": name, "value": value}
                for name, value in {
                    "classYear": actor.class_year,
                    "roles": sorted(member.roles),
                    "locale": member.locale,
                    "timezone": member.timezone,
                    "memberSince": member.created_at,
                    "saidWhenSigningUp": member.reason,
                    "discoverable": actor.discoverable,
                    "indexable": actor.indexable,
                    "defaultVisibility": member.default_visibility,
                }.items()
            ],
        },
    )
    await archive.json("actor.json", await db.read(actors.document, db.site, actor))


async def membership(db: Database, member: Member, archive: Archive) -> None:
    """Their profile line by line, each with its circle; what they said of themselves at school; what was decided."""
    own = await db.read(profiles.own, member.id, clock.now())
    await archive.json("profile_entries.json", own)
    claims = await db.read(roster.claims_of, [member.id])
    decisions = await db.read(moderation.decisions_about, member.id)
    await archive.json(
        "membership.json",
        {
            "saidOfSchool": claims.get(member.id),
            "decisions": [
                {"kind": one.kind, "reason": one.text, "at": one.created_at, "appeal": one.appeal} for one in decisions
            ],
        },
    )


async def paid(db: Database, member: Member, archive: Archive) -> None:
    """Their dues, how they stand with them, and the receipts as they were issued."""

    async def rows() -> AsyncIterator[Sequence[Sequence[object]]]:
        yield [
            (
                one.paid_on.isoformat(),
                one.plan.name,
                wording.plain(one.amount, one.currency),
                one.currency,
                one.method,
                one.state,
                one.reference,
                " ".join(str(line.number) for line in one.receipts),
            )
            for one in await db.read(dues.payments_of, member.id)
        ]

    header = ("Paid on", "Plan", "Amount", "Currency", "Method", "State", "Reference", "Receipts")
    await archive.csv("dues.csv", header, rows())
    who = await db.read(_standing, member.id, clock.now().date())
    issued = await db.read(dues.receipts_of, member.id)
    receipts = [{"number": one.number, "kind": one.kind, "issued_on": one.issued_on, **one.document} for one in issued]
    await archive.json("dues.json", {"standing": who, "receipts": receipts})
    for one in issued:
        paper = await asyncio.to_thread(papers.pdf, one.document, one.issued_on, duplicate=False)
        if paper is not None:  # the words are in the file above in any case
            await archive.file(f"receipts/{papers.name(one.kind, one.number)}", paper)


def _standing(conn: Connection, person_id: int, today: date) -> dues.Standing | None:
    """Nothing for whoever is no member yet."""
    try:
        return dues.standing(conn, person_id, today)
    except NotFound:
        return None


async def outbox(db: Database, member: Member, archive: Archive) -> None:
    """All that they did and wrote, as it was sent."""

    async def items() -> AsyncIterator[Sequence[object]]:
        before: int | None = None
        while True:
            some = await db.read(federation.activities.outbox, member.actor.uri, before=before, limit=100, whole=True)
            if not some:
                return
            yield [document for _, document in some]
            before = some[-1][0]

    head = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": await db.read(federation.activities.outbox_count, member.actor.uri, whole=True),
    }
    await archive.chunks("outbox.json", whole_list(items(), head))


async def files(db: Database, member: Member, archive: Archive) -> None:
    """The pictures, films and sounds that they uploaded."""
    actor = await db.read(actors.get, member.id)
    for picture in (actor.avatar, actor.header):
        if picture is not None and picture.file:
            await archive.media(picture.file)
    columns = (media.c.id.label("row"), media.c.file)
    statement = select(*columns).where(media.c.owner_id == member.id, media.c.file.is_not(None))
    async for some in _some(db, statement, media.c.id):
        for row in some:
            await archive.media(row.file)


async def people(db: Database, member: Member, archive: Archive) -> None:
    """Whom they follow, who follows them, and whom they keep away."""
    address = _addresses(db.site)
    accepted = follows.c.state == "accepted"

    def following(row: Any, who: str) -> Sequence[object]:
        return who, str(row.show_boosts).lower(), str(row.notify).lower(), ", ".join(row.languages or ())

    await archive.csv(
        "following.csv",
        ("Account address", "Show boosts", "Notify on new posts", "Languages"),
        _of_people(
            db,
            select(follows.c.id.label("row"), follows.c.followee_id.label("who"), follows).where(
                follows.c.follower_id == member.id, accepted
            ),
            follows.c.id,
            following,
            address,
        ),
    )
    for name, header, table, owner, other in (
        ("followers.csv", ("Account address",), follows, follows.c.followee_id, follows.c.follower_id),
        ("blocks.csv", (), blocks, blocks.c.blocker_id, blocks.c.blocked_id),
    ):
        statement = select(table.c.id.label("row"), other.label("who")).where(owner == member.id)
        if table is follows:
            statement = statement.where(accepted)
        await archive.csv(name, header, _of_people(db, statement, table.c.id, lambda _, who: (who,), address))
    await archive.csv(
        "mutes.csv",
        ("Account address", "Hide notifications"),
        _of_people(
            db,
            select(mutes.c.id.label("row"), mutes.c.muted_id.label("who"), mutes.c.notifications).where(
                mutes.c.muter_id == member.id
            ),
            mutes.c.id,
            lambda row, who: (who, str(row.notifications).lower()),
            address,
        ),
    )
    statement = select(domain_blocks.c.id.label("row"), domain_blocks.c.domain)
    await archive.csv(
        "domain_blocks.csv",
        (),
        _plain(
            db, statement.where(domain_blocks.c.owner_id == member.id), domain_blocks.c.id, lambda row: (row.domain,)
        ),
    )
    await archive.csv(
        "lists.csv",
        (),
        _of_people(
            db,
            select(list_members.c.id.label("row"), list_members.c.account_id.label("who"), lists.c.title)
            .join(lists, lists.c.id == list_members.c.list_id)
            .where(lists.c.owner_id == member.id),
            list_members.c.id,
            lambda row, who: (row.title, who),
            address,
        ),
    )


async def kept(db: Database, member: Member, archive: Archive) -> None:
    """What they bookmarked."""
    statement = (
        select(bookmarks.c.id.label("row"), posts.c.uri)
        .join(posts, posts.c.id == bookmarks.c.post_id)
        .where(bookmarks.c.actor_id == member.id)
    )
    await archive.csv("bookmarks.csv", (), _plain(db, statement, bookmarks.c.id, lambda row: (row.uri,)))


async def known(db: Database, member: Member, archive: Archive) -> None:
    """Their contacts: who, since when, how they know each other, and what they noted for themselves."""
    address = _addresses(db.site)

    def line(row: Any, who: str, tags: Sequence[str]) -> Sequence[object]:
        since = row.confirmed_at.isoformat() if row.confirmed_at else ""
        heard = row.last_contact.isoformat() if row.last_contact else ""
        given, muted = ", ".join(sorted(row.grants or ())), "yes" if row.muted else "no"
        return who, row.how_met, since, row.note or "", ", ".join(tags), heard, given, muted

    mine = (contact_sides.c.contact_id == contacts.c.id) & (contact_sides.c.owner_id == member.id)
    statement = (
        select(
            contacts.c.id.label("row"),
            case((contacts.c.low_id == member.id, contacts.c.high_id), else_=contacts.c.low_id).label("who"),
            contacts.c.how_met,
            contacts.c.confirmed_at,
            contact_sides.c.note,
            contact_sides.c.last_contact,
            contact_sides.c.grants,
            contact_sides.c.muted,
        )
        .outerjoin(contact_sides, mine)
        .where(
            contacts.c.state == State.CONFIRMED, or_(contacts.c.low_id == member.id, contacts.c.high_id == member.id)
        )
    )

    async def rows() -> AsyncIterator[Sequence[Sequence[object]]]:
        async for some in _some(db, statement, contacts.c.id):
            people = await db.read(by_ids, {row.who for row in some})
            tagged = await db.read(sides.tags_on, member.id, [row.row for row in some])
            there = [row for row in some if row.who in people and people[row.who].deleted_at is None]
            yield [line(row, address(people[row.who]), tagged.get(row.row, ())) for row in there]

    async def cards_of() -> AsyncIterator[bytes]:
        async for some in _some(db, statement, contacts.c.id):
            numbers = [row.who for row in some]
            people = await db.read(by_ids, numbers)
            given = await db.read(sides.granted, member.id, numbers)
            there = [people[number] for number in numbers if number in people and people[number].is_active]
            yield "".join(cards.card(one, one.url, given.get(one.id, {})) for one in there).encode()

    await archive.chunks("contacts.vcf", cards_of())
    await archive.csv("contacts.csv", _CONTACT_COLUMNS, rows())


async def meetings(db: Database, member: Member, archive: Archive) -> None:
    """The meet-ups that they come to or hold, as a calendar (RFC 5545)."""

    def read(conn: Connection) -> Sequence[Any]:
        coming = select(participations.c.post_id).where(
            participations.c.actor_id == member.id, participations.c.state.in_((Answer.GOING, Answer.PENDING))
        )
        return conn.execute(
            select(events, posts.c.uri, posts.c.url)
            .join(posts, posts.c.id == events.c.post_id)
            .where(events.c.post_id.in_(coming) | (posts.c.author_id == member.id))
            .order_by(events.c.post_id)
        ).all()

    import icalendar  # large, and needed for this alone

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Alumnode//")
    calendar.add("version", "2.0")
    now = clock.now()
    for row in await db.read(read):
        one = icalendar.Event()
        one.add("uid", row.uri)
        one.add("dtstamp", now)
        one.add("summary", row.title)
        one.add("dtstart", row.starts_at)
        if row.ends_at is not None:
            one.add("dtend", row.ends_at)
        where = ", ".join(part for part in (row.place_name, row.street, row.postcode, row.city) if part)
        if where:
            one.add("location", where)
        one.add("url", row.url)
        one.add("status", row.status)
        calendar.add_component(one)

    async def whole() -> AsyncIterator[bytes]:
        yield calendar.to_ical()

    await archive.chunks("events.ics", whole())


async def followed(db: Database, member: Member, archive: Archive) -> None:
    """The classes, cities and skills that they follow in the directory."""
    watches = await db.read(directory.watches, member.id)
    await archive.csv("watches.csv", ("What", "Which"), _at_once((one.kind, one.label) for one in watches))


async def _at_once(rows: Iterable[Sequence[object]]) -> AsyncIterator[Sequence[Sequence[object]]]:
    yield list(rows)


async def agreed(db: Database, member: Member, archive: Archive) -> None:
    """What they agreed to, what happened to their account, and who of the staff looked at their data."""
    consents = await db.read(queries.of, member.id)
    await archive.json("consents.json", consents)
    changes = await db.read(audit.about, member.id, limit=10_000)
    looks = await db.read(queries.looks, member.id, clock.now(), limit=10_000)
    await archive.json(
        "audit.json",
        {
            "changes": [
                {"verb": one.verb, "from": one.before, "to": one.after, "reason": one.reason, "at": one.at}
                for one in changes
            ],
            "looks": [
                {"by": one.viewer.username if one.viewer is not None else None, "what": one.what, "at": one.at}
                for one in looks
            ],
        },
    )


PARTS: Final[tuple[Part, ...]] = (
    profile,
    membership,
    outbox,
    files,
    people,
    kept,
    known,
    meetings,
    paid,
    followed,
    agreed,
)


# -- reading some at a time -------------------------------------------------------------------------------------------


async def _some(db: Database, statement: Select[Any], by: Any) -> AsyncIterator[Sequence[Any]]:
    """Rows by number, the oldest first; each holds its number as `row`."""
    last = 0
    while True:
        some = await db.read(_after, statement, by, last)
        if not some:
            return
        yield some
        last = some[-1].row


def _after(conn: Connection, statement: Select[Any], by: Any, last: int) -> Sequence[Any]:
    return conn.execute(statement.where(by > last).order_by(by).limit(_SOME)).all()


async def _plain(
    db: Database, statement: Select[Any], by: Any, line: Callable[[Any], Sequence[object]]
) -> AsyncIterator[Sequence[Sequence[object]]]:
    async for some in _some(db, statement, by):
        yield [line(row) for row in some]


async def _of_people(
    db: Database,
    statement: Select[Any],
    by: Any,
    line: Callable[[Any, str], Sequence[object]],
    address: Callable[[Actor], str],
) -> AsyncIterator[Sequence[Sequence[object]]]:
    """The same with the address of whom each row is about; those who are gone are left out."""
    async for some in _some(db, statement, by):
        people = await db.read(by_ids, {row.who for row in some})
        yield [
            line(row, address(people[row.who]))
            for row in some
            if row.who in people and people[row.who].deleted_at is None
        ]


def _addresses(site: Site) -> Callable[[Actor], str]:
    def address(actor: Actor) -> str:
        return f"{actor.username}@{actor.domain or site.domain}"

    return address
