from inspector.formats.crc import crc32_forward


def test_check_value():
    # the published check value of CRC-32/CKSUM, without its final complement
    assert crc32_forward(b"123456789") == 0x89A1897F
