"""The address at which the form of an output type asks which fields count."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rendering.models import OutputType

pytestmark = pytest.mark.django_db

ASK = "admin:rendering_outputtype_counting"


def counted(answer: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, field in answer.items() if field["counts"]}


def test_it_answers_for_what_is_chosen(admin_client: Client) -> None:
    chosen = {
        "kind": "turntable",
        "format": "webm",
        "camera": "custom",
        "lighting": "daylight",
        "background": "colour",
    }
    answer = admin_client.get(reverse(ASK), chosen).json()
    assert counted(answer) == {
        *("azimuth", "elevation", "roll", "focal_length", "f_stop", "hdri_rotation", "hdri_strength"),
        *("background_color", "quality", "frames", "fps"),
        # Those below have their own conditions since there are kinds of files that have none of them.
        *(
            "camera",
            "orthographic",
            "margin",
            "lighting",
            "exposure",
            "ground",
            "background",
            "view_transform",
        ),
        *(
            "materials",
            "soft_edges",
            "edge_color",
            "samples",
            "noise_threshold",
            "denoise",
            "width",
            "height",
        ),
        *("parts", "section", "exploded", "product_data"),
    }
    assert answer["bit_depth"]["why"] == "This format has 8 bits."
    assert answer["frames"] == {"counts": True, "why": "", "must_be_empty": True}


def test_a_file_of_the_geometry_has_no_picture_to_set_up(admin_client: Client) -> None:
    answer = admin_client.get(reverse(ASK), {"kind": "model", "format": "glb"}).json()
    assert counted(answer) == {"materials", "section", "exploded", "max_triangles", "compress", "max_bytes"}
    assert answer["camera"]["why"] == "This kind of file has none."


def test_rows_of_a_spin_have_elevations_of_their_own(admin_client: Client) -> None:
    chosen = {"kind": "spin", "format": "jpg360", "camera": "custom"}
    one = counted(admin_client.get(reverse(ASK), {**chosen, "rows": "1"}).json())
    five = counted(admin_client.get(reverse(ASK), {**chosen, "rows": "5"}).json())
    assert (
        "rows" in one & five and one - five == {"elevation"} and five - one == {"lowest_row", "highest_row"}
    )


@pytest.mark.parametrize(
    "chosen", [{}, {"format": "gif", "lighting": "moon"}, {"lossless": "on", "orthographic": "x"}]
)
def test_whatever_comes_has_an_answer(chosen: dict[str, str], admin_client: Client) -> None:
    answer = admin_client.get(reverse(ASK), chosen)
    assert answer.status_code == 200 and answer.json()["azimuth"]["why"] == "Only for a custom camera."


def test_only_who_sees_output_types_may_ask(client: Client, staff: Callable[..., Client]) -> None:
    assert client.get(reverse(ASK)).status_code == 302
    assert staff().get(reverse(ASK)).status_code == 403
    assert staff("rendering.view_outputtype").get(reverse(ASK)).status_code == 200
    assert staff("rendering.view_outputtype").post(reverse(ASK)).status_code == 405


def now(page: str) -> dict[str, dict[str, Any]]:
    found = re.search(r'data-now="([^"]*)"', page)
    assert found
    answer: dict[str, dict[str, Any]] = json.loads(unescape(found[1]))
    return answer


def test_a_page_says_how_its_form_stands(admin_client: Client, staff: Callable[..., Client]) -> None:
    film = OutputType.objects.get(slug="turntable-webm")
    page = reverse("admin:rendering_outputtype_change", args=[film.pk])
    assert {"frames", "quality"} <= counted(now(admin_client.get(page).content.decode()))
    reader = staff("rendering.view_outputtype")
    assert {"frames", "quality"} <= counted(now(reader.get(page).content.decode())), "though it has no fields"
    add = reverse("admin:rendering_outputtype_add")
    assert "azimuth" in counted(now(admin_client.get(add, {"camera": "custom"}).content.decode()))
    refused = admin_client.post(add, {"format": "tiff", "camera": "custom", "lighting": "softbox"})
    assert {"azimuth", "bit_depth"} <= counted(now(refused.content.decode()))
    assert "bit_depth" not in counted(now(admin_client.post(add, {"format": "jpg"}).content.decode()))
