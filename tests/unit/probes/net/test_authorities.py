"""Which authorities a client trusts."""

import ssl
from pathlib import Path

import pytest
import trustme

from probes.net.authorities import trusting_context


def shake_hands(context: ssl.SSLContext, authority: trustme.CA) -> None:
    """Let a client of the context meet a server of the authority, in memory."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("portal.test").configure_cert(server_context)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(down, up, server_hostname="portal.test")
    server = server_context.wrap_bio(up, down, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_a_given_authority_is_trusted_and_any_other_is_not(ca_file: Path, authority: trustme.CA) -> None:
    shake_hands(trusting_context(ca_file), authority)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(trusting_context(None), authority)


def test_the_systems_authorities_are_trusted_as_pythons_own_context_trusts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("SSL_CERT_DIR", "SSL_CERT_FILE"):  # of all unit tests
        monkeypatch.delenv(variable)
    usual = ssl.create_default_context()
    usual.load_verify_locations(ssl.get_default_verify_paths().cafile)
    subjects = {str(ca["subject"]) for ca in usual.get_ca_certs()}
    assert subjects
    assert subjects <= {str(ca["subject"]) for ca in trusting_context(None).get_ca_certs()}


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_environment_may_name_the_systems_authorities(
    variable: str, tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "0a1b2c3d.0")
    (tmp_path / "4e5f6071.0").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv(variable, str(tmp_path if variable == "SSL_CERT_DIR" else tmp_path / "0a1b2c3d.0"))
    shake_hands(trusting_context(None), authority)


def test_hosts_are_checked(authority: trustme.CA) -> None:
    context = trusting_context(None)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_file_without_a_certificate_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(OSError, match="certificate"):
        trusting_context(tmp_path / "ca.pem")
