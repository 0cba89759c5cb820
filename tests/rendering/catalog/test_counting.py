"""Which fields count: exactly those that the recipes hold."""

from __future__ import annotations

from typing import Any

import pytest

from rendering.catalog.counting import CHOSEN_BY, CONDITIONS, counts
from rendering.catalog.recipes import recipes
from rendering.models import Environment, OutputType, Studio
from rendering.pictures.kinds import EXPLODED, FIELDS, KINDS, PARTS, PRESS, ROWS, SECTION

PANORAMA = Environment(name="Hall", sha256="ab" * 32)
STUDIO = Studio(name="Hall", sha256="cd" * 32, summary={"ground": ["Table"]})
TYPES: dict[str, dict[str, Any]] = {
    "a still": {},
    "its own camera": {"camera": "custom"},
    "orthographic": {"orthographic": True},
    "daylight": {"lighting": "daylight"},
    "its own panorama": {"lighting": "custom", "environment": PANORAMA},
    "its own studio": {"lighting": "studio", "studio": STUDIO},
    "transparent": {"background": "transparent"},
    "a gradient": {"background": "gradient"},
    "WebP": {"format": "webp"},
    "lossless": {"format": "webp", "lossless": True},
    "JPEG": {"format": "jpg"},
    "TIFF": {"format": "tiff"},
    "EXR": {"format": "exr", "background": "transparent"},
    "a film": {"kind": "turntable", "format": "awebp", "frames": 24, "fps": 12},
}
OTHER: dict[str, Any] = {
    "azimuth": 12.0,
    "elevation": 13.0,
    "roll": 14.0,
    "focal_length": 50.0,
    "f_stop": 8.0,
    "ground": "reflective",
    "hdri_rotation": 15.0,
    "hdri_strength": 2.0,
    "background_color": "#123456",
    "gradient_color": "#654321",
    "quality": 33,
    "effort": 1,
    "bit_depth": 16,
    "max_bytes": 5000,
    "dpi": 300,
    "product_data": True,
    "signed": True,
    "frames": 36,
    "fps": 18,
}
# Held to their recipes by the tests of sections, exploded views, parts, print, 3-D models, passes, studios and rows.
ELSEWHERE = {
    *SECTION,
    *EXPLODED,
    "exploded_motion",
    *PARTS,
    *PRESS,
    "compress",
    "samples",
    "studio",
    *ROWS[1:],
} - {"parts"}
# In recipes where the form hides them: the focal length, so that pictures keep their keys, and what constraints of the
# table refuse there anyway.
KEPT = {"focal_length", "f_stop", "frames", "fps", "lossless", "environment"}


@pytest.mark.parametrize("fields", TYPES.values(), ids=list(TYPES))
def test_a_field_counts_where_it_changes_a_recipe(fields: dict[str, Any]) -> None:
    before = OutputType(**fields)
    for name, value in OTHER.items():
        if not counts(before, name) and name in KEPT:
            continue
        after = OutputType(**{**fields, name: value})
        is_other = recipes({}, before, "5.0").file != recipes({}, after, "5.0").file
        assert is_other == counts(before, name), name


def test_each_condition_names_fields_that_are_there_and_says_why() -> None:
    there = {field.name for field in OutputType._meta.get_fields()}
    named = [name for condition in CONDITIONS for name in condition.fields]
    assert {*named, *CHOSEN_BY} <= there and len(named) == len(set(named))
    of_films = {"frames", "fps"}  # counted by their kind alone
    assert set(named) == {*OTHER, "lossless", "environment", *ELSEWHERE} - of_films
    assert set(named) <= FIELDS <= there
    assert all(condition.why_not.endswith(".") for condition in CONDITIONS)


def test_what_is_made_of_the_geometry_has_no_view_and_only_the_fields_of_its_kind() -> None:
    model = OutputType(kind="model", format="glb")
    wanted = recipes({"cad": "x"}, model, "")
    assert wanted.view == {} and not wanted.is_rendered
    own = {"materials", "max_triangles", "compress"}
    assert wanted.file.keys() == {"geometry", "kind", "format", "encoder", "finishes", *own}
    assert not any(counts(model, name) for name in FIELDS - set(KINDS["model"].fields))
    other = OutputType(kind="model", format="glb", camera="front", lighting="daylight", width=2000, samples=1)
    assert recipes({"cad": "x"}, other, "5.0").file_key == wanted.file_key
    turned = recipes({"cad": "x"}, model, "", orientation=(0.0, 0, 1, 1, 0, 0, 0, 1, 0))
    clay = recipes({"cad": "x"}, OutputType(kind="model", format="glb", materials="clay"), "")
    assert len({wanted.file_key, turned.file_key, clay.file_key}) == 3


def test_every_choice_has_an_answer() -> None:
    for name in CHOSEN_BY:
        field = OutputType._meta.get_field(name)
        others = {"studio": (None, STUDIO), "rows": (1, 5)}.get(name, (False, True))
        for value in [choice for choice, _ in field.choices] if field.choices else others:
            one = OutputType(**{name: value})
            assert all(isinstance(condition.holds(one), bool) for condition in CONDITIONS)
