# SPDX-License-Identifier: AGPL-3.0-or-later
"""Circles: who is inside the three that alumni have beside the Fediverse's four levels.

    class       the members of this node of its author's school, with the class year that the post was written for
    school      every member of this node
    partners    every member of this node, and everybody at a node with which a partnership is in force

A post to a circle is for the circle, whatever else is true: following its author or being named in it brings nobody in.
A member is who has a login here (`members`) and is neither suspended nor deleted. A partner node is told by its origin,
the scheme and host of its association's id, and not by handles, whose domain another server may share. Who is inside is
looked up when something is read, so that the end of a partnership or of a membership counts at once.

A partner's post to *its* circle `partners` is for the members here for as long as the partnership is in force. The
circles `class` and `school` of another node do not exist here.
"""

from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from node.actors import ActorType
from node.actors.tables import actors
from node.kernel.site import Site
from node.members.tables import members
from node.relationships.queries import ACCEPTED
from node.relationships.tables import follows, partners
from node.relationships.types import Circle

_BASE: Final = "/circles/"

# Aliases, so that a query which names these tables itself is not taken for the one meant here.
_member = members.alias("circle_member")
_person = actors.alias("circle_person")
_somebody = actors.alias("circle_somebody")
_of_author = actors.alias("circle_author")
_partner = partners.alias("circle_partner")
_association = actors.alias("circle_association")
_ours = actors.alias("circle_ours")
_to_us = follows.alias("circle_to_us")
_by_us = follows.alias("circle_by_us")
_viewer = bindparam("viewer_id", type_=BigInteger)
_IS_MEMBER = and_(
    _member.c.suspended_at.is_(None),
    _person.c.suspended_at.is_(None),
    _person.c.deleted_at.is_(None),
)


def _in_force() -> Select[tuple[str]]:
    """The origins of the partner nodes with which a partnership is in force: each association follows the other."""
    return (
        select(_partner.c.origin)
        .join(_association, _association.c.id == _partner.c.actor_id)
        .join(_to_us, and_(_to_us.c.follower_id == _partner.c.actor_id, _to_us.c.state == ACCEPTED))
        .join(_ours, and_(_ours.c.id == _to_us.c.followee_id, _ours.c.domain == ""))
        .join(
            _by_us,
            and_(
                _by_us.c.follower_id == _to_us.c.followee_id,
                _by_us.c.followee_id == _partner.c.actor_id,
                _by_us.c.state == ACCEPTED,
            ),
        )
        .where(
            _ours.c.type == ActorType.ORGANIZATION,
            _association.c.suspended_at.is_(None),
            _association.c.deleted_at.is_(None),
        )
    )


def at_partner(actor_id: ColumnElement[int] | BindParameter[int] | int) -> ColumnElement[bool]:
    """The clause: this actor, who is active, lives at a node with which a partnership is in force."""
    return exists(
        _in_force()
        .join(_somebody, func.substr(_somebody.c.uri, 1, func.length(_partner.c.origin)) == _partner.c.origin)
        .where(_somebody.c.id == actor_id, _somebody.c.suspended_at.is_(None), _somebody.c.deleted_at.is_(None))
    )


