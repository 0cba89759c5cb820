"""How different two colors look: CIEDE2000 (Sharma, Wu, Dalal 2005; CIE 142-2001), from sRGB by way of CIELAB."""

from __future__ import annotations

import math
from collections.abc import Sequence

_WHITE = (0.95047, 1.0, 1.08883)
_TO_XYZ = (
    (0.4123908, 0.3575843, 0.1804808),
    (0.2126390, 0.7151687, 0.0721923),
    (0.0193308, 0.1191948, 0.9505322),
)
"""IEC 61966-2-1: linear sRGB to XYZ, and its white, D65."""


def linear(channel: float) -> float:
    """An sRGB channel (0 to 1) as linear light (IEC 61966-2-1)."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def lab(srgb: Sequence[float]) -> tuple[float, float, float]:
    """sRGB (0 to 1) as CIELAB under D65."""
    light = [linear(channel) for channel in srgb]
    xyz = (
        sum(part * one for part, one in zip(row, light, strict=True)) / white
        for row, white in zip(_TO_XYZ, _WHITE, strict=True)
    )
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def hue_and_chroma(one: Sequence[float]) -> tuple[float, float]:
    """The hue angle in degrees and the chroma of a CIELAB color."""
    return math.degrees(math.atan2(one[2], one[1])) % 360, math.hypot(one[1], one[2])


def ciede2000(one: Sequence[float], other: Sequence[float]) -> float:
    """The difference of two CIELAB colors; about 1 can just be seen side by side."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = (1 - math.sqrt(mean**7 / (mean**7 + 25**7))) / 2
    (h1, c1), (h2, c2) = (hue_and_chroma((0, (1 + g) * a, b)) for a, b in ((a1, b1), (a2, b2)))
    dh = 0.0
    if c1 * c2:
        dh = h2 - h1
        dh -= 360 if dh > 180 else -360 if dh < -180 else 0
    big_dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh / 2))
    mean_l, mean_c, mean_h = (l1 + l2) / 2, (c1 + c2) / 2, h1 + h2
    if c1 * c2:
        if abs(h1 - h2) > 180:
            mean_h += 360 if mean_h < 360 else -360
        mean_h /= 2
    t = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    s_c = 1 + 0.045 * mean_c
    s_h = 1 + 0.015 * mean_c * t
    turn = math.radians(60 * math.exp(-(((mean_h - 275) / 25) ** 2)))
    r_t = -2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * math.sin(turn)
    light, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, big_dh / s_h
    return math.sqrt(light**2 + chroma**2 + hue**2 + r_t * chroma * hue)
