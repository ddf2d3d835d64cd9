"""`inspector bundle` and `inspector verify`: what is written, and which code is given back."""

import subprocess
import sys

import orjson
import pytest

from tests.unit.bundle.conftest import SAMPLE


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "inspector", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def bundled(tmp_path, keys):
    path = tmp_path / "bundle.zip"
    result = run("bundle", SAMPLE, "-o", path, "--key", keys[0])
    assert (result.returncode, result.stdout) == (0, "")
    return path


def test_an_artifact_is_bundled_and_verified_again_under_another_name(tmp_path, bundled, keys):
    copy = tmp_path / "renamed.img"
    copy.write_bytes(SAMPLE.read_bytes())
    result = run("verify", bundled, copy, "--pub", keys[1])
    assert result.returncode == 0, result.stderr
    assert "byte for byte" in result.stdout


@pytest.mark.parametrize("names", [("base.apk", "split_a.apk"), ("com.example.apk", "config.cs.apk"), ("Ex.app",)])
def test_an_artifact_of_several_files_is_verified_again(tmp_path, keys, names):
    first, second = tmp_path / "first", tmp_path / "second" / "of it"
    for folder in (first, second):
        folder.mkdir(parents=True)
        files = {"Ex.app/Info.plist": b"", "Ex.app/Ex": b"x"} if names == ("Ex.app",) else dict.fromkeys(names, b"x")
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    told, again = (folder / "Ex.app" if "Ex.app" in names else folder for folder in (first, second))
    assert run("bundle", told, "-o", tmp_path / "b.zip", "--key", keys[0]).returncode == 0
    result = run("verify", tmp_path / "b.zip", again, "--pub", keys[1])
    assert result.returncode == 0, result.stderr
    assert "byte for byte" in result.stdout


def test_another_artifact_is_told_apart(bundled, keys):
    result = run("verify", bundled, __file__, "--pub", keys[1])
    assert result.returncode == 3
    assert "is about another file" in result.stderr


def test_the_same_inputs_with_another_result_are_a_failure(tmp_path, profile, keys):
    document = orjson.loads(profile)
    document["findings"] = document["findings"][1:]
    made = tmp_path / "profile.json"
    made.write_bytes(orjson.dumps(document))
    assert run("bundle", made, "-o", tmp_path / "b.zip", "--key", keys[0]).returncode == 0
    assert run("verify", tmp_path / "b.zip", "--pub", keys[1]).returncode == 0
    result = run("verify", tmp_path / "b.zip", SAMPLE, "--pub", keys[1])
    assert result.returncode == 3
    assert "the same inputs gave another profile" in result.stderr
    assert "is new" in result.stdout


def test_other_knowledge_with_another_result_is_no_failure_but_not_silent(tmp_path, profile, keys):
    document = orjson.loads(profile)
    document["knowledge"]["sha256"] = "0" * 64
    document["findings"] = document["findings"][1:]
    made = tmp_path / "profile.json"
    made.write_bytes(orjson.dumps(document))
    run("bundle", made, "-o", tmp_path / "b.zip", "--key", keys[0])
    result = run("verify", tmp_path / "b.zip", SAMPLE, "--pub", keys[1])
    assert result.returncode == 1
    assert "made with other inputs" in result.stdout


@pytest.mark.parametrize("field", ["limits", "name"])
def test_a_signed_profile_cannot_ask_for_everything(tmp_path, profile, keys, field):
    document = orjson.loads(profile)
    if field == "limits":
        document["coverage"]["limits"]["memory"] = 1 << 60
    else:
        document["artifact"]["name"] = "../../outside"
    made = tmp_path / "profile.json"
    made.write_bytes(orjson.dumps(document))
    run("bundle", made, "-o", tmp_path / "b.zip", "--key", keys[0])
    result = run("verify", tmp_path / "b.zip", SAMPLE, "--pub", keys[1])
    assert result.returncode == 3
    assert "does not hold" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("bundle", "missing.bin", "-o", "out.zip", "--key", "{key}"),
        ("bundle", "{sample}", "-o", "out.zip", "--key", "missing.pem"),
        ("bundle", "{sample}", "-o", "out.zip", "--key", "{pub}"),
        ("bundle", "{sample}", "-o", "out.zip", "--key", "{key}", "--run-record", "missing.json"),
        ("verify", "missing.zip", "--pub", "{pub}"),
        ("verify", "{sample}", "--pub", "{key}"),
        ("verify", "{sample}", "--pub", "{sample}"),
    ],
)
def test_a_mistake_of_the_operator_is_one_line(arguments, keys):
    filled = [word.format(key=keys[0], pub=keys[1], sample=SAMPLE) for word in arguments]
    result = run(*filled)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("inspector: ")
    assert result.stderr.count("\n") == 1


def test_openssh_keys_are_taken(tmp_path, key, profile):
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    private, public, made = tmp_path / "id", tmp_path / "id.pub", tmp_path / "profile.json"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b" someone@host\n")
    made.write_bytes(profile)
    assert run("bundle", made, "-o", tmp_path / "b.zip", "--key", private).returncode == 0
    assert run("verify", tmp_path / "b.zip", "--pub", public).returncode == 0


def test_an_encrypted_key_needs_a_terminal(tmp_path, key):
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    private = tmp_path / "key.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    result = subprocess.run(
        [sys.executable, "-m", "inspector", "bundle", str(SAMPLE), "-o", str(tmp_path / "b"), "--key", str(private)],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 2
    assert "passphrase" in result.stderr
