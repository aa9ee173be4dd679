"""The signature on what a topic sends, so that receivers can check it as they check AWS's.

The key and its certificate are this server's own, made once and kept in the data folder.
"""

import base64
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from invocations import clock

KEY_BITS: Final = 2048
VALIDITY: Final = timedelta(days=3650)
NOTIFICATION_FIELDS: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION_FIELDS: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
"""What is signed, in this order (Developer Guide, "Verifying the signatures of Amazon SNS messages")."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key and the certificate that says whose it is."""

    key: rsa.RSAPrivateKey
    certificate: bytes
    """PEM."""
    certificate_name: str
    """SimpleNotificationService-….pem"""


def identity() -> Identity:
    """This server's."""
    return _identity_in(settings.DATA_DIR / "sns.pem")


def sign(members: Mapping[str, str | None], version: str) -> str:
    """Base64 signature of an envelope's members: SHA-1 with RSA for version "1", SHA-256 for "2"."""
    fields = CONFIRMATION_FIELDS if "Token" in members else NOTIFICATION_FIELDS
    text = "".join(f"{name}\n{members[name]}\n" for name in fields if members.get(name) is not None)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
    return base64.b64encode(identity().key.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()


@cache
def _identity_in(path: Path) -> Identity:
    if not path.exists():
        _make(path)
    text = path.read_bytes()
    key = serialization.load_pem_private_key(text, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = x509.load_pem_x509_certificate(text).public_bytes(serialization.Encoding.PEM)
    return Identity(key, certificate, f"SimpleNotificationService-{sha256(certificate).hexdigest()[:32]}.pem")


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # Written whole before it gets its name: another process sees the one key or none.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix="sns.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(private + _certificate(key).public_bytes(serialization.Encoding.PEM))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALIDITY)
        .sign(key, hashes.SHA256())
    )
