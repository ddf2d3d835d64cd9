"""What is known of an address, as a value."""

from typing import NamedTuple


class AddressFacts(NamedTuple):
    """Facts of one address; an empty field is unknown."""

    registered: str = ""
    """Country of registration of the block (not the place of the machine)."""
    asn: int = 0
    operator: str = ""
    """Organisation that announces the block."""
    operator_country: str = ""
    """Seat of the operator's controlling group, from the curated list."""
    note: str = ""
    """A curated remark (`public resolver, anycast`)."""
