"""How alike a delivered frame and what the encoder got are: by small pictures of both."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageStat

PROBE_PX = 32  # a side of the small pictures that are compared
DIFFERENCE_AT_90, DIFFERENCE_STEP = (
    12.0,
    0.3,
)  # of 255, mean over a small picture; the more, the lower the quality


def small(image: Image.Image) -> bytes:
    """Return *image* as a small picture: RGBA with alpha multiplied in, so that clear pixels are all the same."""
    tiny = image.convert("RGBA").convert("RGBa").resize((PROBE_PX, PROBE_PX), Image.Resampling.BOX)
    return tiny.tobytes()


def most_different(quality: int) -> float:
    """Return how much a frame of this quality may differ from what the encoder got (see `difference`)."""
    return DIFFERENCE_AT_90 + DIFFERENCE_STEP * max(0, 90 - quality)


def difference(one: bytes, other: bytes) -> float:
    """Return the mean difference of two small pictures, of 255, in the channel where it is largest."""
    size = (PROBE_PX, PROBE_PX)
    pair = (Image.frombytes("RGBA", size, one), Image.frombytes("RGBA", size, other))
    return max(ImageStat.Stat(ImageChops.difference(*pair)).mean)
