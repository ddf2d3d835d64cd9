"""A packer of NRV2B for the tests: literals and the end mark only, which is all that a valid block needs."""


def literals(raw: bytes) -> bytes:
    """Return a block that decodes to `raw`."""
    out, place, free = bytearray(), 0, 0

    def bit(value: int) -> None:
        nonlocal place, free
        if not free:
            place, free = len(out), 8
            out.append(0)
        free -= 1
        out[place] |= value << free

    for byte in raw:
        bit(1)
        out.append(byte)
    bit(0)
    for number in range(24):  # the distance of the end mark, 0x1000002, its leading bit understood
        bit(number == 22)
        bit(number == 23)
    return bytes(out) + b"\xff"
