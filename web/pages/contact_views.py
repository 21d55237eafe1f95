# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of contacts are made of.

contacts.html          ContactsView         GET /contacts?tag=&order=heard&page=; POST
                                            /contacts/<actor>/accept (follow, email, phone, address, birthday), decline,
                                            withdraw, remove
contact.html           ContactView          GET /contacts/<actor>, /contacts/<actor>/card.vcf; POST
                                            /contacts/<actor>/grants (email, phone, address, birthday), note (note, tags,
                                            last_contact), mute, unmute
contact_ask.html       ContactAskView       GET and POST /people/<actor>/contact: message, how_met, email, phone,
                                            address, birthday
contact_ways.html      ContactWaysView      GET /people/<actor>/ways
contact_settings.html  ContactSettingsView  GET and POST /settings/contacts: phone, address, birthday, link_visibility,
                                            show_path_to_me, accept_from
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView, WaysView


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """Somebody who asks, or is asked."""

    person: PersonView
    asked_at: datetime
    message: str = ""
    how_met: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView:
    """A thing that one may let a contact have, by its field and its name. `is_empty`: one has not written it down."""

    field: str
    label: str
    ticked: bool = False
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TagView:
    """A tag of one's own, and how many contacts have it."""

    name: str
    count: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWaysView:
    """All there is to say of the ways to somebody."""

    template: ClassVar[str] = "contact_ways.html"
    person: PersonView
    ways: WaysView


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """A contact: what they let one have, what one lets them have, and what one notes of them."""

    template: ClassVar[str] = "contact.html"
    person: PersonView
    given: tuple[tuple[str, str], ...] = ()
    grants: tuple[GrantView, ...] = ()
    note: str = ""
    tags: str = ""
    last_contact: str = ""
    muted: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSettingsView:
    """What one can give to contacts, who may ask, and how far one is shown as a link. Choices are (value, words)."""

    template: ClassVar[str] = "contact_settings.html"
    phone: str = ""
    address: str = ""
    birthday: str = ""
    link_visibility: str = ""
    link_choices: tuple[tuple[str, str], ...] = ()
    show_path_to_me: str = ""
    path_choices: tuple[tuple[str, str], ...] = ()
    accept_from: str = ""
    accept_choices: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsView:
    """One's contacts, or those with the tag that was asked for; who waits for an answer, and whose one waits for.

    `tagged` has the tags of each of the people, `heard` the day on which they were last heard of. `by_day`: those come
    first who have not been heard of for the longest time; `other_order` is the address of the other order.
    """

    template: ClassVar[str] = "contacts.html"
    waiting: tuple[RequestView, ...] = ()
    asked: tuple[RequestView, ...] = ()
    people: tuple[PersonView, ...] = ()
    tagged: tuple[tuple[str, ...], ...] = ()
    tags: tuple[TagView, ...] = ()
    tag: str = ""
    heard: tuple[date | None, ...] = ()
    by_day: bool = False
    other_order: str = ""
    grants: tuple[GrantView, ...] = ()
    count: int = 0
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAskView:
    """The form to ask somebody."""

    template: ClassVar[str] = "contact_ask.html"
    person: PersonView
    message: str = ""
    how_met: str = ""
    grants: tuple[GrantView, ...] = ()
    faults: tuple[Fault, ...] = ()
