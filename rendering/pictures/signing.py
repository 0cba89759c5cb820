"""The installation's key: it signs what the encoder's child asks for, so the key itself never leaves the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils.translation import gettext as _

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

YEARS = 10  # without a server for timestamps, a signature is worth as much as its certificate is valid
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
HASHES = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512()}


class NoSigningKey(Exception):
    """There is no key that can be used; the message says why and what to do."""


@dataclass(frozen=True)
class SigningKey:
    """A private key with the chain of its certificates (PEM), and the C2PA name of its algorithm."""

    certificates: str
    algorithm: str
    key: PrivateKey = field(repr=False)

    @classmethod
    def load(cls, certificate: Path, key: Path) -> Self:
        """Return the key in these files, with which files can be signed here. Raises NoSigningKey."""
        if not find_spec("c2pa"):
            raise NoSigningKey(_("c2pa-python is not installed on this host. Install requirements-c2pa.txt."))
        try:
            chain = certificate.read_text("ascii")
            leaf = x509.load_pem_x509_certificates(chain.encode())[0]
            private = load_pem_private_key(key.read_bytes(), None)
        except FileNotFoundError as error:
            raise NoSigningKey(
                _(
                    "{file} is not there. Run 'manage.py signing_key create', or set C2PA_CERTIFICATE and C2PA_KEY."
                ).format(file=error.filename)
            ) from error
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise NoSigningKey(
                _("{certificate} and {key} can't be read as PEM without a password: {error}.").format(
                    certificate=certificate, key=key, error=error
                )
            ) from error
        if leaf.public_key() != private.public_key():
            raise NoSigningKey(
                _("{certificate} is not the certificate of {key}.").format(certificate=certificate, key=key)
            )
        if leaf.not_valid_after_utc < datetime.now(UTC):
            words = _("{certificate} ended on {day:%Y-%m-%d}. Make another one.")
            raise NoSigningKey(words.format(certificate=certificate, day=leaf.not_valid_after_utc))
        return cls(chain, _algorithm(private), private)  # type: ignore[arg-type]

    def sign(self, data: bytes) -> bytes:
        """Return the signature of *data*."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(HASHES[self.algorithm]))
        if isinstance(self.key, rsa.RSAPrivateKey):
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            return self.key.sign(data, salted, hashes.SHA256())
        return self.key.sign(data)


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "PS256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    raise NoSigningKey(_("C2PA takes keys on the curves P-256, P-384 and P-521, RSA and Ed25519."))


def create(organization: str) -> tuple[str, str, str]:
    """Return (certificates, private key, root certificate) as PEM, of a new authority that signs this one key alone.

    C2PA takes no self-signed certificate, so a root of its own signs it; the root's key is not kept.
    """
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _number in range(2))
    root_name = _name(organization, f"{organization} Renderdesk root"[:64])
    root = _certificate(root_name, root_key, root_name, root_key, is_root=True)
    leaf = _certificate(_name(organization, organization), key, root_name, root_key, is_root=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return _pem(leaf) + _pem(root), private, _pem(root)


def _name(organization: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    """Return a certificate as C2PA wants it (Technical Specification 2.2, "X.509 Certificates")."""
    used = {"key_cert_sign", "crl_sign"} if is_root else {"digital_signature"}
    now = datetime.now(UTC)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # hosts whose clock is behind
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(is_root, 0 if is_root else None), critical=True)
        .add_extension(x509.KeyUsage(**{name: name in used for name in USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
    )
    if not is_root:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
