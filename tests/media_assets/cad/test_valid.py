"""What we write, judged by the format's own validators: Khronos for GLB, OpenUSD for .usdc and .usdz."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assets.cad.contract import ConversionResult
from media_assets.cad.glb import GlbWriter
from media_assets.cad.placing import Box
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from media_assets.cad.usd import UsdWriter
from media_assets.serving.usdz import Package
from tests.media_assets.cad.conftest import CORPUS, PROJECT, Convert, needs_corpus

VALIDATOR = PROJECT / "tests" / "node" / "node_modules" / "gltf-validator"
NODE = shutil.which("node")

needs_validator = pytest.mark.skipif(
    not NODE or not VALIDATOR.is_dir(),
    reason="the Khronos validator needs Node.js (nodejs and npm) and its package: npm ci --prefix tests/node",
)

PROGRAM = """
const fs = require("fs");
const validator = require(process.argv[1]);
(async () => {
  const said = {};
  for (const path of process.argv.slice(2)) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(path)), {maxIssues: 20});
    said[path] = report.issues.messages.filter((one) => one.severity < 2).map((one) => one.code + " " + one.pointer);
  }
  console.log(JSON.stringify(said));
})();
"""


def khronos(*paths: Path) -> dict[str, list[str]]:
    """Errors and warnings of each file."""
    argv = [str(NODE), "-e", PROGRAM, str(VALIDATOR), *map(str, paths)]
    said: dict[str, list[str]] = json.loads(
        subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    )
    return said


def openusd(*paths: Path) -> dict[str, Any]:
    argv = [sys.executable, str(Path(__file__).parent / "usd_rules.py"), *map(str, paths)]
    found: dict[str, Any] = json.loads(
        subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    )
    return found


def matrix(rows: list[list[float]]) -> tuple[float, ...]:
    return tuple(np.vstack([np.array(rows), [0, 0, 0, 1]]).reshape(-1).tolist())


TURNED = matrix([[0.8, -0.6, 0, 5], [0.6, 0.8, 0, -7], [0, 0, 1, 1e5]])
MIRRORED = matrix([[-1, 0, 0, 40], [0, 1, 0, 0], [0, 0, 1, 0]])


def oddities() -> tuple[CadProduct, list[Mesh], Box]:
    """Names of every kind, transparent and missing colors, many points, a mirrored part, empty parts, deep trees."""
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 4]], np.float32)
    normals = (points + np.float32(0.1)) / np.linalg.norm(points + np.float32(0.1), axis=1, keepdims=True)
    corners = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]], np.uint32)
    small = Surface(points, normals, corners)
    copies = 20_000
    many = Surface(
        np.tile(points, (copies, 1)),
        np.tile(normals, (copies, 1)),
        (corners[None] + 4 * np.arange(copies, dtype=np.uint32)[:, None, None]).reshape(-1, 3),
    )
    meshes = [
        Mesh('"quoted" \\ /slash\t', [(Color(1, 0, 0), small), (None, small)]),
        Mesh("Wälzkörper ½″ 🛞", [(Color(0.1, 0.2, 0.3, 0.25), small)]),
        Mesh("", [(Color(0.1, 0.2, 0.3), many)]),
        Mesh("nichts", []),
    ]
    names = [
        '"quoted" \\ /slash',
        "Наружное кольцо №1",
        "",
        "内圈 Ø15",
        "1st",
        "Looks",
        "_Prototypes",
        "a" * 4000,
    ]
    root = Node("0 <root> & 'more'", "0 <root> & 'more'", "/")
    around = root
    for number, name in enumerate(names):
        for place in (TURNED, MIRRORED):
            key = f"/{number}/{name}/{place[0]}"
            around.children.append(Node(name, name, key, place, look=number % 4))
        around.children.append(Node(name, name, f"/{number}", TURNED if number % 2 else MIRRORED))
        around = around.children[-1]
    around.children.append(Node("Ende", "Ende", "/Ende", look=0))
    parts = [Part(mesh.name, None, 4, 1, None) for mesh in meshes]
    product = CadProduct(root, parts, [Appearance(number, (None,) * 4) for number in range(4)], 1, 1)
    return product, meshes, Box((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    product, meshes, box = oddities()
    GlbWriter(product, meshes).write(folder / "odd.glb")
    UsdWriter(product, meshes, {"source_file": "ODD ½.stp"}, box).write(folder / "odd.usdc")
    return folder


def packed(usd: Path, folder: Path) -> Path:
    path = folder / "packed.usdz"
    with path.open("wb") as out:
        out.writelines(Package.of(usd.open("rb"), "master.usdc").chunks())
    return path


@needs_validator
def test_glb_of_sample_and_oddities_has_no_error_and_no_warning(sample: ConversionResult, odd: Path) -> None:
    paths = (sample.glb, odd / "odd.glb")
    assert khronos(*paths) == {str(path): [] for path in paths}


@needs_validator
@needs_corpus
def test_glb_of_every_corpus_file_has_no_error_and_no_warning(convert: Convert, tmp_path: Path) -> None:
    paths = []
    for source in sorted(CORPUS.glob("*.st*p")):
        paths.append(convert(source).glb.rename(tmp_path / f"{source.stem}.glb"))
    assert len(paths) == 8
    assert khronos(*paths) == {str(path): [] for path in paths}


@needs_validator
def test_khronos_validator_is_awake(odd: Path, tmp_path: Path) -> None:
    content = (odd / "odd.glb").read_bytes().replace(b'"mode":4', b'"mode":9')
    wrong = tmp_path / "wrong.glb"
    wrong.write_bytes(content)
    assert any(one.startswith("VALUE_NOT_IN_RANGE") for one in khronos(wrong)[str(wrong)])


def test_usd_rules_are_kept_by_masters_and_packages(
    sample: ConversionResult, odd: Path, tmp_path: Path
) -> None:
    assert sample.usd is not None
    paths = (sample.usd, odd / "odd.usdc", packed(sample.usd, tmp_path))
    found = openusd(*paths)
    assert found["said"] == {str(path): [] for path in paths}
    assert {name.split(":")[1] for name in found["validators"]} >= {
        "StageMetadataChecker",
        "CompositionErrorTest",
        "UsdzPackageValidator",
        "RootPackageValidator",
        "MaterialBindingApiAppliedValidator",
        "SubsetFamilies",
    }