def is_inside(posts: FromClause, viewer_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """The clause for a query of `posts` (or an alias of it): rows for a circle that `viewer_id` is in."""
    is_member = exists(
        select(_member.c.actor_id)
        .join(_person, _person.c.id == _member.c.actor_id)
        .where(
            _member.c.actor_id == viewer_id,
            _IS_MEMBER,
            or_(
                posts.c.circle != Circle.CLASS,
                and_(
                    _person.c.class_year == posts.c.circle_year,
                    _person.c.school.is_not_distinct_from(
                        select(_of_author.c.school)
                        .where(_of_author.c.id == posts.c.author_id)
                        .correlate(posts)
                        .scalar_subquery()
                    ),
                ),
            ),
        )
    )
    to_partners = posts.c.circle == Circle.PARTNERS
    return and_(
        posts.c.circle.is_not(None),
        or_(
            and_(is_member, or_(posts.c.local.is_(True), and_(to_partners, at_partner(posts.c.author_id)))),
            and_(to_partners, posts.c.local.is_(True), at_partner(viewer_id)),
        ),
    )


def insiders(
    conn: Connection, actor_ids: Collection[int], circle: Circle, year: int | None, *, author_id: int | None = None
) -> set[int]:
    """Those of the people who are in a circle of this node, as that of a post by this author; without one, in a class of
    that year at any school of the node. One statement."""
    wanted = list(set(actor_ids))
    if not wanted:
        return set()
    inside: ColumnElement[bool] = exists(
        select(_member.c.actor_id)
        .join(_person, _person.c.id == _member.c.actor_id)
        .where(
            _member.c.actor_id == actors.c.id,
            _IS_MEMBER,
            *(_of_class(year, author_id) if circle is Circle.CLASS else ()),
        )
    )
    if circle is Circle.PARTNERS:
        inside = or_(inside, at_partner(actors.c.id))
    return set(conn.execute(select(actors.c.id).where(actors.c.id.in_(wanted), inside)).scalars())


def _of_class(year: int | None, author_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """The clauses: of this class at the author's school."""
    if author_id is None:
        return (_person.c.class_year == year,)
    school = select(_of_author.c.school).where(_of_author.c.id == author_id).scalar_subquery()
    return _person.c.class_year == year, _person.c.school.is_not_distinct_from(school)


def is_at_partner(conn: Connection, actor_id: int) -> bool:
    """Whether somebody lives at a node with which a partnership is in force."""
    return bool(conn.execute(select(_AT_PARTNER), {"viewer_id": actor_id}).scalar())


_AT_PARTNER = at_partner(_viewer)


def is_partner_address(conn: Connection, url: str) -> bool:
    """Whether an address is at a node with which a partnership is in force."""
    return conn.execute(_in_force().where(_partner.c.origin == origin_of(url)).limit(1)).first() is not None


def is_partner_host(conn: Connection, host: str) -> bool:
    """Whether handles at this host are those of a node with which a partnership is in force, as far as is known."""
    return conn.execute(_in_force().where(_association.c.domain == host.lower()).limit(1)).first() is not None


def has_partners(conn: Connection) -> bool:
    """Whether any partnership is in force."""
    return conn.execute(_in_force().limit(1)).first() is not None


def partner_inboxes(conn: Connection) -> Sequence[str]:
    """Where the partner nodes take what is for all of their members."""
    statement = _in_force().with_only_columns(func.coalesce(_association.c.shared_inbox, _association.c.inbox))
    return conn.execute(statement.distinct()).scalars().all()


def followers_inside(conn: Connection, author_id: int, circle: Circle, year: int | None) -> Sequence[int]:
    """The members here who follow an author and are in the circle of a post of theirs."""
    statement = (
        select(follows.c.follower_id)
        .join(_member, _member.c.actor_id == follows.c.follower_id)
        .join(_person, _person.c.id == _member.c.actor_id)
        .where(follows.c.followee_id == author_id, follows.c.state == ACCEPTED, _IS_MEMBER)
    )
    if circle is Circle.CLASS:
        statement = statement.where(*_of_class(year, author_id))
    return conn.execute(statement).scalars().all()


# -- on the wire ------------------------------------------------------------------------------------------------------


def address(site: Site, circle: Circle, year: int | None = None) -> str:
    """The collection that a post to a circle of this node is addressed to."""
    return f"{site.base_url}{_BASE}{circle}" + (f"/{year}" if circle is Circle.CLASS else "")


def by_address(site: Site, uri: str) -> tuple[Circle, int | None] | None:
    """The circle of this node that has this address, with the class year; None if there is none."""
    name, slash, year = uri.removeprefix(site.base_url + _BASE).partition("/")
    if not uri.startswith(site.base_url + _BASE) or name not in set(Circle):
        return None
    circle = Circle(name)
    if circle is not Circle.CLASS:
        return None if slash else (circle, None)
    return (circle, int(year)) if len(year) == 4 and year.isascii() and year.isdigit() else None


def origin_of(uri: str) -> str:
    """What every id at the same node begins with."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}/"
