from __future__ import annotations

from typing import Any

import pytest

from media_assets.models import MediaAsset
from rendering.desk.assets import receipt as receipts
from rendering.desk.assets import recipe as recipes
from rendering.models import Studio

LOOK = {
    "camera_view": "three_quarter",
    "azimuth": None,
    "elevation": None,
    "focal_length_mm": 85.0,
    "margin": 0.07,
    "lighting": "softbox",
    "ground": "shadow",
    "materials": "rules",
    "edges": True,
    "view_transform": "Khronos PBR Neutral",
    "exposure": 0.0,
}
VIEW = {
    "look": LOOK,
    "samples": 64,
    "noise_threshold": 0.02,
    "denoise": True,
    "finishes": {"surfaces": {"ground_steel": "a", "brass": "b"}},
}
RECIPE = {
    "view": VIEW,
    "format": "webp",
    "quality": 90,
    "width": 1024,
    "height": 768,
    "background": ["#ffffff"],
}
RECEIPT = {
    "device_used": "CPU",
    "compute_type": "NONE",
    "device_name": "AMD EPYC",
    "device_proof": "EMBREE",
    "gpu_fallback": False,
    "blender_version": "4.5.15",
    "samples": 64,
    "png_bytes": 1000,
    "seconds": {
        "wait": 2.0,
        "sync": 0.5,
        "sample": 11.5,
        "save": 0.01,
        "total": 12.3,
        "encode": 0.4,
        "gate": 0.1,
    },
}
GPU = {"device_used": "GPU", "compute_type": "OPTIX", "device_name": "RTX 4090", "device_proof": "OPTIX"}


def asset(receipt: dict[str, Any] | None = None, recipe: dict[str, Any] | None = None) -> MediaAsset:
    return MediaAsset(
        kind="still",
        mime_type="image/webp",
        bytes=370,
        receipt=RECEIPT if receipt is None else receipt,
        recipe=RECIPE if recipe is None else recipe,
    )


def told(facts: list[recipes.AssetFact]) -> dict[str, str]:
    return {fact.name: fact.value for fact in facts}


def test_a_picture_is_told_in_a_sentence() -> None:
    assert receipts.sentence(asset()) == (
        "Rendered on the CPU in 12.3 s: 64 samples, denoised with OpenImageDenoise, Blender 4.5.15. "
        "Three-quarter camera, softbox studio, WebP, quality 90, 63 % smaller than PNG."
    )


def test_the_receipt_says_where_the_time_went() -> None:
    assert told(receipts.how(asset())) == {
        "Rendered": "on the CPU (AMD EPYC) in 12.3 s",
        "Of which": "sending the scene to Cycles 500 ms, sampling 11.5 s",
        "Waited": "2.0 s for a worker",
        "Sampling": "up to 64 samples per pixel, fewer where the noise is below 0.02",
        "Denoised": "with OpenImageDenoise",
        "Blender": "4.5.15",
        "Proof": "Cycles' own log says EMBREE, which is the CPU",
        "Written": "as WebP, quality 90, in 400 ms, checked in 100 ms before it was published",
        "Compared with PNG": "63 % smaller than PNG (1.0 kB)",
    }


@pytest.mark.parametrize(
    ("receipt", "words"),
    [
        (GPU, "on RTX 4090 by NVIDIA OptiX in 12.3 s"),
        ({"gpu_fallback": True}, "on the CPU (AMD EPYC) instead of a GPU in 12.3 s"),
        ({"frames": 24}, "24 frames on the CPU (AMD EPYC) in 12.3 s, 513 ms per frame"),
    ],
)
def test_the_receipt_says_what_rendered_it(receipt: dict[str, Any], words: str) -> None:
    assert told(receipts.how(asset(RECEIPT | receipt)))["Rendered"] == words


def test_the_recipe_is_told_in_the_words_of_the_output_type() -> None:
    assert told(recipes.what(asset())) == {
        "Camera": "Three-quarter, 85 mm, everything sharp, 7 % empty border",
        "Light": "Softbox studio",
        "Ground": "Shadow",
        "Materials": "By the material rules: ground steel, brass",
        "Edges": "softened, to catch light",
        "Color": "Khronos PBR Neutral",
        "Background": "#ffffff",
        "File": "WebP, quality 90, 1024 × 768 px",
    }


def test_a_camera_of_its_own_a_turned_panorama_and_a_film_are_told() -> None:
    look = LOOK | {"azimuth": 30.0, "elevation": 12.5, "roll": 5.0, "f_stop": 2.8, "hdri_rotation": 90.0}
    film = RECIPE | {
        "view": VIEW | {"look": look, "frames": 36},
        "fps": 12,
        "format": "mp4",
        "background": [],
    }
    facts = told(recipes.what(asset(recipe=film)))
    assert facts["Camera"] == "azimuth 30°, elevation 12.5°, roll 5°, 85 mm, f/2.8, 7 % empty border"
    assert facts["Light"] == "Softbox studio, turned by 90°"
    assert facts["Turns"] == "once, in 36 frames, 12 per second: 3 s"
    assert facts["Background"] == "transparent"
    rows = RECIPE | {
        "view": VIEW | {"look": LOOK, "frames": 180, "elevations": [0.0, 15.0, 30.0, 45.0, 60.0]}
    }
    turns = told(recipes.what(asset(recipe=rows)))["Turns"]
    assert turns == "once, in 36 frames, in 5 rows from 0° to 60°"


@pytest.mark.django_db
def test_a_studio_and_labels_are_told() -> None:
    look = LOOK | {"lighting": "studio", "studio": "ab" * 32}
    view = VIEW | {"look": look, "finishes": {"surfaces": {"brass": "b"}, "labels": [{}, {}]}}
    facts = told(recipes.what(asset(recipe=RECIPE | {"view": view})))
    assert facts["Light"] == "Studio of your own, deleted since"
    assert facts["Materials"] == "By the material rules: brass, 2 labels"
    Studio.objects.create(name="Hall", sha256="ab" * 32)
    facts = told(recipes.what(asset(recipe=RECIPE | {"view": view})))
    assert facts["Light"] == "Studio of your own, “Hall”"


def test_geometry_has_its_own_words() -> None:
    recipe = {
        "tessellation": {"preset": "fine", "angular": 0.08},
        "tools": {"converter": "4"},
        "reading": {"unit": "mm"},
    }
    receipt = {"device_used": "CPU", "seconds": {"convert": 3.2}, "tools": {"converter": "4"}}
    geometry = asset(receipt, recipe)
    assert receipts.sentence(geometry) == ""
    assert told(receipts.how(geometry)) == {"Converted": "on the CPU in 3.2 s", "Tools": "converter 4"}
    assert told(recipes.what(geometry)) == {
        "Quality": "Fine",
        "Angle": "at most 0.08 rad between neighboring normals",
        "Reading": "length unit mm",
    }


@pytest.mark.parametrize("recipe", [{}, {"view": {}}, {"view": {"look": {"camera_view": "from_mars"}}}])
def test_what_is_not_recorded_is_left_out_and_nothing_breaks(recipe: dict[str, Any]) -> None:
    old = asset({}, recipe)
    assert all(fact.value for fact in (*receipts.how(old), *recipes.what(old)))
    assert "None" not in receipts.sentence(old) + str(recipes.what(old))
