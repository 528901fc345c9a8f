"""Time-stamp tokens of a small server on loopback that openssl answers for."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.unit.sealing.sealed_rounds import SEALED
from thuocdo.core.errors import ConfigurationError, TimestampAwayError
from thuocdo.sealing.findings import Tampering
from thuocdo.sealing.manifest import NAME
from thuocdo.sealing.packages import Sealed
from thuocdo.sealing.sealing import stamp
from thuocdo.sealing.timestamping import read_roots, stamp_of, stamped
from thuocdo.sealing.verifying import Trusted, verify

SETTINGS = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """A certificate authority and a time-stamp server's key, made by openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root.pem"
        (folder / "openssl.cnf").write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", "openssl.cnf")
        self._run("req", "-x509", *new, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=root", "-days", "9999",
                  "-extensions", "root")  # fmt: skip
        self._run("req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=tsa")
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "9999",
                  "-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", "server", "-out", "tsa.pem")  # fmt: skip

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def answer(self, request: bytes) -> bytes:
        (self.folder / "request").write_bytes(request)
        self._run("ts", "-reply", "-queryfile", "request", "-signer", "tsa.pem", "-inkey", "tsa.key",
                  "-config", "openssl.cnf", "-section", "tsa", "-out", "answer")  # fmt: skip
        return (self.folder / "answer").read_bytes()

    def accepts(self, token: Path, content: Path) -> bool:
        told = self._run("ts", "-verify", "-in", str(token), "-data", str(content), "-CAfile", "root.pem")
        return "Verification: OK" in told


@pytest.fixture(scope="module")
def authority(tmp_path_factory, require):
    require(shutil.which("openssl"), "the openssl program", "apt-get install openssl")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def served(authority):
    """The address of the server, and what it answers with: a function of the request."""

    class Served(ThreadingHTTPServer):
        answer = staticmethod(authority.answer)
        status = 200

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.asked.append((self.headers["Content-Type"], body))
            answer = self.server.answer(body)
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = Served(("127.0.0.1", 0), Handler)
    server.asked = []
    server.address = f"http://127.0.0.1:{server.server_port}/tsr?x=1"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_is_of_the_content_and_openssl_says_so_too(authority, served, tmp_path):
    token, content = tmp_path / "manifest.json.tsr", tmp_path / "manifest.json"
    content.write_bytes(b"{}")
    token.write_bytes(stamped(b"{}", served.address))
    found = stamp_of(token.read_bytes(), b"{}", read_roots(authority.root))
    assert found.is_trusted
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=10)
    assert authority.accepts(token, content)


def test_the_server_learns_the_digest_alone(served):
    stamped(b"what nobody else should read", served.address)
    [(kind, body)] = served.asked
    assert kind == "application/timestamp-query"
    assert b"what nobody else" not in body


def test_a_token_without_a_root_is_not_trusted_and_still_of_its_content(served):
    token = stamped(b"{}", served.address)
    assert not stamp_of(token, b"{}", ()).is_trusted
    with pytest.raises(ValueError, match="it is the token of another manifest"):
        stamp_of(token, b"[]", ())


def test_a_token_that_leads_to_another_root_is_refused(served, tmp_path):
    other = Authority(tmp_path)
    with pytest.raises(ValueError, match="does not lead to the certificates"):
        stamp_of(stamped(b"{}", served.address), b"{}", read_roots(other.root))


def test_a_token_of_sha_512_that_somebody_asked_for_by_hand_is_taken(authority, tmp_path):
    (tmp_path / "a").write_bytes(b"{}")
    query = ["openssl", "ts", "-query", "-data", "a", "-sha512", "-cert", "-out", "q"]
    subprocess.run(query, cwd=tmp_path, check=True, capture_output=True)
    token = authority.answer((tmp_path / "q").read_bytes())
    assert stamp_of(token, b"{}", read_roots(authority.root)).is_trusted


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (lambda _: b"", 503, "status 503"),
        (lambda _: b"<html>", 200, "no token of this manifest"),
        (lambda _: b"", 200, "no token of this manifest .it cannot be read here"),
        (lambda _: bytes.fromhex("30053003020102"), 200, "the server refused it"),
    ],
)
def test_an_answer_that_is_no_token_leaves_the_stamp_pending(served, answer, status, said):
    served.answer, served.status = answer, status
    with pytest.raises(TimestampAwayError, match=f"{said}.*its stamp pending"):
        stamped(b"{}", served.address)


def test_a_token_of_another_request_is_refused(authority, served):
    first = stamped(b"{}", served.address)
    served.answer = lambda _: first
    with pytest.raises(TimestampAwayError, match="it answers another request"):
        stamped(b"{}", served.address)


def test_no_server_at_all_leaves_the_stamp_pending():
    with pytest.raises(TimestampAwayError, match=r"127\.0\.0\.1:9/: no time-stamp token"):
        stamped(b"{}", "http://127.0.0.1:9/")


@pytest.fixture
def sealed_at(package, sealed_once, signer):
    """Return a function that seals the package at another instant."""

    def seal(at: datetime) -> Sealed:
        content = replace(sealed_once.manifest, sealed_at=at).to_json()
        (package / NAME).write_bytes(content)
        (package / f"{NAME}.minisig").write_text(signer.sign(content, at, NAME))
        return Sealed(folder=package, manifest=sealed_once.manifest, manifest_sha256="")

    return seal


def test_a_stamped_package_says_when(package, authority, served, sealed_at):
    stamp(sealed_at(SEALED - timedelta(days=900)), served.address)
    assert authority.accepts(package / "manifest.json.tsr", package / "manifest.json")
    found = verify(package, Trusted(roots=read_roots(authority.root)))
    assert found.stamp.is_trusted
    assert not [one for one in found.findings if one.tampering is Tampering.WRONG_STAMP]


def test_a_token_of_before_the_sealing_is_found(package, served, sealed_at):
    stamp(sealed_at(datetime.now(UTC) + timedelta(days=1)), served.address)
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.WRONG_STAMP]
    assert "before the round was sealed" in texts[0]


def test_a_token_of_another_manifest_is_found(package, authority):
    (package / "a").write_bytes(b"{}")
    query = ["openssl", "ts", "-query", "-data", "a", "-sha256", "-cert", "-out", "q"]
    subprocess.run(query, cwd=package, check=True, capture_output=True)
    (package / "manifest.json.tsr").write_bytes(authority.answer((package / "q").read_bytes()))
    (package / "a").unlink()
    (package / "q").unlink()
    [finding] = verify(package, Trusted()).findings
    assert (finding.tampering, finding.where) == (Tampering.WRONG_STAMP, "manifest.json.tsr")
    assert "proves nothing of this manifest: it is the token of another manifest" in finding.text


def test_what_is_no_certificate_is_refused(tmp_path):
    file = tmp_path / "x.pem"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_roots(file)
    file.write_bytes(b"no")
    with pytest.raises(ConfigurationError, match="no certificate is in it"):
        read_roots(file)
