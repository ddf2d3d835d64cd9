import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached
from inspector.formats.codec.xxtea import TRIED, candidate_keys, decipher, decrypt, find_key, find_sign
from tests.builders.frameworks import encrypt

KEY = b"0123abcd-4567-89"


@given(st.binary(min_size=1, max_size=300), st.binary(min_size=1, max_size=20))
def test_decrypting_undoes_encrypting(plain, key):
    secret = encrypt(plain, key)
    assert decrypt(secret, key) == plain
    assert decipher(secret, key[:16].ljust(16, b"\0"))[: len(plain)] == plain


def test_wrong_keys_are_told_and_the_right_one_is_found():
    script = encrypt(b"var api = 'x';" * 8, KEY)
    assert find_key(script, [b"wrong", b"wrong too", KEY]) == KEY
    with pytest.raises(Encrypted):
        find_key(script, [b"wrong"])
    with pytest.raises(LimitReached):
        find_key(bytes(TRIED + 4), [KEY])


def test_candidates_look_like_keys_or_stand_near_script_names():
    library = bytes(2000) + KEY + bytes(2000) + b"far-from-it\0" + bytes(2000) + b"near-it\0main.js\0"
    assert candidate_keys(library)[:2] == [KEY, b"near-it"]
    assert b"far-from-it" not in candidate_keys(library)


def test_the_sign_of_a_project_is_told_and_its_neighbours_are_candidates():
    library = bytes(2000) + b"\0game_sign\0k-3y!word\0" + bytes(2000) + b"near-it\0main.js\0"
    script = b"game_sign" + encrypt(b"local api = 'x'" * 8, b"k-3y!word")
    assert find_sign(script, library) == b"game_sign"
    assert candidate_keys(library, b"game_sign")[:2] == [b"k-3y!word", b"near-it"]
    assert find_sign(script, library.replace(b"game_sign", b"gameXsign")) == b""
    assert find_sign(b"XXTEA" + script, library) == b"XXTEA"


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_any_text_of_a_library_is_a_sign(script, library):
    assert script.startswith(find_sign(script, library))


@given(st.binary(max_size=64), st.binary(max_size=20))
def test_any_bytes(raw, key):
    try:
        decrypt(raw, key)
    except FormatError:
        return
