"""The certificate of the HTTPS port: made at the first start, signed by itself, kept in the data folder."""

import os
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from invocations import clock
from invocations.region import REGION

VALID_FOR = timedelta(days=397)
"""No longer: browsers and Apple's systems refuse certificates of a server that hold longer than 398 days."""
RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two files, in PEM."""

    path: Path
    key_path: Path


def ensure(folder: Path, domain: str = "") -> Certificate:
    """The certificate in *folder*; a new one where there is none, where it is about to expire, or has not all names."""
    certificate = Certificate(folder / "certificate.pem", folder / "key.pem")
    if not _is_good(certificate, names(domain)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(certificate, names(domain))
    return certificate


def names(domain: str = "") -> list[str]:
    """Whom the certificate speaks for. A star stands for one label only."""
    found = []
    for own in ("localhost", domain):
        if own:
            found += [own, f"*.{own}", f"*.lambda-url.{REGION}.{own}", f"*.s3.{own}"]
    return found


def _is_good(certificate: Certificate, wanted: list[str]) -> bool:
    try:
        found = x509.load_pem_x509_certificate(certificate.path.read_bytes())
        key = serialization.load_pem_private_key(certificate.key_path.read_bytes(), None)
        its_names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    is_current = clock.now() + RENEWED_BEFORE < found.not_valid_after_utc
    return is_current and set(wanted) <= set(its_names) and key.public_key() == found.public_key()


def _make(certificate: Certificate, wanted: list[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invocation Playground")])
    now = clock.now()
    alternatives = [*map(x509.DNSName, wanted), *(x509.IPAddress(ip_address(own)) for own in ("127.0.0.1", "::1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        # It signs nothing but itself: whoever trusts it trusts this server, and no other certificate.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(certificate.key_path, secret, 0o600)
    _write(certificate.path, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by more than *mode* says."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        file.write(content)
    unfinished.replace(path)
