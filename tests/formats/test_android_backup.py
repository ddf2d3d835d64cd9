import io
import tarfile
import zlib

import pytest

from inspector.errors import Encrypted, NotThisFormat, Unsupported
from inspector.formats.android_backup import parse_backup
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def archive() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("apps/com.example/_manifest")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"1\\ncom"))
    return out.getvalue()


@pytest.mark.parametrize(("packed", "content"), [(1, zlib.compress(archive())), (0, archive())])
def test_backup_holds_a_tar(packed, content):
    blob = b"ANDROID BACKUP\n5\n%d\nnone\n" % packed + content
    image = parse_backup(BufferReader(blob))
    assert parts(image) == {"backup.tar": archive()}
    assert image.properties == {"version": "5", "encryption": "none"}
    check_hostile(parse_backup, blob)


def test_backup_under_a_passphrase_is_a_gap():
    (member,) = parse_backup(BufferReader(b"ANDROID BACKUP\n5\n1\nAES-256\n" + bytes(200))).members
    assert isinstance(member.problem, Encrypted)
    with pytest.raises(Unsupported):
        parse_backup(BufferReader(b"ANDROID BACKUP\n9\n1\nnone\n" + bytes(200)))
    with pytest.raises(NotThisFormat):
        parse_backup(BufferReader(b"ANDROID BACKUP\nabc" + bytes(200)))
