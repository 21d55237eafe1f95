# SPDX-License-Identifier: AGPL-3.0-or-later
"""A contact as a vCard 3.0 (RFC 2426), which every address book reads: with what they let the reader have, and no more."""

from collections.abc import Mapping

from node.actors import Actor
from node.contacts.rules import Grant


def card(person: Actor, url: str, given: Mapping[Grant, str]) -> str:
    """The card of `person`, whose page is at `url`. The birthday is text, as they wrote it, and stands in the note."""
    # Few ask for a card, and the library is not small.
    import vobject

    made = vobject.vCard()
    made.add("fn").value = person.name
    # Which part of a name is the family's is not ours to guess.
    made.add("n").value = vobject.vcard.Name(given=person.name)
    made.add("url").value = url
    if Grant.EMAIL in given:
        made.add("email").value = given[Grant.EMAIL]
    if Grant.PHONE in given:
        made.add("tel").value = given[Grant.PHONE]
    if Grant.ADDRESS in given:
        made.add("adr").value = vobject.vcard.Address(street=given[Grant.ADDRESS].splitlines())
    if Grant.BIRTHDAY in given:
        made.add("note").value = given[Grant.BIRTHDAY]
    text: str = made.serialize()
    return text
