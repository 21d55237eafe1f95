# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links that are sent by mail: to confirm an address, to change it, to set a new password, to answer the staff.

A link is 256 random bits of which the digest is kept, good once and for a time, and bound to the password and the address
of the moment when it was asked for: once either has changed it is worth nothing. Looking at it uses nothing up, since the
scanners of mail servers follow links; only the form behind it does.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from node import mail, members
from node.access import letters
from node.access.secrets import digest
from node.access.sessions import revoke_sessions
from node.access.tables import mail_links
from node.access.tokens import revoke_of_member
from node.kernel import clock, ids
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.members import Member, Standing


class Purpose(StrEnum):
    """What a link is for."""

    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE = "change"
    APPEAL = "appeal"
    NEWCOMER = "newcomer"
    RETURN = "return"


LIFETIME: Final = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CHANGE: timedelta(days=1),
    Purpose.APPEAL: timedelta(days=30),
    Purpose.NEWCOMER: timedelta(days=90),
    Purpose.RETURN: timedelta(hours=1),
}
_SEVERAL: Final = (Purpose.APPEAL, Purpose.NEWCOMER)
_MAX_NEXT: Final = 4000
_UNKNOWN: Final = "This link is not valid any more. Please ask for a new one."


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is good now: whose it is, the address it went to, and where they wanted to go when they asked."""

    member: Member
    email: str
    next: str


def ask_confirmation(tx: Tx, member: Member) -> None:
    """Send the link by which a newcomer proves the address. Former ones are worth nothing from now on."""
    token = _make(tx, Purpose.CONFIRM, member)
    letter = letters.confirm(tx.site, member.locale, f"{tx.site.base_url}/confirm/{token}")
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)


def ask_reset(tx: Tx, email: str, next_page: str = "") -> None:
    """Send the link for a new password, if somebody here has this address; nobody is told whether they have."""
    member = members.by_email(tx.conn, email)
    if member is None or not member.password_hash:
        return
    if member.standing is Standing.UNCONFIRMED:
        ask_confirmation(tx, member)
    elif member.standing in (Standing.ACTIVE, Standing.DEACTIVATED):
        token = _make(tx, Purpose.RESET, member, next_page)
        letter = letters.reset(tx.site, member.locale, f"{tx.site.base_url}/password/{token}")
        mail.post(tx, member.email, letter, member=member.id)


def ask_change(tx: Tx, member: Member, email: str) -> None:
    """Send a link to a member's new address, if nobody here has it; the old address holds until the link is used."""
    new = members.check_email(email)
    if members.exists_email(tx.conn, new):
        return
    token = _make(tx, Purpose.CHANGE, member, email=new)
    letter = letters.change(tx.site, member.locale, f"{tx.site.base_url}/email/{token}")
    mail.post(tx, new, letter, about=mail.About.VERIFICATION, member=member.id)


def change_by_link(tx: Tx, token: str) -> Member:
    """Use a link of `ask_change`; the old address is told. Raises NotFound, and Conflict for an address taken meanwhile."""
    link = find_link(tx.conn, Purpose.CHANGE, token)
    _use_up(tx, link)
    members.change_email(tx, link.member, link.email)
    mail.post(tx, link.member.email, letters.changed(tx.site, link.member.locale), member=link.member.id)
    return link.member


def find_link(conn: Connection, purpose: Purpose, token: str) -> Link:
    """The link with this secret. Raises NotFound for one that is unknown, used, too old, or overtaken by a change."""
    row = conn.execute(
        select(mail_links).where(mail_links.c.token_hash == digest(token), mail_links.c.purpose == purpose)
    ).one_or_none()
    if row is None or row.created_at + LIFETIME[purpose] < clock.now():
        raise NotFound(_UNKNOWN)
    member = members.get(conn, row.member_id)
    if not hmac.compare_digest(row.bound_to, _bound_to(member)):
        raise NotFound(_UNKNOWN)
    return Link(member, row.email, row.next)


def confirm_by_link(tx: Tx, token: str) -> Member:
    """Use a link of `ask_confirmation`. Raises NotFound."""
    link = find_link(tx.conn, Purpose.CONFIRM, token)
    _use_up(tx, link)
    return members.confirm(tx, link.member)


def reset_by_link(tx: Tx, token: str, password_hash: str) -> Link:
    """Use a link of `ask_reset`: the new password holds, and every session and every app ends. Raises NotFound."""
    link = find_link(tx.conn, Purpose.RESET, token)
    _use_up(tx, link)
    members.change_password(tx, link.member.id, password_hash)
    revoke_sessions(tx, link.member.id)
    revoke_of_member(tx, link.member.id)
    mail.post(tx, link.member.email, letters.password_changed(tx.site, link.member.locale), member=link.member.id)
    return link


def appeal_link(tx: Tx, member: Member) -> str:
    """A link by which somebody who may not log in can read what was decided about them, and answer it.

    Several may be good at once: the one of the letter, and those of the login page.
    """
    return f"{tx.site.base_url}/appeal/{_make(tx, Purpose.APPEAL, member)}"


def newcomer_link(tx: Tx, member: Member) -> str:
    """A link by which somebody who waits to be let in can see how far that is, and answer what is asked.

    Several may be good at once, as for `appeal_link`.
    """
    return f"{tx.site.base_url}/sign-up/answer/{_make(tx, Purpose.NEWCOMER, member)}"


def return_link(tx: Tx, member: Member, next_page: str = "") -> str:
    """A link for whoever has hidden their account and has just given the password: there they can come back."""
    return f"{tx.site.base_url}/login/back/{_make(tx, Purpose.RETURN, member, next_page)}"


def return_by_link(tx: Tx, token: str) -> Link:
    """Use a link of `return_link`. Raises NotFound."""
    link = find_link(tx.conn, Purpose.RETURN, token)
    _use_up(tx, link)
    return link


def _make(tx: Tx, purpose: Purpose, member: Member, next_page: str = "", *, email: str | None = None) -> str:
    token = ids.secret()
    tx.conn.execute(
        delete(mail_links).where(
            (
                (mail_links.c.member_id == member.id)
                & (mail_links.c.purpose == purpose)
                & (mail_links.c.purpose.not_in(_SEVERAL))
            )
            | (mail_links.c.created_at < tx.now - max(LIFETIME.values()))
        )
    )
    tx.conn.execute(
        insert(mail_links),
        {
            "token_hash": digest(token),
            "purpose": purpose,
            "member_id": member.id,
            "email": email or member.email,
            "bound_to": _bound_to(member),
            "next": next_page[:_MAX_NEXT],
            "created_at": tx.now,
        },
    )
    return token


def _use_up(tx: Tx, link: Link) -> None:
    tx.conn.execute(delete(mail_links).where(mail_links.c.member_id == link.member.id))
    # Who has the link has got the letter, whatever came back before.
    mail.works_again(tx, link.email)


def _bound_to(member: Member) -> str:
    return digest(f"{member.password_hash}\0{member.email}")
