

@pytest.mark.parametrize("url", [b"http://ocsp.vendor.com.cn", b"http://ocsp.vendor.com.cn/ocsp", b"ldap://dir.vendor.com"])
def test_a_url_of_a_certificate_ends_where_its_length_says(url):
    """The tag of the next sequence is a `0`."""
    text = b"\x30\x1f\x86" + bytes([len(url)]) + url + b"0\x81\x9f"
    found = examine(text, SCHEME, text.index(b"://") + 4)
    assert found is not None
    assert (found.value, found.reason) == (url.decode(), "")
    assert text[found.start : found.end] == url
