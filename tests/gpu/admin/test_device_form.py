"""What an operator may choose for a GPU, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gpu.admin.device_form import GpuDeviceForm
from gpu.models import GpuDevice

pytestmark = pytest.mark.django_db


def words(device: GpuDevice, **fields: Any) -> str:
    values = {"enabled": True, "serves_heavy": True, "serves_light": True, "queue": "", **fields}
    return " ".join(
        error for errors in GpuDeviceForm(values, instance=device).errors.values() for error in errors
    )


def gpu(number: int, **fields: Any) -> GpuDevice:
    return GpuDevice.objects.create(
        host="h", backend="OPTIX", vendor_id=f"GPU-{number}", name="RTX", **fields
    )


def test_a_gpu_may_be_renamed_switched_off_or_made_the_light_one() -> None:
    gpu(1, queue="studio")
    second = gpu(2)
    for fields in (
        {"queue": "atelier"},
        {"enabled": False},
        {"queue": "asset_pipeline_light", "serves_heavy": False},
    ):
        assert words(second, **fields) == ""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"serves_heavy": False, "serves_light": False}, "Disable it instead"),
        ({"serves_heavy": False}, "No GPU would be left for the heavy lane"),
        ({"queue": "asset_pipeline_light", "serves_heavy": False}, "needs a second GPU"),
        ({"queue": "asset_pipeline_cpu"}, "are reserved"),
    ],
)
def test_what_can_not_work_with_one_gpu_is_refused(fields: dict[str, Any], expected: str) -> None:
    assert expected in words(gpu(1), **fields)


def test_a_queue_of_another_gpu_and_heavy_work_on_the_light_queue_are_refused() -> None:
    gpu(1, queue="studio")
    second = gpu(2)
    assert "can be used only once" in words(second, queue="studio")
    assert "takes only light work" in words(second, queue="asset_pipeline_light")


def test_a_gpu_is_saved_on_its_page(admin_client: Client) -> None:
    """The page's form has more fields than those that an operator chooses."""
    device = GpuDevice.objects.create(host="h1", backend="OPTIX", vendor_id="GPU-1", name="Card")
    form = {"enabled": "on", "serves_heavy": "on", "serves_light": "on", "queue": "mine"}
    answer = admin_client.post(reverse("admin:gpu_gpudevice_change", args=[device.pk]), form)
    device.refresh_from_db()
    assert answer.status_code == 302 and device.queue == "mine"
