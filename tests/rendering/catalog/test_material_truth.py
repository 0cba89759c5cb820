"""What the product tree says about finishes is what Blender assigns, part by part and color by color."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_library import FINISHES, RULES
from blender_scripts.finish_rules import Rule
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from rendering.catalog.materials import decide, parts_of
from tests import appearance
from tests.media_assets.cad.conftest import finish
from tests.needs import blender_python
from tests.paths import CORPUS, SAMPLE

CASES = (
    SAMPLE,
    CORPUS / "hinge_creo_ap203.stp",
    CORPUS / "bearing_names_x2.step",
    CORPUS / "box_sides_inch_assembly.step",
)
OWN = (Rule(FINISHES["copper"], key="*#2"), Rule(FINISHES["rubber"], words="*rolle"), *RULES)


def told_by_blender(asked: list[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    argv = [blender_python(), "-m", "tests.blender_scripts.assigned"]
    done = subprocess.run(argv, input=json.dumps(asked), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answers


def told_by_us(tree: dict[str, Any], rules: tuple[Rule, ...]) -> dict[str, list[str]]:
    chooser = Chooser(rules)
    found: dict[str, list[str]] = {}
    for part in parts_of(tree):
        found.setdefault(part.key, []).append(chooser.rules[chooser.choose(part)].finish.slug)
    return found


@pytest.mark.blender
def test_blender_assigns_what_the_tree_says(tmp_path: Path) -> None:
    described = tmp_path / "described.glb"
    described.write_bytes(appearance.write("picture"))
    sources = [source for source in (described, *CASES) if source.exists()]
    expected, asked = [], []
    for number, source in enumerate(sources):
        out = tmp_path / str(number)
        out.mkdir()
        result = finish(Conversion(source, out, PRESETS["draft"], want_usd=False, name="Part"))
        for rules in (RULES, OWN):
            tree = result.report["tree"]
            expected.append(told_by_us(tree, rules))
            # Blender is sent only the rules that decide for some part, as a job is.
            sent = decide(parts_of(tree), Chooser(rules)).rules
            asked.append((str(result.glb), [rule.to_json() for rule in sent]))
    answers = told_by_blender(asked)
    for (glb, _), wanted, answer in zip(asked, expected, answers, strict=True):
        assert answer["finishes"] == wanted, glb
        assert answer["left_behind"] == 0
        sets = {tuple(slugs) for slugs in wanted.values()}
        assert answer["meshes"] <= answer["meshes_of_file"] + len(sets), "objects share meshes"
    assert answers[0]["finishes"] == {"/Ball": ["as_described"], "/Plate": ["as_described"]}
    if len(sources) <= len(CASES):
        pytest.skip("the shared CAD corpus is not beside the project")
