# SPDX-License-Identifier: AGPL-3.0-or-later
"""Setting up the node, signing up, and changing what a member may change."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, func, insert, update

from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from node import actors, schools
from node.actors import Actor, ActorId, ActorWritten, NewKeys
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.members import invitations, queries, rules
from node.members.tables import invitations as invitations_table
from node.members.tables import members, retired_usernames
from node.members.types import Invitation, Member, Standing

ASSOCIATION = "association"


@dataclass(frozen=True, slots=True)
class Invited:
    """Told when somebody has come by an invitation."""

    actor: Actor
    invitation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """What somebody says of themselves at sign-up. `password_hash` is made outside the transaction."""

    username: str
    email: str
    password_hash: str
    display_name: str = ""
    class_year: int | None = None
    locale: str = "en"
    timezone: str = "UTC"
    roles: tuple[str, ...] = ("member",)
    adult_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How somebody comes in: what is still to be done, what they said, and the number of the app they came with."""

    confirmed: bool = True
    approved: bool = True
    reason: str = ""
    app_id: int | None = None


LET_IN = Entry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What of a member's preferences changes; None leaves a thing as it is."""

    locale: str | None = None
    timezone: str | None = None
    default_visibility: Visibility | None = None
    default_sensitive: bool | None = None
    default_language: str | None = None
    default_quote_policy: str | None = None
    expand_media: str | None = None
    expand_spoilers: bool | None = None
    autoplay_gifs: bool | None = None


def set_up_node(
    tx: Tx, *, name: str, description: str, school: str, node_keys: NewKeys, association_keys: NewKeys
) -> None:
    """Make the node's own actor and the association's. Raises Conflict if that has been done."""
    host = tx.site.domain.partition(":")[0]
    if actors.by_handle(tx.conn, ASSOCIATION) is not None:
        raise Conflict("This node has been set up already.")
    actors.create_local(tx, ActorType.APPLICATION, host, node_keys, display_name=name)
    served = schools.add(tx, schools.SchoolDraft(name=school or name))
    association = actors.create_local(
        tx,
        ActorType.ORGANIZATION,
        ASSOCIATION,
        association_keys,
        display_name=name,
        summary=description,
        school=served.name,
        discoverable=True,
        indexable=True,
    )
    # So that tokens can act for it. It has no password, and an address that no member can have: nobody logs in as it.
    tx.conn.execute(
        insert(members),
        {
            "actor_id": association.id,
            "email": f"{ASSOCIATION}@{host}",
            "email_key": ASSOCIATION,
            "password_hash": "",
            "roles": [],
            "confirmed_at": tx.now,
            "approved_at": tx.now,
            "created_at": tx.now,
        },
    )


def add_member(
    tx: Tx,
    new: NewMember,
    keys: NewKeys,
    *,
    school: str | None = None,
    invited_by: ActorId | None = None,
    entry: Entry = LET_IN,
    number: ActorId | None = None,
    any_name: bool = False,
) -> Member:
    """A new member, by an administrator's hand, through `register` or through `joining.sign_up`.

    `number` and `any_name` (a reserved username is fine) are for test set-ups.

    Raises Invalid (what was given cannot be used) and Conflict (the name or the address is taken).
    """
    username = rules.check_username(new.username, any_name=any_name)
    email = rules.check_email(new.email)
    class_year = rules.check_class_year(new.class_year, tx.now)
    if queries.is_retired(tx.conn, username) or actors.by_handle(tx.conn, username) is not None:
        raise Invalid("This username is taken. Please choose another.", field="username")
    if queries.exists_email(tx.conn, email):
        raise Invalid("There is an account with this e-mail address already. Please log in.", field="email")
    actor = actors.create_local(
        tx,
        ActorType.PERSON,
        username,
        keys,
        display_name=new.display_name,
        class_year=class_year,
        school=school,
        number=number,
        hidden=not (entry.confirmed and entry.approved),
    )
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, members),
        {
            "actor_id": actor.id,
            "email": email,
            "email_key": email.casefold(),
            "password_hash": new.password_hash,
            "roles": list(rules.check_roles(new.roles)),
            "locale": new.locale,
            "timezone": new.timezone,
            "invited_by": invited_by,
            "confirmed_at": tx.now if entry.confirmed else None,
            "approved_at": tx.now if entry.approved else None,
            "reason": entry.reason,
            "signed_up_with": entry.app_id,
            "adult_on": new.adult_on,
            "created_at": tx.now,
        },
    )
    if inserted.rowcount == 0:  # at the same moment
        raise Invalid("There is an account with this e-mail address already. Please log in.", field="email")
    tx.tell(ActorWritten(actor.id))
    return queries.get(tx.conn, actor.id)


