"""Generated assemblies go through the contained child and lose nothing.

``RENDERDESK_EXAMPLES=500 pytest tests/media_assets/cad/test_assemblies.py`` tries more of them.
"""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.agreement import differences
from tests.media_assets.cad.conftest import finish
from tests.media_assets.cad.described import lost_in_writing
from tests.media_assets.cad.glb_facts import shown_in_glb
from tests.media_assets.cad.shown import Shown
from tests.media_assets.cad.witness import Witness

SEARCH = "RENDERDESK_EXAMPLES" in os.environ
"""Whether to look for new failures, and to simplify them, which takes minutes; else the same examples each time."""

EXAMPLES = int(os.environ.get("RENDERDESK_EXAMPLES", "20"))
MAX_PLACED = 60
DEFLECTION, AREA = 0.004, 0.03
UNITS = {"MM": "millimetre", "CM": "centimetre", "INCH": "inch", "M": "metre"}

ODD_NAMES = [
    *("", " ", "Bolt", "Bolt", "O'Brien", "''", "'", '"quoted"', "back\\slash", "a/b", "/"),
    *(
        "内圈 Ø15",
        "Наружное кольцо №1",
        "Wälzkörper ½″ 🛞",
        "שלום",
        "مرحبا",
        "e\u0301 combining",
        "\u202eright",
    ),
    *(
        "x" * 300,
        "é" * 30,
        "SOLID",
        "=>[0:1:1:2]",
        "NONE",
        "NAUO7",
        "12",
        "Bolt#2",
        "#12=",
        "a\tb",
        "a\nb",
        "*/",
    ),
    *("name; END-ISO-10303-21;", "$", "%s{0}", "<b>&amp;"),
]
names = st.one_of(
    st.sampled_from(ODD_NAMES), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
)
channels = st.integers(0, 255).map(lambda value: value / 255)
colors = st.tuples(channels, channels, channels, st.sampled_from([1.0, 1.0, 0.5, 0.2])).map(list)
lengths = st.floats(0.5, 200.0).map(lambda length: round(length, 3))
parts = st.fixed_dictionaries(
    {
        "name": names,
        "kind": st.sampled_from(["box", "cylinder", "cone", "sphere", "plate"]),
        "size": st.lists(lengths, min_size=3, max_size=3),
        "color": st.none() | colors,
        "faces": st.dictionaries(st.sampled_from("012"), colors, max_size=2),
    }
)
places = {
    "name": names,
    "color": st.none() | st.none() | colors,
    "move": st.lists(st.floats(-2000.0, 2000.0).map(lambda far: round(far, 6)), min_size=3, max_size=3),
    "axis": st.lists(st.sampled_from([-1.0, 0.0, 0.3, 1.0]), min_size=3, max_size=3),
    "angle": st.sampled_from([0.0, math.pi / 2, math.pi])
    | st.floats(-3.0, 3.0).map(lambda angle: round(angle, 6)),
}


def _holds_assemblies(assembly: dict[str, Any]) -> bool:
    return any("assembly" in child for child in assembly["children"])


@st.composite
def assemblies(draw: st.DrawFn) -> dict[str, Any]:
    """Return up to four levels, whose parts and subassemblies are placed again and again."""
    described = {
        "schema": draw(st.sampled_from(["AP203", "AP214IS", "AP242DIS"])),
        "unit": draw(st.sampled_from(sorted(UNITS))),
        "parts": draw(st.lists(parts, min_size=1, max_size=4)),
        "assemblies": [],
    }
    placed: list[int] = []
    for level in range(draw(st.integers(1, 4))):
        targets = [st.fixed_dictionaries({"part": st.integers(0, len(described["parts"]) - 1), **places})]
        if level:
            targets.append(st.fixed_dictionaries({"assembly": st.integers(0, level - 1), **places}))
        children = draw(st.lists(st.one_of(targets), min_size=1, max_size=4))
        count = 0
        kept = []
        for child in children:
            if "assembly" in child and _holds_assemblies(described["assemblies"][child["assembly"]]):
                # OpenCASCADE's writer leaves some of these colors out of the file.
                child["color"] = None
            below = placed[child["assembly"]] if "assembly" in child else 1
            if count + below <= MAX_PLACED:
                kept.append(child)
                count += below
        placed.append(count)
        described["assemblies"].append({"name": draw(names), "children": kept})
    return described


def convert(source: Path, folder: Path, earlier: Path | None = None) -> ConversionResult:
    folder.mkdir()
    return finish(Conversion(source, folder, PRESETS["standard"], name="made", earlier=earlier))


def check(witness: Witness, described: dict[str, Any], folder: Path) -> None:
    """Write an assembly, convert it, and again with the meshes of the first time; compare the results with it."""
    source = folder / "made.step"
    witness.ask("write", described, str(source))
    cad = witness.ask("cad", str(source))
    unlike = lost_in_writing(described, cad)
    assert not unlike, unlike
    first = convert(source, folder / "first")
    second = convert(source, folder / "second", first.usd)
    assert first.glb.read_bytes() == second.glb.read_bytes()
    assert first.usd and second.usd and first.usd.read_bytes() == second.usd.read_bytes()
    assert second.report["meshes_reused"] == second.report["parts"]
    glb = shown_in_glb(first.glb)
    usd = Shown.from_json(witness.ask("usd", str(first.usd)))
    assert first.report["unit"] == UNITS[described["unit"]]
    for shown in (glb, usd):
        lost = differences(cad, shown, deflection=DEFLECTION, area=AREA)
        assert not lost, lost
    keys = {part.key: part.matrix for part in glb.placed}
    assert keys.keys() == {part.key for part in usd.placed}
    assert keys == {part.key: part.matrix for part in shown_in_glb(second.glb).placed}
    assert all(key.startswith("/") for key in keys)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=not SEARCH,
    phases=list(Phase) if SEARCH else [Phase.explicit, Phase.generate],
)
@given(assemblies())
def test_generated_assembly_arrives_whole(witness: Witness, described: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(witness, described, Path(folder))


def test_part_without_any_name_is_called_like_what_it_is_in(witness: Witness, tmp_path: Path) -> None:
    place = {"name": "", "color": None, "move": [0, 0, 0], "axis": [0, 0, 1], "angle": 0.0}
    part = {"name": "", "kind": "box", "size": [1, 2, 3], "color": None, "faces": {}}
    shelf = {"name": "Regal", "children": [{"part": 0, **place}]}
    described = {"schema": "AP214IS", "unit": "MM", "parts": [part], "assemblies": [shelf]}
    witness.ask("write", described, str(tmp_path / "made.step"))
    assert convert(tmp_path / "made.step", tmp_path / "out").report["names"] == ["Regal"]
