"""Checks against their published values, and those of two pieces against that of the whole."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.services.s3.crc import CRC32, CRC32C, CRC64NVME, Crc, Polynomial, combined

POLYNOMIALS = [CRC32, CRC32C, CRC64NVME]


def check_of(polynomial: Polynomial, *pieces: bytes) -> bytes:
    crc = Crc(polynomial)
    for piece in pieces:
        crc.update(piece)
    return crc.digest()


@pytest.mark.parametrize(
    ("polynomial", "published"), [(CRC32, "cbf43926"), (CRC32C, "e3069283"), (CRC64NVME, "ae8b14860a799888")], ids=["32", "32C", "64NVME"]
)
def test_the_check_of_one_to_nine_is_the_published_one(polynomial: Polynomial, published: str) -> None:
    assert check_of(polynomial, b"123456789").hex() == published


@pytest.mark.parametrize("polynomial", POLYNOMIALS, ids=["32", "32C", "64NVME"])
@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_two_pieces_give_the_check_of_the_whole(polynomial: Polynomial, first: bytes, second: bytes) -> None:
    whole = check_of(polynomial, first + second)
    assert check_of(polynomial, first, second) == whole
    assert combined(polynomial, check_of(polynomial, first), check_of(polynomial, second), len(second)) == whole


@given(st.binary(max_size=300))
def test_zlib_agrees(data: bytes) -> None:
    assert int.from_bytes(check_of(CRC32, data)) == zlib.crc32(data)
