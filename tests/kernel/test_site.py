# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's addresses, the box for private keys, and messages inside the process."""

import pytest

from node.kernel.bus import Bus
from node.kernel.site import Site

SITE = Site(base_url="https://harbour.example", domain="harbour.example", secret="s" * 40)


@pytest.mark.parametrize(
    ("uri", "ours"),
    [
        ("https://harbour.example/actors/x", True),
        ("https://harbour.example.evil.example/actors/x", False),
        ("http://harbour.example/actors/x", False),
        ("https://harbour.example", False),
        ("https://HARBOUR.example/actors/x", False),
        ("https://harbour.example:444/actors/x", False),
        ("", False),
    ],
)
def test_an_address_is_ours_if_it_begins_as_ours_do(uri, ours):
    assert SITE.is_local(uri) is ours


def test_new_addresses_are_ours_and_never_the_same():
    made = {make() for make in (SITE.new_actor, SITE.new_object, SITE.new_activity) for _ in range(50)}

    assert len(made) == 150
    assert all(SITE.is_local(uri) for uri in made)


def test_what_is_sealed_opens_with_the_same_secret_only():
    sealed = SITE.seal(b"a private key")

    assert b"private" not in sealed
    assert SITE.unseal(sealed) == b"a private key"
    with pytest.raises(ValueError, match="secret_key"):
        Site(base_url="https://harbour.example", domain="harbour.example", secret="t" * 40).unseal(sealed)
    assert "ssss" not in repr(SITE)


def test_a_mark_of_ours_is_for_one_purpose_and_one_value():
    marks = {SITE.sign(purpose, value) for purpose in ("proxy", "session") for value in ("a", "b")}

    assert len(marks) == 4
    assert SITE.sign("proxy", "a") in marks


def test_who_listens_hears_and_who_has_left_does_not():
    bus, heard = Bus(), []
    leave = bus.subscribe("home", heard.append)
    with bus.listening("home", lambda message: heard.append(("also", message))):
        bus.publish("home", 1)
    bus.publish("home", 2)
    bus.publish("elsewhere", 3)
    leave()
    leave()
    bus.publish("home", 4)

    assert heard == [1, ("also", 1), 2]


def test_one_who_leaves_while_hearing_spoils_nothing():
    bus, heard = Bus(), []
    leaves = []
    leaves.append(bus.subscribe("home", lambda message: (heard.append(message), leaves[0]())))
    bus.subscribe("home", heard.append)

    bus.publish("home", 1)
    bus.publish("home", 2)

    assert heard == [1, 1, 2]
