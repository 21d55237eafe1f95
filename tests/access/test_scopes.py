# SPDX-License-Identifier: AGPL-3.0-or-later
import pytest

from node.access.scopes import KNOWN, allows, parse, within
from node.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("granted", "needed", "allowed"),
    [
        ({"read"}, "read:statuses", True),
        ({"read:statuses"}, "read:statuses", True),
        ({"read:statuses"}, "read:accounts", False),
        ({"read:statuses"}, "read", False),
        ({"write"}, "read:statuses", False),
        ({"follow"}, "write:follows", True),
        ({"follow"}, "read:mutes", True),
        ({"follow"}, "write:blocks", True),
        ({"follow"}, "write:statuses", False),
        ({"push"}, "push", True),
        (set(), "read", False),
    ],
)
def test_a_scope_holds_those_below_it(granted: set[str], needed: str, allowed: bool) -> None:
    assert allows(granted, needed) is allowed


@pytest.mark.parametrize(
    ("asked", "ceiling", "fits"),
    [
        (("read", "write"), ("read", "write", "follow"), True),
        (("read:statuses",), ("read",), True),
        (("read",), ("read:statuses",), False),
        (("follow",), ("read", "write"), True),
        (("follow",), ("read",), False),
        (("push",), ("read", "write"), False),
    ],
)
def test_an_app_asks_for_no_more_than_it_registered(
    asked: tuple[str, ...], ceiling: tuple[str, ...], fits: bool
) -> None:
    assert within(asked, ceiling) is fits


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("", ("read",)),
        ("read write follow push", ("read", "write", "follow", "push")),
        ("write  read read", ("write", "read")),
        ("read+write", ("read", "write")),
        ("read,write", ("read", "write")),
    ],
)
def test_scopes_are_read_in_the_order_given(text: str, scopes: tuple[str, ...]) -> None:
    assert parse(text) == scopes


@pytest.mark.parametrize("text", ["everything", "read admin:read", "admin:write:accounts", "READ", "read:*"])
def test_an_unknown_scope_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


def test_every_known_scope_can_be_read() -> None:
    assert parse(" ".join(KNOWN)) == KNOWN
