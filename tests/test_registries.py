"""Each registry is one place: a row is whole, and whatever else names formats, presets and lanes follows from it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from blender_scripts.contract import LIGHTING, Look
from blender_scripts.presets import PRESETS
from gpu.models import GpuDevice
from gpu.queues.topology import LANES, ON_LIGHT_GPU, RENDERS, Lane, lane_of
from media_assets.formats import files
from media_assets.models import MediaAsset
from rendering.desk.assets.filters import FORMATS
from rendering.models import OutputType
from rendering.pictures import formats
from rendering.pictures.formats import OUTPUT_FORMATS, OutputFormat
from rendering.pictures.kinds import FILMS, IMAGES, KINDS, OutputKind
from tests.paths import PROJECT

NEW_ROWS = """
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
import django
from blender_scripts.presets import PRESETS
from rendering.pictures.formats import OUTPUT_FORMATS

bmp = dict(name="bmp", label="Bitmap", mime_type="image/bmp", suffix=".bmp", pillow={"format": "BMP"}, deep_encoder="")
OUTPUT_FORMATS["bmp"] = replace(OUTPUT_FORMATS["png"], has_alpha=False, is_lossy=True, **bmp)
PRESETS["noir"] = replace(PRESETS["dark"], label="Film noir")
django.setup()

from PIL import Image
from media_assets.formats import files
from rendering.catalog.counting import counts
from rendering.catalog.recipes import recipes
from rendering.desk.assets.filters import FORMATS
from rendering.farm.contact_sheet import COLUMNS
from rendering.models import OutputType
from rendering.pictures import encode, gate

one = OutputType(format="bmp", lighting="noir", width=32, height=32)
assert (one.get_format_display(), one.get_lighting_display()) == ("Bitmap", "Film noir")
one.clean_fields(exclude=["slug", "name"])
found = {constraint.name: constraint for constraint in OutputType._meta.constraints}
assert "bmp" in str(found["outputtype_opaque_format_has_background"].condition)
assert "bmp" in str(found["outputtype_format_fits_kind"].condition)
assert str(OutputType._meta.get_field("quality").help_text) == "JPEG, WebP, AVIF, Bitmap and films"
assert counts(one, "quality") and not counts(one, "bit_depth")
recipe = recipes({}, one, "5.0")
assert (recipe.file["quality"], recipe.view["look"]["lighting"]) == (90, "noir")
assert (files.suffix("bmp"), files.mime_type("bmp")) == (".bmp", "image/bmp")
assert "image/bmp" in files.shown_types() and "bmp" in FORMATS and "noir" in COLUMNS
with TemporaryDirectory() as folder:
    master, target = Path(folder) / "master.png", Path(folder) / "a.bmp"
    Image.linear_gradient("L").convert("RGB").save(master)
    encode.encode(master, target, recipe.file, {})
    gate.check(target, recipe.file)
