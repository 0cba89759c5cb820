"""A contact sheet: CAD files down, studio presets across, each picture as an order of it would look.

It bypasses orders and jobs on purpose: the reader and the warm Blender are the real ones, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from blender_scripts.children.folders import temporary_folder
from blender_scripts.contract import Look, RenderOutcome, RenderSpec
from blender_scripts.launch import Session
from blender_scripts.presets import PRESETS
from media_assets.cad.client import Conversion
from media_assets.cad.settings import PRESETS as QUALITIES
from rendering.farm import warm
from rendering.farm.driving import failed
from rendering.pictures import encode

GAP = 12  # px
INK, PAPER = "#4a4f57", "#ffffff"


COLUMNS = {name: preset.column for name, preset in PRESETS.items() if preset.column}


@dataclass(frozen=True)
class Sheet:
    """What to show and how large: pictures of `size` px, sampled `samples` times, seen as `view` says."""

    rows: Sequence[tuple[Path, str]]
    columns: Sequence[str]
    size: int
    samples: int
    view: str


def make(sheet: Sheet, target: Path, say: Callable[[str], object]) -> None:
    """Render and write the sheet; the format is that of *target*'s name. Raises CadError, JobError or OSError."""
    with temporary_folder() as folder:
        pictures: list[list[Image.Image]] = []
        for number, (source, caption) in enumerate(sheet.rows):
            say(f"{source.name}: {caption}")
            geometry = convert(source, folder / str(number))
            pictures.append([shot(sheet, geometry, column, folder) for column in sheet.columns])
        laid_out(sheet, pictures).save(target, quality=88, method=6)


def convert(source: Path, folder: Path) -> Path:
    """Return the GLB of a CAD file. Raises CadError."""
    folder.mkdir()
    conversion = Conversion(source, folder, QUALITIES["fine"], want_usd=False)
    try:
        conversion.start()
        while not conversion.done:
            conversion.poll(1.0)
        return conversion.result().glb
    finally:
        conversion.kill()


def shot(sheet: Sheet, geometry: Path, column: str, folder: Path) -> Image.Image:
    """Return one picture over its background. Raises JobError."""
    setting = COLUMNS[column]
    spec = RenderSpec(
        kind="still",
        glb_path=str(geometry),
        geometry_key=geometry.parent.name,
        output_path=str(folder / "picture.png"),
        look=Look.from_json({**Look(camera_view=sheet.view).to_json(), **setting.look}),
        width=sheet.size,
        height=sheet.size,
        samples=sheet.samples,
        color_depth=8,
    )
    outcome = rendered(warm.session(), spec)
    if not outcome.ok:
        raise failed(outcome)
    with Image.open(spec.output_path) as picture:
        return encode.flattened(picture, setting.background)


def rendered(blender: Session, spec: RenderSpec) -> RenderOutcome:
    """Return how a render ended. Raises SessionDied."""
    blender.submit(spec)
    while True:
        for event in blender.poll(0.5):
            if isinstance(event, RenderOutcome):
                return event


def laid_out(sheet: Sheet, pictures: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Return the pictures in a grid, with the presets above and a caption below each row."""
    line = max(12, sheet.size // 20)
    font = ImageFont.load_default(line)
    step, row_step = sheet.size + GAP, sheet.size + 2 * line + GAP
    image = Image.new(
        "RGB", (len(sheet.columns) * step + GAP, len(sheet.rows) * row_step + 2 * line + GAP), PAPER
    )
    draw = ImageDraw.Draw(image)
    for index, column in enumerate(sheet.columns):
        draw.text((GAP + index * step, GAP), COLUMNS[column].title, INK, font)
    for number, (row, (_, caption)) in enumerate(zip(pictures, sheet.rows, strict=True)):
        top = 2 * line + GAP + number * row_step
        for index, picture in enumerate(row):
            image.paste(picture, (GAP + index * step, top))
        draw.text((GAP, top + sheet.size + line // 3), caption, INK, font)
    return image
