# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Tilleuls invite; Harbour School, their partner, passes it on; people from four servers say that they come.

Two nodes are partners when each association's actor follows the other and both have accepted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import Browser, here, on_home
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Peer
from federation_tests.harness.waiting import eventually

TITLE = "Fête des cinquante ans"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An event of the Tilleuls: its id, and the association's actor id that organises it."""

    uri: str
    organiser: str


@pytest.fixture(scope="module")
def partners(tilleuls: Node, harbour: Node) -> None:
    """Each association has named the other: both follow, and both have accepted."""
    tilleuls.run("partner", "add", harbour.association)
    harbour.run("partner", "add", tilleuls.association)
    for node in (tilleuls, harbour):
        eventually(lambda node=node: node.run("partner", "list"), within=10, until=lambda said: "active" in said)


@pytest.fixture(scope="module")
def invite(tilleuls: Node) -> Callable[[int | None], Invitation]:
    def publish(capacity: int | None = None) -> Invitation:
        uri = tilleuls.add_event(
            TITLE,
            start="2027-06-19T18:30",
            end="2027-06-19T23:00",
            zone="Europe/Paris",
            place="Cloître des Tilleuls",
            capacity=capacity,
            text="Toutes les promotions sont attendues.",
        )
        return Invitation(uri, tilleuls.actor_id("association"))

    return publish


def test_the_partner_passes_the_event_on_to_its_members(
    partners: None, invite: Callable[..., Invitation], harbour: Node, amara: Account
) -> None:
    app: Mastodon = harbour.app(amara.username)
    app.account_follow(app.account_lookup("association").id)

    invitation = invite()

    seen = on_home(app, invitation.uri, within=15)
    assert seen.account.acct == "association"
    event = seen.reblog
    assert TITLE in event.content
    assert "Cloître des Tilleuls" in event.content
    assert "2027" in event.content
    assert event.url is not None


def test_its_document_is_what_mobilizon_and_gancio_read(invite: Callable[..., Invitation], fedify: Peer) -> None:
    invitation = invite(40)

    event = fedify.fetch(invitation.uri)

    assert event["type"] == "Event"
    assert event["name"] == TITLE
    assert event["startTime"] == "2027-06-19T18:30:00+02:00"
    assert event["endTime"] == "2027-06-19T23:00:00+02:00"
    assert event["timezone"] == "Europe/Paris"
    assert event["location"]["type"] == "Place"
    assert event["location"]["name"] == "Cloître des Tilleuls"
    assert event["attributedTo"] == invitation.organiser
    assert event["maximumAttendeeCapacity"] == 40
    assert "https://www.w3.org/ns/activitystreams#Public" in event["to"]


@pytest.mark.parametrize("guest", ["fedify", "bovine"])
def test_a_join_from_another_server_is_accepted_and_may_be_taken_back(
    guest: str, invite: Callable[..., Invitation], request: pytest.FixtureRequest
) -> None:
    peer: Peer = request.getfixturevalue(guest)
    invitation = invite()

    join = peer.join(invitation.uri, of=invitation.organiser)
    [accept] = peer.received("Accept", naming=join.id)
    assert accept.activity["actor"] == invitation.organiser

    assert peer.leave(invitation.uri, of=invitation.organiser)
    again = peer.join(invitation.uri, of=invitation.organiser)
    assert peer.received("Accept", naming=again.id)


def test_a_full_event_says_no_and_a_place_given_back_is_free_again(
    invite: Callable[..., Invitation], fedify: Peer, bovine: Peer
) -> None:
    invitation = invite(1)
    first = fedify.join(invitation.uri, of=invitation.organiser)
    fedify.received("Accept", naming=first.id)

    late = bovine.join(invitation.uri, of=invitation.organiser)
    bovine.received("Reject", naming=late.id)

    fedify.leave(invitation.uri, of=invitation.organiser)

    def a_place_is_free() -> bool:
        return fedify.fetch(invitation.uri).get("remainingAttendeeCapacity") == 1

    eventually(a_place_is_free, within=10)
    lucky = bovine.join(invitation.uri, of=invitation.organiser)
    assert bovine.received("Accept", naming=lucky.id)


def test_a_join_sent_twice_takes_one_place(invite: Callable[..., Invitation], fedify: Peer, tilleuls: Node) -> None:
    invitation = invite(5)
    join = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{fedify.site.url}/join/twice",
        "type": "Join",
        "actor": fedify.actor,
        "object": invitation.uri,
        "to": invitation.organiser,
    }

    assert [fedify.deliver(tilleuls.shared_inbox, join) for _ in range(2)] == [202, 202]

    fedify.received("Accept", naming=join["id"])
    assert fedify.fetch(invitation.uri)["remainingAttendeeCapacity"] == 4


def test_a_join_of_an_event_that_is_not_there_is_answered_too(fedify: Peer, tilleuls: Node) -> None:
    """Silence would leave the other side waiting for ever; Mobilizon does not answer and its askers do."""
    organiser = tilleuls.actor_id("association")

    join = fedify.join(f"{tilleuls.url}/objects/nothinghere", of=organiser)

    assert fedify.received("Reject", naming=join.id)


def test_a_member_of_the_partner_school_says_yes_and_no_on_the_event_page(
    partners: None, invite: Callable[..., Invitation], tilleuls: Node, harbour: Node, amara: Account, fedify: Peer
) -> None:
    invitation = invite(10)
    event = here(harbour.app(amara.username), invitation.uri)
    browser = Browser()
    try:
        browser.open(f"{harbour.url}/login")
        browser.sign_in(amara)
        page = f"{harbour.url}/events/{event.id}"
        browser.open(page)
        assert TITLE in browser.page

        browser.press(browser.form(having="/going"))
        eventually(
            lambda: fedify.fetch(invitation.uri)["remainingAttendeeCapacity"],
            within=10,
            until=lambda left: left == 9,
            what="the place is taken at the organiser's node",
        )

        browser.open(page)
        browser.press(browser.form(having="/not-going"))
        eventually(
            lambda: fedify.fetch(invitation.uri)["remainingAttendeeCapacity"],
            within=10,
            until=lambda left: left == 10,
            what="the place is free again",
        )
    finally:
        browser.close()
