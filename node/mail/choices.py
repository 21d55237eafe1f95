# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which letters a member wants: chosen on a page, or by a link in a letter that needs no login."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, select, update

from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotAllowed
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.mail import rules
from node.mail.rules import About, Content
from node.mail.tables import mail_choices

_OF = select(mail_choices).where(mail_choices.c.member_id == bindparam("member_id"))


@dataclass(frozen=True, slots=True)
class Choices:
    """What a member chose; what they have not is as it is for everybody."""

    wanted: Mapping[str, bool] = field(default_factory=dict)
    content: Content = Content.FULL


def choices_of(conn: Connection, member_id: int) -> Choices:
    """What a member chose. One statement."""
    row = conn.execute(_OF, {"member_id": member_id}).one_or_none()
    return Choices() if row is None else Choices(row.wanted, Content(row.content))


def wants(conn: Connection, member_id: int, about: About) -> bool:
    """Whether a member wants letters about this."""
    return about in rules.ALWAYS or rules.wants(choices_of(conn, member_id).wanted, about)


def choose(tx: Tx, member_id: int, wanted: Mapping[About, bool], content: Content | None = None) -> None:
    """Take over what a member chooses; what is not named stays. What nobody can choose is passed over."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, mail_choices), {"member_id": member_id, "wanted": {}, "content": Content.FULL}
    )
    before = choices_of(tx.conn, member_id)
    after = {**before.wanted, **{about.value: yes for about, yes in wanted.items() if about in rules.DEFAULTS}}
    tx.conn.execute(
        update(mail_choices)
        .where(mail_choices.c.member_id == member_id)
        .values(wanted=after, content=content or before.content)
    )


def forget_member(tx: Tx, member_id: int) -> None:
    """Somebody is gone, and what they chose."""
    tx.conn.execute(delete(mail_choices).where(mail_choices.c.member_id == member_id))


def unsubscribe_link(site: Site, member_id: int, about: About) -> str:
    """The address in a letter at which letters about this are declined. It does nothing else, and never runs out."""
    return f"{site.base_url}/unsubscribe/{about}.{member_id}.{_signed(site, member_id, about)}"


def read_unsubscribe_link(site: Site, token: str) -> tuple[int, About]:
    """Whose letters, and which, the end of such an address is about. Raises NotAllowed for one that we did not make."""
    kind, _, rest = token.partition(".")
    number, _, signature = rest.partition(".")
    if kind in set(About) and number.isascii() and number.isdigit() and len(number) < 20:
        about = About(kind)
        expected = _signed(site, int(number), about)
        if hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
            return int(number), about
    raise NotAllowed(marked("This link is not whole. Please copy all of it from the letter."))


def _signed(site: Site, member_id: int, about: About) -> str:
    return site.sign("unsubscribe", f"{about}:{member_id}")
