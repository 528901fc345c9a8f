"""Keys and signatures, beside the plain minisign program."""

import shutil
import subprocess
from datetime import UTC, datetime

import minisign
import pytest

from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.sealing import keys
from thuocdo.sealing.keys import PublicKey, new_key, read_passphrase, read_public_key, read_secret_key
from thuocdo.sealing.signing import Signature, Signer

AT = datetime(2026, 12, 1, tzinfo=UTC)
SECRET_WORDS = "mật khẩu của tôi"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return new_key(tmp_path_factory.mktemp("keys") / "lan", SECRET_WORDS)


@pytest.fixture
def plain(require):
    """The plain program, run with a passphrase on its standard input where it asks for one."""
    program = shutil.which("minisign")
    require(program, "the minisign program", "apt-get install minisign")

    def run(*arguments, words="", code=0):
        done = subprocess.run([program, *arguments], input=words, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_the_secret_file_is_its_owners_alone_and_the_public_one_everybodys(made):
    assert (made.secret.name, made.public.name) == ("lan.key", "lan.pub")
    assert made.secret.stat().st_mode & 0o777 == 0o600
    assert made.public.stat().st_mode & 0o777 == 0o644
    assert read_public_key(made.public).text == made.text


def test_the_secret_file_is_encrypted(made):
    assert minisign.SecretKey.from_file(made.secret).is_encrypted()
    with pytest.raises(ConfigurationError, match="the passphrase is another"):
        read_secret_key(made.secret, "other")


@pytest.mark.parametrize("there", [".key", ".pub"])
def test_nothing_is_overwritten(tmp_path, there):
    (tmp_path / f"lan{there}").write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already, and a key is never replaced"):
        new_key(tmp_path / "lan", "x")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["mine"]


def test_an_empty_passphrase_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="the passphrase is empty"):
        new_key(tmp_path / "lan", "")
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        new_key(tmp_path / "none" / "lan", "x")


def test_a_disk_that_is_full_leaves_neither_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", full)
    monkeypatch.setattr(keys, "_KDF_BYTES", 1 << 20)
    with pytest.raises(StoreError, match="free space"):
        new_key(tmp_path / "lan", "x")
    assert list(tmp_path.iterdir()) == []


def test_the_plain_program_accepts_our_signature(made, plain, tmp_path):
    file = tmp_path / "manifest.json"
    file.write_bytes(b"{}")
    with Signer.unlocked(made.secret, SECRET_WORDS) as signer:
        (tmp_path / "manifest.json.minisig").write_text(signer.sign(b"{}", AT, file.name))
    said = plain("-V", "-p", str(made.public), "-m", str(file))
    assert "Signature and comment signature verified" in said
    assert "timestamp:1796083200\tfile:manifest.json\thashed" in said
    file.write_bytes(b"{ }")
    assert "Signature verification failed" in plain("-V", "-p", str(made.public), "-m", str(file), code=1)


def test_the_plain_program_signs_with_our_key(made, plain, tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"what was measured")
    plain("-S", "-s", str(made.secret), "-m", str(file), words=f"{SECRET_WORDS}\n")
    signature = Signature.read((tmp_path / "a.minisig").read_text())
    assert signature.signer(b"what was measured", [PublicKey(made.text)]) == PublicKey(made.text)


@pytest.mark.parametrize("way", [(), ("-l",)], ids=["hashed", "legacy"])
def test_what_the_plain_program_makes_is_accepted(plain, tmp_path, way):
    secret, public, file = tmp_path / "k.key", tmp_path / "k.pub", tmp_path / "a"
    file.write_bytes(b"what was measured")
    plain("-G", "-W", "-p", str(public), "-s", str(secret))
    plain("-S", *way, "-s", str(secret), "-m", str(file))
    key = read_public_key(public)
    signature = Signature.read((tmp_path / "a.minisig").read_text())
    assert signature.signer(b"what was measured", [key]) == key
    assert signature.key_id == key.id
    assert key.id.lstrip("0") in public.read_text()
    assert signature.signer(b"what was added", [key]) is None


def test_we_sign_with_a_key_of_the_plain_program(plain, tmp_path):
    secret, public, file = tmp_path / "k.key", tmp_path / "k.pub", tmp_path / "a"
    file.write_bytes(b"x")
    plain("-G", "-p", str(public), "-s", str(secret), words="x\nx\n")
    with Signer.unlocked(secret, "x") as signer:
        (tmp_path / "a.minisig").write_text(signer.sign(b"x", AT, "a"))
        assert signer.public_key == read_public_key(public)
    plain("-V", "-p", str(public), "-m", str(file))


def test_a_signature_is_of_one_key_alone(signer, machine):
    signature = Signature.read(signer.sign(b"x", AT, "x"))
    assert signature.signer(b"x", [machine.public_key]) is None
    assert signature.signer(b"x", [machine.public_key, signer.public_key]) == signer.public_key
    assert signature.key_id == signer.public_key.id != machine.public_key.id


def test_the_comment_is_signed_too(signer):
    text = signer.sign(b"x", AT, "x").replace("timestamp:1796083200", "timestamp:1796083201")
    assert Signature.read(text).signer(b"x", [signer.public_key]) is None


@pytest.mark.parametrize("text", ["", "no signature", "a\nb\nc\nd\n", "untrusted comment: x\n" * 4, "x" * 20_000])
def test_other_texts_are_no_signature(text):
    with pytest.raises(ValueError, match="signature"):
        Signature.read(text)


@pytest.mark.parametrize("text", ["", "RW", "x" * 56, "untrusted comment: only", "\ud7ff\n"])
def test_other_files_are_no_key(tmp_path, text):
    file = tmp_path / "x.pub"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="no public key of minisign"):
        read_public_key(file)
    with pytest.raises(ConfigurationError, match="no secret key of minisign"):
        read_secret_key(file, "x")


def test_the_line_of_a_public_key_alone_is_enough(tmp_path, made):
    file = tmp_path / "x.pub"
    file.write_text(made.text + "\n")
    assert read_public_key(file) == PublicKey(made.text)


def test_a_secret_key_without_a_passphrase_is_refused(tmp_path):
    file = tmp_path / "x.key"
    file.write_bytes(bytes(minisign.KeyPair.generate().secret_key))
    with pytest.raises(ConfigurationError, match="is not encrypted"):
        read_secret_key(file, "x")


def test_a_passphrase_is_the_file_without_its_last_line_break(tmp_path):
    file = tmp_path / "words"
    file.write_text(" với dấu cách \n")
    assert read_passphrase(file) == " với dấu cách "
    file.write_bytes(b"x" * 5000)
    with pytest.raises(ConfigurationError, match="holds more than 4096 bytes"):
        read_passphrase(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_passphrase(tmp_path / "none")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="it is no text"):
        read_passphrase(file)
