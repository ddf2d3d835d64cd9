import io
import pickle
import tarfile
import zlib

import pytest

from inspector.errors import Encrypted, NotThisFormat, Unsupported
from inspector.formats.archive.android_backup import parse_backup
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


@pytest.mark.packers
def test_output_of_android_backup(tmp_path, monkeypatch):
    module = pytest.importorskip("android_backup.android_backup", reason="needs android-backup")
    source = tmp_path / "apps" / "com.example"
    source.mkdir(parents=True)
    (source / "prefs.xml").write_bytes(b"server=iot.example.cn\n" * 60)
    backup = module.AndroidBackup()
    backup.version, backup.compression = 5, module.CompressionType.ZLIB
    backup.encryption = module.EncryptionType.NONE
    entry = tarfile.TarInfo("apps/com.example/prefs.xml")
    entry.size = (source / "prefs.xml").stat().st_size
    (tmp_path / "order").write_bytes(pickle.dumps([entry]))
    monkeypatch.chdir(tmp_path)  # the packer changes the folder
    backup.pack(str(tmp_path / "x.ab"), str(tmp_path), pickle_fname=str(tmp_path / "order"))
    backup.close()
    (held,) = parts(parse_backup(BufferReader((tmp_path / "x.ab").read_bytes()))).values()
    with tarfile.open(fileobj=io.BytesIO(held)) as tar:
        contents = [tar.extractfile(member) for member in tar if member.isfile()]
    assert [file.read() for file in contents if file] == [b"server=iot.example.cn\n" * 60]
