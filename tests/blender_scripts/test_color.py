"""The color contract: a matte patch that faces the key shows its CAD color, as far as its view transform keeps it.

Measured differences (CIEDE2000) and their limits, over a chart of grays, primaries and RAL-like colors:

- Standard: nothing but the light's evenness and noise. Limit 2.
- Khronos PBR Neutral: holds colors up to 80 % of white and rolls off what is lighter or more saturated. Limit 4.
- AgX: films so on purpose. Grays darken from the middle up, saturated colors lose chroma; hues stay within 25 degrees,
  mid grays within 3.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from blender_scripts.contract import Look
from blender_scripts.launch import Session
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.patches import place, rgb, write_chart
from tests.color_difference import ciede2000, hue_and_chroma, lab

COLORS = (
    *("#1a1a1a", "#444444", "#808080", "#bfbfbf", "#f2f2f2", "#c1121c"),
    *("#1e5945", "#2271b3", "#f4c430", "#ff7514", "#6c3b8f", "#40a0a0"),
)
GRAYS = COLORS[:5]
SIDE = 160
MARGIN = 0.02
LIMITS = {"Standard": 2.0, "Khronos PBR Neutral": 4.0}

Lab = tuple[float, float, float]


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chart(tmp_path_factory.mktemp("chart") / "chart.glb", COLORS)


def shown(session: Session, chart: Path, folder: Path, **look: object) -> dict[str, Lab]:
    """The patches as CIELAB, seen from above."""
    values: dict[str, object] = {
        "camera_view": "top",
        "orthographic": True,
        "margin": MARGIN,
        "ground": "none",
    }
    values |= {"materials": "cad", "edges": False, **look}
    spec = spec_for(
        chart,
        folder / "chart.png",
        look=Look(**values),  # type: ignore[arg-type]
        width=SIDE,
        height=SIDE,
        samples=48,
        noise_threshold=0.0,
        color_depth=8,
    )
    outcome = render(session, spec).outcome
    assert outcome.ok, outcome.error
    found = {}
    # The chart's square is 2 / sqrt(2) of its radius wide and fills the picture up to its margin.
    scale = SIDE * (1 - 2 * MARGIN) / 2**0.5
    with Image.open(folder / "chart.png") as picture:
        for index, color in enumerate(COLORS):
            right, back = place(index)
            x, y = round(SIDE / 2 + right * scale - 0.5), round(SIDE / 2 - back * scale - 0.5)
            pixels = [picture.getpixel((x + dx, y + dy)) for dx in (-2, 0, 2) for dy in (-2, 0, 2)]
            found[color] = lab([sum(one[band] for one in pixels) / len(pixels) / 255 for band in range(3)])  # type: ignore[index]
    return found


@pytest.mark.parametrize("lighting", ["softbox", "high_key"])
@pytest.mark.parametrize("transform", LIMITS)
def test_a_matte_patch_shows_its_cad_color(
    session: Session, chart: Path, tmp_path: Path, lighting: str, transform: str
) -> None:
    patches = shown(session, chart, tmp_path, lighting=lighting, view_transform=transform)
    off = {color: ciede2000(lab(rgb(color)), patches[color]) for color in COLORS}
    assert max(off.values()) <= LIMITS[transform], off
    assert patches["#f2f2f2"][0] < 99, "white is clipped"


def test_agx_keeps_hues_and_the_middle_of_the_grays(session: Session, chart: Path, tmp_path: Path) -> None:
    patches = shown(session, chart, tmp_path, view_transform="AgX")
    off = {color: ciede2000(lab(rgb(color)), patches[color]) for color in COLORS}
    assert max(off[color] for color in ("#1a1a1a", "#444444", "#808080")) <= 3.0, off
    assert max(off.values()) <= 14.0, off
    _same_hues(patches, 25.0)


def test_the_dark_preset_keeps_hues(session: Session, chart: Path, tmp_path: Path) -> None:
    patches = shown(session, chart, tmp_path, lighting="dark", view_transform="Standard")
    assert all(patches[color][0] < lab(rgb(color))[0] for color in COLORS), "it is not dark"
    _same_hues(patches, 8.0)


def _same_hues(patches: dict[str, Lab], degrees: float) -> None:
    for color, seen in patches.items():
        hue, chroma = hue_and_chroma(lab(rgb(color)))
        seen_hue, seen_chroma = hue_and_chroma(seen)
        if color in GRAYS:
            assert seen_chroma < 2, color
        elif chroma > 10:
            assert abs((seen_hue - hue + 180) % 360 - 180) <= degrees, color
