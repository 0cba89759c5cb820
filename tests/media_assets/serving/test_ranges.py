"""Parts of a file, as players ask for them."""

from __future__ import annotations

import io

import pytest

from media_assets.serving.ranges import ByteRange, Unsatisfiable


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-1", ByteRange(0, 1)),
        ("bytes=90-200", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-200", ByteRange(0, 99)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("pages=1-2", None),
        (f"bytes={'9' * 5000}-", None),
        (f"bytes=0-{'9' * 5000}", None),
        (f"bytes=-{'9' * 5000}", None),
        ("bytes=٣-", None),
        (f"bytes=5-{'9' * 19}", ByteRange(5, 99)),
    ],
)
def test_one_range_is_understood_and_all_else_means_the_whole_file(
    header: str, part: ByteRange | None
) -> None:
    assert ByteRange.asked(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=200-300", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        ByteRange.asked(header, 100)


def test_a_part_is_read_in_pieces_and_the_file_is_closed() -> None:
    stream = io.BytesIO(bytes(range(256)) * 1000)
    assert b"".join(ByteRange(10, 200_000).chunks(stream)) == stream_of(10, 200_000)
    assert stream.closed


def stream_of(start: int, end: int) -> bytes:
    return (bytes(range(256)) * 1000)[start : end + 1]
