"""Which addresses are private, however they are written."""

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis.strategies import integers, text

from watcher.fetch.addresses import is_private

LOOPBACK = (ip_network("127.0.0.1/32"), ip_network("::1/128"))


@pytest.mark.parametrize(
    "address",
    [
        *[
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "198.18.0.1",
        ],
        *["224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8", "203.0.113.9"],
        *[
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b:1::1",
        ],
        *["::ffff:10.0.0.1", "::10.0.0.1", "2002:0a00:0001::1", "64:ff9b::10.0.0.1"],
        *["", "localhost", "not an address"],
    ],
)
def test_a_private_address_is_known_in_every_form(address: str) -> None:
    assert is_private(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "100.63.255.255",
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "2002:0101:0101::1",
        "64:ff9b::1.1.1.1",
    ],
)
def test_a_public_address_is_not_private(address: str) -> None:
    assert not is_private(address, ())


@pytest.mark.parametrize(
    ("address", "private"),
    [("127.0.0.1", False), ("::ffff:127.0.0.1", False), ("::1", False), ("127.0.0.2", True)],
)
def test_what_is_allowed_may_be_dialled_and_nothing_beside_it(address: str, private: bool) -> None:
    assert is_private(address, LOOPBACK) is private


@given(integers(0, 2**32 - 1))
def test_an_address_inside_another_is_as_private_as_alone(number: int) -> None:
    plain = IPv4Address(number)

    assert (
        is_private(f"::ffff:{plain}", ()) == is_private(str(plain), ()) == is_private(f"64:ff9b::{plain}", ())
    )


@given(text())
def test_any_text_gets_an_answer(anything: str) -> None:
    is_private(anything, LOOPBACK)
