"""`python -m tests.benchmarks.appearance FOLDER`: each way to describe a surface, ours beside Blender's own importer.

It prints how far the pieces of both pictures are apart (CIEDE2000), and leaves the pictures in the folder.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from PIL import Image

from tests import appearance
from tests.blender_scripts.test_beside import differences

SIDE, SAMPLES = 128, 16


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.appearance", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder for the pictures")
    parser.add_argument("--only", nargs="+", choices=tuple(appearance.CASES), default=tuple(appearance.CASES))
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    names = tuple(options.only)
    found = differences(names, options.folder, SIDE, SAMPLES)
    print("| surface | mean | largest |\n|---|---|---|")
    for name in names:
        print(f"| {name} | {statistics.fmean(found[name]):.2f} | {max(found[name]):.2f} |")
    sheet = Image.new("RGB", (2 * SIDE, SIDE * len(names)), "gray")
    for row, name in enumerate(names):
        for column, which in enumerate(("ours", "theirs")):
            with Image.open(options.folder / name.replace(" ", "-") / f"{which}.png") as picture:
                sheet.paste(picture, (column * SIDE, row * SIDE), picture)
    sheet.save(options.folder / "sheet.png")


if __name__ == "__main__":
    main()
