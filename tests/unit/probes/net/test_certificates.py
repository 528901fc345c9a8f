"""The chain that a connection was verified by."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from probes.net.certificates import MOST_NAMES, Tls, _name, _read, agreed, refusal
from thuocdo.core.model import Reason

HOST = "portal.thuocdo.test"
NOW = datetime.now(UTC).replace(microsecond=0)


def issue(name, *, days, key, issuer=None, issuer_key=None, host=None):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer_key:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(authority, critical=False)
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def shake_hands(client, server):
    """Connect two contexts in memory and return the client's side."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(back, there, server_hostname=HOST)
    far = server.wrap_bio(there, back, server_side=True)
    waiting = {near, far}
    for _ in range(10):
        for side in tuple(waiting):
            try:
                side.do_handshake()
                waiting.discard(side)
            except ssl.SSLWantReadError:
                pass
    assert not waiting
    return near


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ([(NameOID.COMMON_NAME, "h.vn"), (NameOID.EMAIL_ADDRESS, "an@h.vn")], "h.vn"),
        ([(NameOID.ORGANIZATION_NAME, "UBND"), (NameOID.SERIAL_NUMBER, "079203001234")], "UBND"),
        ([(NameOID.EMAIL_ADDRESS, "an@h.vn"), (NameOID.STREET_ADDRESS, "12 Lê Lợi")], ""),
    ],
)
def test_of_a_name_the_parts_that_are_of_persons_are_not_told(attributes, told):
    assert _name(x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])) == told


@pytest.fixture
def connected(tmp_path):
    """The client's side of a connection whose chain has an intermediate certificate; days until each certificate ends."""

    def connect(root_days, intermediate_days, leaf_days):
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        root = issue("Root", days=root_days, key=keys[0])
        middle = issue("Middle", days=intermediate_days, key=keys[1], issuer=root, issuer_key=keys[0])
        leaf = issue("Leaf", days=leaf_days, key=keys[2], issuer=middle, issuer_key=keys[1], host=HOST)
        (tmp_path / "chain.pem").write_bytes(pem(leaf) + pem(middle))
        (tmp_path / "key.pem").write_bytes(
            keys[2].private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (tmp_path / "root.pem").write_bytes(pem(root))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
        return shake_hands(ssl.create_default_context(cafile=tmp_path / "root.pem"), server)

    return connect


@pytest.mark.parametrize("days", [(30, 20, 10), (30, 10, 20), (10, 30, 20)])
def test_the_earliest_end_of_the_whole_chain_counts_and_the_leafs_own_is_told_apart(connected, days):
    chain = agreed(connected(*days)).chain
    assert chain.expires_at == (NOW + timedelta(days=min(days))).timestamp()
    assert chain.leaf_expires_at == (NOW + timedelta(days=days[2])).timestamp()
    assert (chain.subject, chain.issuer) == ("Leaf", "Middle")


def test_what_was_agreed_on_is_told(connected):
    facts = agreed(connected(3, 2, 1))
    assert facts.version == "TLSv1.3"
    assert facts.cipher.startswith("TLS_")
    assert facts.alpn == ""


def test_the_servers_own_certificate_is_told_by_its_names_and_its_fingerprint(connected):
    connection = connected(3, 2, 1)
    chain = agreed(connection).chain
    assert chain.names == (HOST,)
    assert chain.fingerprint == hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()


def test_of_many_names_the_first_are_told():
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, *(f"h{number}.thuocdo.test" for number in range(100))).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    assert len(agreed(shake_hands(client, server)).chain.names) == MOST_NAMES


def test_a_name_without_common_name_is_told_whole():
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    assert "trustme" in agreed(shake_hands(client, server)).chain.issuer


TLS_13, RSA_EXCHANGE = "TLS_AES_128_GCM_SHA256", "AES128-GCM-SHA256"


def refused(key, cipher=TLS_13, uses=(), subject="Leaf", critical=False):
    """Return why browsers would not take a certificate of a key, with the uses that it names, None = they take it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else [])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=critical)
    )
    if uses:
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        others = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        usage = x509.KeyUsage(**{one: one in uses for one in (*names, *others)})
        builder = builder.add_extension(usage, critical=True)
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    chain = _read((signed.public_bytes(serialization.Encoding.DER),))
    fault = refusal(Tls(version="", cipher=cipher, alpn="", chain=chain))
    return fault and fault.reason


def test_a_key_of_a_kind_that_browsers_do_not_speak_is_a_tls_error():
    assert refused(ed25519.Ed25519PrivateKey.generate()) is Reason.TLS_ERROR
    assert refused(ec.generate_private_key(ec.SECP521R1())) is Reason.TLS_ERROR
    assert refused(ec.generate_private_key(ec.SECP384R1())) is None


@pytest.mark.parametrize(
    ("cipher", "uses", "reason"),
    [
        (TLS_13, (), None),
        (TLS_13, ("digital_signature",), None),
        (TLS_13, ("key_encipherment",), Reason.CERTIFICATE_INVALID),
        ("ECDHE-RSA-AES128-GCM-SHA256", ("key_encipherment",), Reason.CERTIFICATE_INVALID),
        (RSA_EXCHANGE, ("key_encipherment",), None),
        (RSA_EXCHANGE, ("digital_signature",), Reason.CERTIFICATE_INVALID),
        (RSA_EXCHANGE, ("digital_signature", "key_encipherment"), None),
    ],
)
def test_a_key_is_used_as_its_certificate_allows(cipher, uses, reason):
    assert refused(rsa.generate_private_key(65537, 2048), cipher, uses) is reason


def test_without_a_subject_the_other_name_has_to_be_critical():
    key = ec.generate_private_key(ec.SECP256R1())
    assert refused(key, subject="") is Reason.CERTIFICATE_INVALID
    assert refused(key, subject="", critical=True) is None
    assert refusal(Tls(version="", cipher=TLS_13, alpn="", chain=None)) is None
