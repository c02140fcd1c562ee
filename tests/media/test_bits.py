from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtmpscope.media.bits import BitReader, FieldReader, rbsp
from rtmpscope.wire import DecodeError, Truncated


def as_bytes(bits: str) -> bytes:
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def exp_golomb(code: int) -> str:
    text = f"{code + 1:b}"
    return "0" * (len(text) - 1) + text


def protect(data: bytes) -> bytes:
    """Insert emulation prevention bytes, as an encoder does."""
    out = bytearray()
    for byte in data:
        if out.endswith(b"\0\0") and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def test_bits_come_from_the_top() -> None:
    bits = BitReader(b"\xa5\xff")
    assert [bits.u(1, "a"), bits.u(3, "b"), bits.u(6, "c")] == [1, 2, 0b010111]
    assert bits.left == 6


def test_more_bits_than_there_are_is_truncated_at_their_byte() -> None:
    bits = BitReader(b"\0\0", start=10)
    bits.u(9, "a")
    with pytest.raises(Truncated) as caught:
        bits.u(8, "b")
    assert (caught.value.offset, caught.value.field) == (11, "b")


@settings(deadline=None)
@given(st.lists(st.integers(0, 1 << 20), max_size=20))
def test_exp_golomb_codes_come_back(codes: list[int]) -> None:
    bits = BitReader(as_bytes("".join(map(exp_golomb, codes))) if codes else b"")
    assert [bits.ue("code") for _ in codes] == codes


@pytest.mark.parametrize(("code", "value"), [(0, 0), (1, 1), (2, -1), (3, 2), (4, -2), (255, 128)])
def test_signed_codes_alternate(code: int, value: int) -> None:
    assert BitReader(as_bytes(exp_golomb(code))).se("code") == value


def test_an_endless_code_is_an_error() -> None:
    with pytest.raises(DecodeError):
        BitReader(bytes(4096)).ue("code")


@settings(deadline=None)
@given(st.lists(st.sampled_from((0, 0, 0, 1, 2, 3, 4)), max_size=60).map(bytes))
def test_emulation_prevention_is_undone(data: bytes) -> None:
    plain, dropped = rbsp(protect(data))
    assert plain == data
    assert len(dropped) == len(protect(data)) - len(data)


def test_fields_stand_where_their_bits_are_in_the_protected_bytes() -> None:
    data, dropped = rbsp(bytes.fromhex("000003010000030200"))
    reader = FieldReader(data, 5, dropped)
    for name in "abcdefg":
        reader.u(8, name)
    assert [field.start // 8 - 5 for field in reader.fields] == [0, 1, 3, 4, 5, 7, 8]
    assert all(field.end - field.start == 8 for field in reader.fields)