def register(tx: Tx, token: str, new: NewMember, keys: NewKeys, *, school: str | None = None) -> Member:
    """Sign up by an invitation link. Raises NotFound, Conflict (used, expired, taken back) and what `add_member` raises.

    The use is counted before the member is made, so that of two people with the last use exactly one gets in. `school`
    is what they chose; it counts where the invitation names no school that is served here any more.
    """
    found = queries.invitation(tx.conn, token)
    rules.check_usable(found, tx.now)
    if found.email and found.email.casefold() != new.email.strip().casefold():
        raise Invalid(
            "This invitation is for another e-mail address. Use that one, or ask the association for one to yours.",
            field="email",
        )
    found = invitations.take_place(tx, token)
    named = found.school if not lacks_school(tx.conn, found) else school
    member = add_member(tx, new, keys, school=schools.chosen(tx.conn, named), invited_by=found.created_by)
    tx.tell(Invited(member.actor, found.id))
    return queries.get(tx.conn, member.id)


def lacks_school(conn: Connection, invitation: Invitation) -> bool:
    """Whether an invitation names a school that this node serves no more, so that the newcomer has to say which it is."""
    if not invitation.school:
        return False
    try:
        schools.chosen(conn, invitation.school)
    except Invalid:
        return True
    return False


def rehash(tx: Tx, member_id: ActorId, password_hash: str) -> None:
    """Keep the same password under newer parameters."""
    tx.conn.execute(update(members).where(members.c.actor_id == member_id).values(password_hash=password_hash))


def erase(tx: Tx, member: Member) -> None:
    """Take a login away for good: the address, the password, the invitation that was sent to it; the name is retired."""
    tx.conn.execute(delete(invitations_table).where(func.lower(invitations_table.c.email) == member.email.casefold()))
    tx.conn.execute(delete(members).where(members.c.actor_id == member.id))
    audit.write(tx, "delete", member.id, before=member.standing, after="deleted")
    tx.conn.execute(
        insert_or_ignore(tx.conn, retired_usernames),
        {"username_key": member.actor.username.casefold(), "retired_at": tx.now},
    )


def shut_out(tx: Tx, member_id: ActorId, *, out: bool) -> None:
    """Let a member log in no more, or again. Ending what is open is the caller's."""
    tx.conn.execute(update(members).where(members.c.actor_id == member_id).values(suspended_at=tx.now if out else None))
    states = (Standing.ACTIVE, Standing.DISABLED)
    before, after = states if out else reversed(states)
    audit.write(tx, "suspend" if out else "lift", member_id, before=before, after=after)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("member.changed", member_id))
    tx.tell(ActorWritten(member_id))


def deactivate(tx: Tx, member: Member) -> Actor:
    """Hide a member's account, as they wish; nobody is told that there is one until they come back (`reactivate`).

    Done already, it changes nothing. Raises Conflict for whoever is not let in, and for the only administrator. Ending
    what is open, and telling other servers, is the caller's.
    """
    if member.standing is Standing.DEACTIVATED:
        return member.actor
    if not member.is_active or member.actor.memorial:
        raise Conflict(marked("This account cannot be hidden."))
    queries.check_may_leave(tx.conn, member)
    return _hidden(tx, member, by_themselves=True)


def reactivate(tx: Tx, member: Member) -> Actor:
    """Show it again, as it was. Done already, it changes nothing. Raises Conflict for whoever has not hidden it."""
    if member.is_active:
        return member.actor
    if member.standing is not Standing.DEACTIVATED:
        raise Conflict(marked("This account is not one that its owner has hidden."))
    return _hidden(tx, member, by_themselves=False)


def _hidden(tx: Tx, member: Member, *, by_themselves: bool) -> Actor:
    after = (actors.hide if by_themselves else actors.show)(tx, member.actor)
    verb, then = ("deactivate", Standing.DEACTIVATED) if by_themselves else ("reactivate", Standing.ACTIVE)
    audit.write(tx, verb, member.id, by=member.id, before=member.standing, after=then)
    bus, number = tx.bus, member.id
    tx.after_commit(lambda: bus.publish("member.changed", number))
    return after


def change_password(tx: Tx, member_id: ActorId, password_hash: str) -> None:
    """A new password. Ending the sessions that the old one opened is the caller's."""
    rehash(tx, member_id, password_hash)
    audit.write(tx, "change_password", member_id)


def set_preferences(tx: Tx, member_id: ActorId, change: Preferences) -> Member:
    """The member with those preferences. Raises Invalid for a word that is none of the choices."""
    rules.check_choices(change.default_quote_policy, change.expand_media)
    values = {name: value for name in change.__slots__ if (value := getattr(change, name)) is not None}
    if values:
        tx.conn.execute(update(members).where(members.c.actor_id == member_id).values(**values))
    return queries.get(tx.conn, member_id)
