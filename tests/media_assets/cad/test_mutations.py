"""Damaged files harm nothing. ``RENDERDESK_MUTATIONS`` says how many are tried; ``make mutations`` tries more."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.failures import given_up
from tests.media_assets.cad.conftest import SAMPLES, Convert
from tests.media_assets.cad.damage import MUTATIONS, Mutation
from tests.media_assets.cad.mutation_sources import sound_files
from tests.media_assets.cad.mutations import endings, sound, table
from tests.media_assets.cad.witness import Witness

COUNT = int(os.environ.get("RENDERDESK_MUTATIONS", "300"))
SEED = int(os.environ.get("RENDERDESK_SEED", "1"))


@pytest.mark.timeout(900)
def test_every_damaged_file_ends_as_ready_or_with_a_named_error(tmp_path: Path, witness: Witness) -> None:
    sources = [sound(path) for path in sound_files(tmp_path, witness)]
    found = list(endings(sources, COUNT, SEED, tmp_path))
    print(table(found))
    assert len(found) == COUNT
    assert [one for one in found if one.wrong] == []


@given(st.sampled_from(MUTATIONS), st.binary(min_size=1, max_size=3000), st.integers())
def test_mutation_takes_any_bytes_and_repeats_itself(mutation: Mutation, content: bytes, seed: int) -> None:
    assert mutation(content, random.Random(seed)) == mutation(content, random.Random(seed))


@pytest.mark.parametrize(
    ("words", "code"),
    [("Standard_OutOfMemory: 80 bytes", "out_of_memory"), ("Standard_OutOfRange: 7", "damaged")],
)
def test_exception_of_the_reader_is_told_in_its_words(words: str, code: str) -> None:
    error = given_up(words, Limits())
    assert (error.code, error.words) == (code, words)
    assert "again" in error.message or "raise the limit" in error.message


def test_refusal_of_the_parser_keeps_its_words_and_the_line(tmp_path: Path, convert: Convert) -> None:
    path = tmp_path / "damaged.step"
    path.write_bytes((SAMPLES / "tapered_roller_bearing.step").read_bytes().replace(b"DATA;", b"DATUM;", 1))
    with pytest.raises(CadError) as failure:
        convert(path)
    assert failure.value.code == "unreadable"
    assert re.fullmatch(r"Undefined Parsing: Line \d+: .* expecting DATA", failure.value.words)


@pytest.mark.parametrize("number", [b"1.E400", b"NAN", b"7."])
def test_color_that_is_no_color_is_left_out(number: bytes, tmp_path: Path, convert: Convert) -> None:
    path = tmp_path / "damaged.step"
    sample = (SAMPLES / "tapered_roller_bearing.step").read_bytes()
    path.write_bytes(re.sub(rb"(COLOUR_RGB\s*\(''\s*,)[^,]*", rb"\g<1>" + number, sample, count=1))
    assert path.read_bytes() != sample
    assert convert(path).report["instances"] == 23
