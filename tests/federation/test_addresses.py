# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where requests of ours may go."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.federation.addresses import AddressRefused, ClientPolicy, check_host, is_public, may_connect, target

INTERNET = ClientPolicy()
ONE_MACHINE = ClientPolicy(allow_loopback=True, allow_http=True)


@pytest.mark.parametrize(
    "address",
    [
        # this network, private, shared, loopback, link-local
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1",
        "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.0.1",
        # protocol assignments, documentation, AS112, 6to4 relays, benchmarks
        "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        # multicast, reserved, broadcast
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        # unspecified, loopback, and all the ways to wrap an IPv4 address
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:808:808::1",
        # discard, Teredo, benchmarks, ORCHID, documentation, AS112, segment routing
        "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
        "2620:4f:8000::1", "3fff::1", "5f00::1",
        # unique local, link-local, site-local, multicast
        "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1", "ff0e::1",
        # not addresses
        "", "localhost", "1.1.1", "0x7f000001", "1.1.1.1 ", "[2606:4700::1111]",
    ],
)  # fmt: skip
def test_addresses_that_are_not_the_open_internet_are_refused(address: str) -> None:
    assert not is_public(address)
    assert not may_connect(address, INTERNET)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.1", "172.15.255.255",
        "172.32.0.1", "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.254",
        "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2001:200::1",
    ],
)  # fmt: skip
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)
    assert may_connect(address, INTERNET)


@given(st.ip_addresses())
@settings(max_examples=300, deadline=None)
def test_the_list_is_never_wider_than_the_standard_library_s(address: object) -> None:
    assert not is_public(str(address)) or address.is_global  # type: ignore[attr-defined]  # both kinds of address have it


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_loopback_only_where_it_is_asked_for(address: str) -> None:
    assert may_connect(address, ONE_MACHINE)
    assert not may_connect(address, INTERNET)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "::", "fe80::1", "::ffff:127.0.0.1"])
def test_the_tests_switch_opens_nothing_but_loopback(address: str) -> None:
    assert not may_connect(address, ONE_MACHINE)


@pytest.mark.parametrize(
    "host",
    [
        "0x7f.1", "2130706433", "127.1", "017700000001", "0", "0x7f000001", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1",
        "1.1.1.1", "[2606:4700::1111]", "[::1]", "127.0.0.1", "::1",
        "localhost", "localhost.", "a.localhost", "LOCALHOST", "internal", "db.local", "peer.internal", "x.onion",
        "a..b", ".a.example", "a.example..", "a.b1", "a.1b", "a_b", "", ".", "a b.example", "a.example\x00",
        "%61.example", "a.example:443", "user@a.example", "x" * 64 + ".example", ("x" * 60 + ".") * 5 + "example",
        "-a.example-", "a.example/", "\u202e.example",
    ],
)  # fmt: skip
def test_hosts_that_are_not_public_names_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_host(host, INTERNET)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a.example", "a.example"),
        ("A.Example.", "a.example"),
        ("my_node.a.example", "my_node.a.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--ls8h.example", "xn--ls8h.example"),
    ],
)
def test_a_host_has_one_spelling(host: str, name: str) -> None:
    assert check_host(host, INTERNET) == name


@pytest.mark.parametrize("host", ["localhost", "lyon.localhost", "127.0.0.1", "[::1]"])
def test_names_of_this_machine_only_where_asked_for(host: str) -> None:
    assert check_host(host, ONE_MACHINE) == host


@pytest.mark.parametrize("host", ["10.0.0.1", "0x7f.1", "127.1", "db.local", "[fe80::1]", "x..localhost"])
def test_the_tests_switch_admits_no_other_odd_host(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_host(host, ONE_MACHINE)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.example/users/sam", "https://a.example/users/sam"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x=1", "https://a.example/?x=1"),
        ("HTTPS://A.Example:443/x#main-key", "https://a.example/x"),
        ("https://a.example/%61/%2e%2e/x?q=%20", "https://a.example/%61/%2e%2e/x?q=%20"),
        ("https://a.example/été?q=é", "https://a.example/%C3%A9t%C3%A9?q=%C3%A9"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://a.example/@sam@b.example", "https://a.example/@sam@b.example"),
    ],
)
def test_a_url_is_sent_as_it_is_written(url: str, sent: str) -> None:
    assert target(url, INTERNET).url == sent


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "//a.example/",
        "a.example",
        "",
        "https://",
        "https:///x",
        "https://a@b.example/",
        "https://a@b@evil.example/",
        "https://a:b@evil.example/",
        "https://a.example:444/",
        "https://a.example:80/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:/",
        "https://a.example:443:443/",
        "https://a.example\\@evil.example/",
        "https://a.example/x\\y",
        "https://a.ex\tample/",
        "https://a.example/x y",
        "https://a.example/\r\nHost: b",
        "https://a.example/\x00",
        " https://a.example/",
        "https://%61.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://0x7f.1/",
        "https://a.example/" + "x" * 5000,
    ],
)
def test_urls_that_are_not_asked_for(url: str) -> None:
    with pytest.raises(AddressRefused):
        target(url, INTERNET)


@pytest.mark.parametrize(
    ("url", "authority", "port"),
    [
        ("http://lyon.localhost:8001/x", "lyon.localhost:8001", 8001),
        ("https://127.0.0.1:8443/", "127.0.0.1:8443", 8443),
        ("http://[::1]:80/", "[::1]", 80),
    ],
)
def test_one_machine_may_use_http_any_port_and_loopback(url: str, authority: str, port: int) -> None:
    found = target(url, ONE_MACHINE)

    assert (found.authority, found.port) == (authority, port)


def test_more_ports_can_be_allowed() -> None:
    assert target("https://a.example:8443/", ClientPolicy(allowed_ports=frozenset({443, 8443}))).port == 8443


@given(st.text(max_size=60) | st.text(":/@[].#?%\\a0é", max_size=40).map(lambda rest: f"https://{rest}"))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_is_sent_plainly_or_refused(url: str) -> None:
    try:
        found = target(url, INTERNET)
    except AddressRefused:
        return

    assert found.url.isascii()
    assert target(found.url, INTERNET) == found
