"""Checksums that clients send along with bytes, by S3's names for them, and those of uploads in parts."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from invocations.errors import NotImplementedHere
from invocations.services.s3 import crc
from invocations.services.s3.errors import bad_digest, invalid_request


class Digest(Protocol):
    """A hash of bytes that come piece by piece."""

    def update(self, data: bytes, /) -> None:
        """Takes the next bytes."""

    def digest(self) -> bytes:
        """The hash of what has come."""


_POLYNOMIALS: Final = {"CRC32": crc.CRC32, "CRC32C": crc.CRC32C, "CRC64NVME": crc.CRC64NVME}
_MAKERS: Final[Mapping[str, Callable[[], Digest]]] = {
    "CRC32": lambda: crc.Crc(crc.CRC32),
    "CRC32C": lambda: crc.Crc(crc.CRC32C),
    "CRC64NVME": lambda: crc.Crc(crc.CRC64NVME),
    "SHA1": hashlib.sha1,
    "SHA256": hashlib.sha256,
    "SHA512": hashlib.sha512,
    "MD5": hashlib.md5,
}
FULL_OBJECT: Final = "FULL_OBJECT"
COMPOSITE: Final = "COMPOSITE"
MEMBER: Final = "Checksum"
"""What members of AWS's shapes begin with: ChecksumCRC32."""
_NO_ALGORITHMS: Final = frozenset({"ChecksumAlgorithm", "ChecksumMode", "ChecksumType"})


def make(names: Iterable[str]) -> dict[str, Digest]:
    """A digest for each name. Raises NotImplemented for one that is not known here."""
    return {name: _maker(name)() for name in names}


def _maker(name: str) -> Callable[[], Digest]:
    try:
        return _MAKERS[name]
    except KeyError:
        raise NotImplementedHere(f"Checksums of the kind {name} are not verified here; use one of {', '.join(_MAKERS)}.") from None


def text(digest: bytes) -> str:
    """As it stands in headers and answers."""
    return base64.b64encode(digest).decode()


def given(members: Mapping[str, object]) -> dict[str, str]:
    """{"CRC32": base64} of the checksums among *members*. Raises InvalidRequest for more than one."""
    found = {
        name.removeprefix(MEMBER): str(value)
        for name, value in members.items()
        if name.startswith(MEMBER) and name not in _NO_ALGORITHMS and value is not None
    }
    if len(found) > 1:
        raise invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    return found


def check(expected: Mapping[str, str], computed: Mapping[str, bytes]) -> None:
    """Raises BadDigest unless each checksum is the one computed, InvalidRequest for one that can be none."""
    for name, value in expected.items():
        if len(_decoded(name, value)) != len(computed[name]):
            raise invalid_request(f"Value for x-amz-checksum-{name.lower()} header is invalid.")
        if _decoded(name, value) != computed[name]:
            raise bad_digest(f"The {name} you specified did not match the calculated checksum.")


def _decoded(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_request(f"Value for x-amz-checksum-{name.lower()} header is invalid.") from None


def default_type(algorithm: str) -> str:
    """The ChecksumType of an upload in parts that asks for none."""
    return FULL_OBJECT if algorithm == "CRC64NVME" else COMPOSITE


def check_type(algorithm: str, kind: str) -> None:
    """Raises InvalidRequest where a checksum of that kind cannot be had for a whole upload in parts."""
    is_possible = algorithm in _POLYNOMIALS if kind == FULL_OBJECT else algorithm != "CRC64NVME"
    if kind not in (FULL_OBJECT, COMPOSITE) or not is_possible:
        raise invalid_request(f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.")


def of_parts(algorithm: str, kind: str, parts: Sequence[tuple[str, int]]) -> str:
    """The checksum of a whole upload from (checksum, bytes) of its parts."""
    decoded = [(base64.b64decode(value), size) for value, size in parts]
    if kind == COMPOSITE:
        digest = _maker(algorithm)()
        digest.update(b"".join(value for value, _ in decoded))
        return f"{text(digest.digest())}-{len(parts)}"
    whole = decoded[0][0]
    for value, size in decoded[1:]:
        whole = crc.combined(_POLYNOMIALS[algorithm], whole, value, size)
    return text(whole)
