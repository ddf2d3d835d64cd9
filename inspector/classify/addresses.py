"""What is known of an address: where its block is registered, and who announces it. Two facts, never merged."""

import ipaddress
import itertools
from typing import Final, Protocol

from inspector.model.address import AddressFacts

OCTETS: Final = 4


class AddressBook(Protocol):
    """Offline address data; `date` and `source` stand in every report."""

    @property
    def date(self) -> str:
        """Return the date of the data, or ""."""

    @property
    def source(self) -> str:
        """Return where the data comes from, or ""."""

    def facts(self, address: str) -> AddressFacts:
        """Return what is known of an IPv4 or IPv6 address in text form."""


class NoAddresses:
    """An address book without data: everything is unknown."""

    date = ""
    source = ""

    def facts(self, address: str) -> AddressFacts:  # noqa: ARG002 - the protocol's signature
        """Return nothing known."""
        return AddressFacts()


def is_public(address: str) -> bool:
    """Tell whether an address can be an exposure: private, loopback, documentation, multicast … never are."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast


def is_example(address: str) -> bool:
    """Tell whether an address is of the kind that people make up: `123.123.123.123`, `123.124.125.126`.

    Resolvers have such addresses too; those are known by name.
    """
    parts = address.split(".")
    if len(parts) != OCTETS or not all(part.isdigit() for part in parts):
        return False
    octets = [int(part) for part in parts]
    return len({later - earlier for earlier, later in itertools.pairwise(octets)}) == 1
