"""What a picture and a file are functions of: the fields that matter, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from blender_scripts.contract import Look
from media_assets.recipes import recipe_key
from rendering.catalog.recipes import SAMPLING_FIELDS, Recipes, aspect, look, recipes
from rendering.models import Environment, OutputType, Studio
from rendering.pictures.kinds import PARTS, ROWS, SECTION

GEOMETRY = {"cad": "0" * 64, "tessellation": {"preset": "standard"}, "tools": {"converter": "1"}}

PICTURE: dict[str, Any] = {
    "camera": "top",
    "focal_length": 50.0,
    "orthographic": True,
    "margin": 0.2,
    "lighting": "dark",
    "exposure": 1.0,
    "ground": "none",
    "f_stop": 2.8,
    "materials": "clay",
    "soft_edges": False,
    "edge_color": "#112233",
    "view_transform": "AgX",
    "samples": 7,
    "noise_threshold": 0.5,
    "denoise": False,
}
FILE: dict[str, Any] = {
    "format": "webp",
    "kind": "thumbnail",
    "background": "gradient",
    "background_color": "#00ff00",
    "bit_depth": 16,
    "product_data": True,
    "signed": True,
}
NEITHER: dict[str, Any] = {
    "slug": "x",
    "name": "x",
    "is_active": False,
    "needs_approval": True,
    "instead_of_id": 7,
    "archived_at": timezone.now(),
    "azimuth": 9.0,
    "elevation": 9.0,
    "roll": 9.0,
    "exploded_depth": 2,
    "exploded_lines": False,
    "exploded_motion": "assembly",
}
# Their own tests below: they count only with a certain camera, format, size or kind.
CONDITIONAL = {
    "id", "width", "height", "quality", "lossless", "effort", "frames", "fps", "tessellation",
    "gradient_color", "environment_id", "hdri_rotation", "hdri_strength", "max_bytes", "dpi",
    "color_profile_id", "intent", "black_point", "clipping_path", "max_triangles", "compress", "exploded",
    "hidden_lines", "exact_lines", "studio_id", *SECTION, *PARTS, *ROWS,
}  # fmt: skip


def of(**fields: Any) -> Recipes:
    return recipes(GEOMETRY, OutputType(**fields), "4.5.15")


def test_inks_and_a_path_are_another_file_of_the_same_picture() -> None:
    asked = {"format": "jpg", "color_profile_id": "ab" * 32, "intent": "perceptual", "black_point": False}
    inks = of(**asked, clipping_path=True)
    assert inks.view_key == of(format="jpg").view_key
    assert inks.file["cmyk"] == {"profile": "ab" * 32, "intent": "perceptual", "black_point": False}
    assert inks.file["clipping_path"] is True
    for other in (
        {"background": "transparent", "format": "tiff"},
        {"format": "png"},
        {"format": "tiff", "bit_depth": 16},
    ):
        assert "cmyk" not in of(**{**asked, "format": "tiff", **other}).file


def test_another_copyright_is_another_file_of_the_same_picture() -> None:
    plain, credited = (
        recipes(GEOMETRY, OutputType(), "4.5.15", credit=credit) for credit in ({}, {"copyright": "© Acme"})
    )
    assert plain.view_key == credited.view_key and plain.file_key != credited.file_key
    assert plain.file == of().file, "who sets none keeps the files that are there"


def test_every_field_of_an_output_type_has_its_place() -> None:
    named = {field.attname for field in OutputType._meta.concrete_fields}
    assert named == {*PICTURE, *FILE, *NEITHER, *CONDITIONAL}


@pytest.mark.parametrize("field", PICTURE)
def test_what_changes_the_picture_changes_the_view_and_the_file(field: str) -> None:
    changed = of(**{field: PICTURE[field]})
    assert changed.view_key != of().view_key
    assert changed.file_key != of().file_key


@pytest.mark.parametrize("field", FILE)
def test_what_changes_the_file_alone_keeps_the_view(field: str) -> None:
    changed = of(**{field: FILE[field]})
    assert changed.view_key == of().view_key
    assert changed.file_key != of().file_key


@pytest.mark.parametrize("field", NEITHER)
def test_names_and_switches_change_nothing(field: str) -> None:
    assert of(**{field: NEITHER[field]}) == of()


@pytest.mark.parametrize("field", ["azimuth", "elevation", "roll"])
def test_the_angles_count_with_a_custom_camera(field: str) -> None:
    assert of(camera="custom", **{field: 9.0}).view_key != of(camera="custom").view_key


def test_sizes_of_one_aspect_share_a_view() -> None:
    assert of(width=512, height=512).view_key == of(width=2048, height=2048).view_key
    assert of(width=1024, height=512).view_key != of(width=512, height=512).view_key
    assert aspect(OutputType(width=1920, height=1080)) == "16:9"


def test_quality_counts_only_where_it_does_something() -> None:
    assert of(format="png", quality=10) == of(format="png", quality=90)
    assert of(format="webp", quality=10).file_key != of(format="webp", quality=90).file_key
    assert of(format="webp", lossless=True, quality=10) == of(format="webp", lossless=True, quality=90)
    assert of(format="webp", lossless=True).file_key != of(format="webp").file_key


def test_rows_of_a_spin_are_part_of_the_picture_and_replace_the_elevation() -> None:
    spin = {"kind": "spin", "format": "jpg360", "camera": "custom", "frames": 36}
    rows = {**spin, "rows": 5, "lowest_row": 0.0, "highest_row": 60.0}
    view = of(**rows).view
    assert (view["frames"], view["elevations"]) == (180, [0.0, 15.0, 30.0, 45.0, 60.0])
    assert of(**rows, elevation=9.0) == of(**rows)
    assert of(**{**rows, "highest_row": 50.0}).view_key != of(**rows).view_key
    one = of(**{**rows, "rows": 1})
    assert one == of(**spin) and "elevations" not in one.view
    film = {**rows, "kind": "turntable", "format": "mp4", "fps": 12}
    assert of(**film).view_key == one.view_key, "a film has one row, and shares it"


def test_frames_are_part_of_the_picture_and_the_rate_of_the_file() -> None:
    turn = {"kind": "turntable", "format": "mp4"}
    assert of(**turn, frames=10, fps=5).view_key != of(**turn, frames=20, fps=5).view_key
    assert of(**turn, frames=10, fps=5).view_key == of(**turn, frames=10, fps=9).view_key
    assert of(**turn, frames=10, fps=5).file_key != of(**turn, frames=10, fps=9).file_key


def test_another_geometry_or_another_blender_is_another_view() -> None:
    other = recipes(GEOMETRY | {"cad": "1" * 64}, OutputType(), "4.5.15")
    newer = recipes(GEOMETRY, OutputType(), "5.0.0")
    assert len({of().view_key, other.view_key, newer.view_key}) == 3
    assert of().geometry_key != other.geometry_key


def test_effort_counts_for_webp_only() -> None:
    assert of(format="png", effort=6) == of(format="png")
    assert of(format="webp", effort=6).file_key != of(format="webp").file_key


def test_the_second_color_counts_for_gradients_only() -> None:
    assert of(gradient_color="#000000") == of()
    gradient = of(background="gradient", gradient_color="#000000")
    assert gradient.file["background"] == ["#ffffff", "#000000"]
    assert gradient.view_key == of().view_key
    assert of(background="transparent", background_color="#123456").file["background"] == []


def test_a_panorama_counts_by_its_bytes_and_only_where_it_lights() -> None:
    assert of(hdri_rotation=90.0) == of()
    assert of(lighting="daylight", hdri_rotation=90.0).view_key != of(lighting="daylight").view_key
    one, other = (Environment(name=name, sha256=name * 64) for name in "ab")
    views = {of(lighting="custom", environment=which).view_key for which in (one, other)}
    assert len(views) == 2
    assert of(lighting="custom", environment=one).view["look"]["hdri"] == "a" * 64


def test_a_color_counts_not_how_it_is_written() -> None:
    assert of(background_color="#FFAA00") == of(background_color="#ffaa00")


def test_a_master_is_a_view_at_a_size() -> None:
    assert recipe_key(of().master(10, 10)) != recipe_key(of().master(20, 20))
    assert of().master(10, 20) == {"view": of().view, "width": 10, "height": 20}


def test_another_studio_is_another_picture_and_its_ground_takes_the_place_of_ours() -> None:
    bare, furnished = (
        Studio(name=digit, sha256=digit * 64, summary={"ground": ground})
        for digit, ground in (("a", []), ("b", ["Table"]))
    )
    assert of(lighting="studio", studio=bare).view["look"]["studio"] == "a" * 64
    assert "studio" not in of().view["look"], "pictures of before keep their recipes"
    grounds = ("shadow", "reflective", "none")
    for studio, views in ((bare, 3), (furnished, 1)):
        keys = {of(lighting="studio", studio=studio, ground=ground).view_key for ground in grounds}
        assert len(keys) == views


@pytest.mark.parametrize("camera", OutputType.Camera.values)
def test_blender_understands_every_camera_that_can_be_chosen(camera: str) -> None:
    chosen = look(OutputType(camera=camera, azimuth=12.0, elevation=34.0))
    assert Look.from_json(chosen.to_json()) == chosen
    if camera == "custom":
        assert chosen.direction == (12.0, 34.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("lighting", value) for value in OutputType.Lighting.values if value not in ("custom", "studio")),
        *(("ground", value) for value in OutputType.Ground.values),
        *(("materials", value) for value in OutputType.Materials.values),
        *(("view_transform", value) for value in OutputType.ViewTransform.values),
    ],
)
def test_blender_understands_every_choice(field: str, value: str) -> None:
    assert getattr(look(OutputType(**{field: value})), field) == value


def test_the_sampling_is_named_in_the_view() -> None:
    assert set(SAMPLING_FIELDS) < set(of().view)


def test_what_a_file_says_of_its_product_makes_another_file_of_the_same_picture() -> None:
    one = OutputType(product_data=True)
    named = [
        recipes(GEOMETRY, one, "4.5.15", product_data={"number": "1001", "name": name, "identifiers": {}})
        for name in ("Bearing", "Ball bearing")
    ]
    assert named[0].view_key == named[1].view_key and named[0].file_key != named[1].file_key
    assert "product_data" not in of().file


def test_limits_of_bytes_and_resolution_count_where_the_format_has_them() -> None:
    assert of(format="jpg", max_bytes=9000).file_key != of(format="jpg").file_key
    assert of(format="png", max_bytes=9000) == of(format="png")
    assert of(format="tiff", dpi=300).file["dpi"] == 300
    assert of(format="webp", dpi=300) == of(format="webp")
