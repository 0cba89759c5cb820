"""The studio beside that of another checkout: `python -m tests.benchmarks.studio CHECKOUT FOLDER FILE...`

Renders each CAD file by both, writes what each picture measures, and pairs in a random order to judge without knowing
which is which: `FOLDER/pairs/NAME.png`. The order is in `FOLDER/order.json`; look into it when you have judged.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from blender_scripts.contract import Look, RenderSpec
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS
from tests.benchmarks import figures
from tests.paths import PROJECT

Levels = npt.NDArray[np.float64]
SIDE, SAMPLES, BLOCK = 384, 16, 20
FAR = SIDE // 10 // 2 * 2 + 1
"""Twice a twentieth of the picture's side, and one: the window of a filter."""
BLENDER = PROJECT / ".venv-blender" / "bin" / "python"
WHICH = ("theirs", "ours")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.studio", description=__doc__)
    parser.add_argument("checkout", type=Path, help="a checkout of another commit")
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    for name in ("cad", "pairs", *WHICH):
        (options.folder / name).mkdir(parents=True, exist_ok=True)
    order, measures = (Kept(options.folder / f"{name}.json") for name in ("order", "measures"))
    for file in options.files:
        kept = options.folder / "cad" / file.stem
        glb = next(kept.glob("*.glb")) if kept.exists() else convert(file, kept)
        turned = order.take(file.stem, order.known.get(file.stem, random.random() < 0.5))
        checkouts = dict(zip(WHICH, (options.checkout, PROJECT), strict=True))
        of_each: dict[str, dict[str, float]] = {}
        for which in WHICH[::-1] if turned else WHICH:  # the one on the left is rendered first
            path = options.folder / which / f"{file.stem}.png"
            seconds = rendered(checkouts[which].resolve(), glb, path)
            of_each[which] = {**measured(path), "seconds": seconds}
        paths = [options.folder / which / f"{file.stem}.png" for which in of_each]
        pair(*paths).save(options.folder / "pairs" / f"{file.stem}.png")
        measures.take(file.stem, [of_each[which] for which in WHICH])
    rows = [
        (name, *(f"{one[each]:.3g} {other[each]:.3g}" for each in one))
        for name, (one, other) in measures.known.items()
    ]
    what = next(iter(measures.known.values()))[0]
    print(figures.table(("theirs, ours", *what), rows))


class Kept:
    """What is known by part, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def take(self, name: str, value: Any) -> Any:
        self.known[name] = value
        self._path.write_text(json.dumps(self.known))
        return value


def convert(source: Path, folder: Path) -> Path:
    """Return the GLB of a CAD file."""
    folder.mkdir()
    conversion = Conversion(source, folder, PRESETS["standard"], want_usd=False)
    try:
        conversion.start()
        while not conversion.done:
            conversion.poll(1.0)
        return conversion.result().glb
    finally:
        conversion.kill()


def rendered(checkout: Path, glb: Path, path: Path) -> float:
    """Render a GLB by the scripts of *checkout*; return the seconds of processor that its sampling took."""
    spec = RenderSpec(
        kind="still",
        glb_path=str(glb.resolve()),
        geometry_key=path.stem,
        output_path=str(path.resolve()),
        look=Look(camera_view="three_quarter"),
        width=SIDE,
        height=SIDE,
        samples=SAMPLES,
        noise_threshold=0.05,
        color_depth=8,
        device_policy="cpu",
    )
    told = {name: value for name, value in spec.to_json().items() if name != "elevations"}
    run = subprocess.run(
        [BLENDER, "-P", Path(__file__).with_name("studio_inside.py"), json.dumps(told)],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout.splitlines()[-1])


def measured(path: Path) -> dict[str, float]:
    """Return what a picture shows, in % of the subject or in levels of 255.

    `burnt` and `closed`: 250 and more, 5 and less. `melted`: of the outline, what is within 12 of the paper. `tones`:
    from the 5th to the 95th percentile of the subject. `gradient`: the same within blocks without an edge, their mean.
    `edges`: how far the brightest of the outline are above the subject's median. `contact`: the darkest of the shadow
    beside the subject; `fall-off`: what is left of it at a twentieth of the picture; `rim`: the steepest step beyond.
    """
    with Image.open(path) as picture:
        whole = picture.convert("RGBA")
    paper = Image.new("RGBA", whole.size, "white")
    paper.alpha_composite(whole)
    light = np.asarray(paper.convert("L"), float)
    alpha = np.asarray(whole, float)[..., 3]
    mask = whole.getchannel("A").point(lambda level: 255 * (level >= 250))
    inside = np.asarray(mask.filter(ImageFilter.MinFilter(3))) > 0
    outline = inside & ~(np.asarray(mask.filter(ImageFilter.MinFilter(9))) > 0)
    subject = light[inside]
    near, far = (np.asarray(mask.filter(ImageFilter.MaxFilter(size))) > 0 for size in (9, FAR))
    farther = np.asarray(mask.filter(ImageFilter.MaxFilter(FAR + 10))) > 0
    shadow = np.asarray(whole, float)[..., :3].max(axis=2) < 12
    beside = near & shadow & ~(np.asarray(mask.filter(ImageFilter.MaxFilter(5))) > 0)
    contact, left = top(alpha[beside]), top(alpha[farther & ~far & shadow])
    smooth = np.asarray(whole.getchannel("A").filter(ImageFilter.GaussianBlur(2)), float)
    steps = np.hypot(*np.gradient(smooth))
    return {
        "burnt": 100 * float((subject >= 250).mean()),
        "closed": 100 * float((subject <= 5).mean()),
        "melted": 100 * float((light[outline] >= 243).mean()),
        "tones": float(np.ptp(np.percentile(subject, (5, 95)))),
        "gradient": gradient(light, inside),
        "edges": float(np.percentile(light[outline], 95) - np.median(subject)),
        "contact": contact,
        "fall-off": 100 * left / max(contact, 1.0),
        "rim": float(np.percentile(steps[~far], 99.5)) if (~far).any() else 0.0,
    }


def top(values: Levels) -> float:
    return float(np.percentile(values, 95)) if values.size else 0.0


def gradient(light: Levels, inside: npt.NDArray[np.bool_]) -> float:
    found = []
    for y in range(0, SIDE - BLOCK, BLOCK // 2):
        for x in range(0, SIDE - BLOCK, BLOCK // 2):
            block = light[y : y + BLOCK, x : x + BLOCK]
            if inside[y : y + BLOCK, x : x + BLOCK].all() and np.hypot(*np.gradient(block)).max() < 8:
                found.append(float(np.ptp(np.percentile(block, (5, 95)))))
    return float(np.mean(found)) if found else 0.0


def pair(one: Path, other: Path) -> Image.Image:
    """Lay two pictures side by side on white."""
    sheet = Image.new("RGB", (2 * SIDE, SIDE), "white")
    for column, path in enumerate((one, other)):
        with Image.open(path) as picture:
            sheet.paste(picture, (column * SIDE, 0), picture.convert("RGBA"))
    return sheet


if __name__ == "__main__":
    main()