print("one row each")
"""


def test_a_row_is_all_that_a_format_and_a_preset_need() -> None:
    out = subprocess.run(
        [sys.executable, "-c", NEW_ROWS],
        cwd=PROJECT,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "x" * 50, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (out.stdout, out.returncode) == ("one row each\n", 0), out.stderr


@pytest.mark.parametrize("row", OUTPUT_FORMATS.values(), ids=list(OUTPUT_FORMATS))
def test_each_output_format_is_whole(row: OutputFormat) -> None:
    assert row.label and row.suffix.startswith(".") and "/" in row.mime_type
    assert len(row.name) <= (OutputType._meta.get_field("format").max_length or 0)
    named = (row.encoder, row.deep_encoder, row.finish, row.frames)
    assert all(callable(formats.function(name)) for name in named if name)
    assert bool(row.frames) == row.is_film, "a film is looked at frame by frame"
    assert row.max_px >= formats.MAX_PX
    assert not (row.has_lossless and not row.is_lossy)
    assert (files.suffix(row.name), files.mime_type(row.name)) == (row.suffix, row.mime_type)
    assert FORMATS[row.name] is row


@pytest.mark.parametrize("row", KINDS.values(), ids=list(KINDS))
def test_each_kind_is_whole(row: OutputKind) -> None:
    assert row.label and row.plural and len(row.name) <= (OutputType._meta.get_field("kind").max_length or 0)
    assert set(row.fields) <= {field.name for field in OutputType._meta.get_fields()}
    assert bool(row.writer) == bool(row.gate) == bool(row.version)
    assert all(callable(formats.function(name)) for name in (row.writer, row.gate) if name)
    assert row.writer or all(OUTPUT_FORMATS[name].encoder for name in row.formats), "somebody must write it"


def test_what_is_ordered_is_what_there_is() -> None:
    assert OutputType.Format.values == list(OUTPUT_FORMATS)
    assert set(OUTPUT_FORMATS) == {name for row in KINDS.values() for name in row.formats}
    assert OutputType.Kind.values == list(KINDS) == list(MediaAsset.PICTURES)
    assert OutputType.Format.labels == [row.choice or row.label for row in OUTPUT_FORMATS.values()]
    assert OutputType._meta.get_field("format").default in OUTPUT_FORMATS
    assert formats.MAX_PX == 16383


def test_a_format_of_nobody_has_no_encoder() -> None:
    with pytest.raises(ValueError, match="No encoder for format 'gif'"):
        formats.output("gif")
    assert not formats.is_linear("gif") and files.mime_type("gif") == "application/octet-stream"


def rows_of(page: str, heading: str) -> list[list[str]]:
    """The rows of a table in a page of the docs, cell by cell."""
    table = (PROJECT / page).read_text(encoding="utf-8").partition(f"\n{heading}\n")[2].partition("\n\n")[0]
    assert table, f"{page} has no table {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


def test_the_table_of_output_formats_is_that_of_the_registry() -> None:
    rows = rows_of("docs/operators.md", "| format | file | what | transparent | bits | quality |")
    assert rows == [
        [
            row.choice or row.label,
            f"`{row.suffix}`",
            "film" if row.is_film else "image",
            "yes" if row.has_alpha else "no",
            "16, scene-linear" if row.is_linear else " or ".join(map(str, row.bit_depths)),
            ("1 to 100, or lossless" if row.has_lossless else "1 to 100") if row.is_lossy else "lossless",
        ]
        for row in map(formats.output, (*IMAGES, *FILMS))
    ]


def test_each_preset_has_its_light_and_can_be_ordered() -> None:
    assert OutputType.Lighting.values == list(PRESETS) == list(LIGHTING)
    assert OutputType.Lighting.labels == [row.label for row in PRESETS.values()]
    for name, row in PRESETS.items():
        assert len(name) <= (OutputType._meta.get_field("lighting").max_length or 0)
        files = {"hdri": row.needs_file, "studio": row.needs_studio}
        assert (
            Look(lighting=name, **{field: "ab" * 32 for field, has in files.items() if has}).lighting == name
        )
        assert row.is_panorama or not row.needs_file
        if row.column:
            assert Look.from_json({**Look().to_json(), **row.column.look}).lighting == name


@pytest.mark.parametrize("page", ["README.md", "docs/operators.md"])
def test_the_pages_for_people_name_each_preset(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8").lower()
    assert [
        name for name, row in PRESETS.items() if not row.needs_file and name.replace("_", " ") not in text
    ] == []


def test_each_lane_is_whole() -> None:
    assert list(LANES) == list(Lane)
    there = {field.name for field in GpuDevice._meta.get_fields()}
    for lane in Lane:
        facts = lane.facts
        assert facts.label and facts.takes and facts.alone
        assert (facts.field in there) == facts.is_render, "an operator can leave a render lane to a GPU"
    assert {Lane.LIGHT} == ON_LIGHT_GPU < RENDERS == {Lane.LIGHT, Lane.HEAVY}


@pytest.mark.parametrize(
    ("is_render", "is_small", "lane"),
    [(False, True, Lane.CPU), (False, False, Lane.CPU), (True, True, Lane.LIGHT), (True, False, Lane.HEAVY)],
)
def test_every_job_has_a_lane(is_render: bool, is_small: bool, lane: Lane) -> None:
    assert lane_of(is_render=is_render, is_small=is_small) is lane


def test_the_table_of_lanes_is_that_of_the_registry() -> None:
    rows = rows_of("docs/operations.md", "| lane | jobs | on the GPU kept for light work |")
    assert rows == [
        [f"`{lane}`", lane.facts.takes, "yes" if lane.facts.on_light_gpu else "no"] for lane in Lane
    ]


@pytest.mark.parametrize(
    ("what", "registry"),
    [
        ("a CAD format", "media_assets/formats/cad.py"),
        ("an output format", "rendering/pictures/formats.py"),
        ("a studio preset", "blender_scripts/presets.py"),
        ("a lane", "gpu/queues/topology.py"),
    ],
)
def test_contributing_sends_people_to_the_registry_first(what: str, registry: str) -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paragraph = text.partition(f"**{what}**:")[2].partition("\n\n")[0]
    assert paragraph.split("`")[1] == registry
