from __future__ import annotations

from itertools import pairwise

import pytest

from rtmpscope.media.aac import aac_config, audio_specific_config_fields
from rtmpscope.wire import DecodeError, Truncated
from tests.media.cases import AAC_RECORDS, AudioRecord


@pytest.mark.parametrize("case", AAC_RECORDS, ids=lambda case: case.name)
def test_a_configuration_tells_the_output(case: AudioRecord) -> None:
    config = aac_config(bytes.fromhex(case.record))
    assert (config.profile, config.sample_rate, config.channels, config.core_sample_rate) == case[2:]


@pytest.mark.parametrize("case", AAC_RECORDS, ids=lambda case: case.name)
def test_fields_tile_the_configuration_without_overlap(case: AudioRecord) -> None:
    fields = audio_specific_config_fields(bytes.fromhex(case.record))
    assert fields[0].start == 0
    assert all(before.end <= after.start for before, after in pairwise(fields))
    assert all(field.end <= 4 * len(case.record) for field in fields)


def test_a_core_cut_behind_its_channels_is_still_a_core() -> None:
    assert aac_config(b"\x12\x10").channels == 2


@pytest.mark.parametrize("data", ["", "12", "2b", "2b92", "1780", "1180"])
def test_a_cut_configuration_is_truncated(data: str) -> None:
    with pytest.raises(Truncated):
        aac_config(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["1690", "1780000008"])
def test_reserved_frequencies_are_malformed(data: str) -> None:
    with pytest.raises(DecodeError, match="samplingFrequency"):
        aac_config(bytes.fromhex(data))


def test_reserved_channels_are_unknown() -> None:
    assert aac_config(b"\x12\x78").channels is None
