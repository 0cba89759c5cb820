"""Real renders of the sample in the shipped outputs of channels: framed, white and named as each asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from blender_scripts.launch import Session
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from rendering.catalog.channels.rules import Demand, Judged, refusals
from rendering.catalog.channels.shipped import SHIPPED, Shipped
from rendering.catalog.recipes import background, look
from rendering.models import OutputType
from rendering.pictures import encode
from rendering.pictures.measure import measure, silhouette
from tests.blender_scripts.conftest import render, spec_for
from tests.media_assets.cad.conftest import finish
from tests.paths import SAMPLE

SIDE = 400
# What depends on the size of the file, or on a name: those have tests of their own.
OF_SIZE = ("longest_min", "longest_max", "shortest_min", "size", "name", "metadata", "dpi_min")

pytestmark = pytest.mark.cad


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    return finish(Conversion(SAMPLE, out, PRESETS["draft"], want_usd=False, name="Part")).glb


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda one: one.slug)
def test_the_sample_is_ready_for_each_shipped_profile(
    session: Session, sample: Path, tmp_path: Path, profile: Shipped
) -> None:
    output = profile.outputs[0]  # the others differ from it in their view, size or format
    kind = OutputType(**output.fields)
    master = tmp_path / "master.png"
    spec = spec_for(sample, master, look=look(kind), width=SIDE, height=SIDE, samples=2, denoise=False)
    assert render(session, spec).outcome.ok
    recipe = {
        "format": kind.format,
        "width": SIDE,
        "height": SIDE,
        "background": background(kind),
        "quality": kind.quality,
        "bit_depth": kind.bit_depth,
        "clipping_path": kind.clipping_path,
        "view": {"look": look(kind).to_json()},
    }
    target = tmp_path / f"a.{kind.format}"
    encode.encode(master, target, recipe, {"recipe_key": "ab"})
    facts = measure(target, silhouette(master, recipe))
    assert facts.fill is not None
    # The camera fits by projected bounds: one px on each side is the edge, which is not opaque.
    assert abs(facts.fill - (1 - 2 * kind.margin)) <= 3 / SIDE, facts
    asked = [Demand(one.kind, one.value, one.code) for one in profile.rules if one.kind not in OF_SIZE]
    assert refusals(asked, output.code, Judged(facts, "a.jpg")) == []
