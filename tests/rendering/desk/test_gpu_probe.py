"""The GPU probe's page and its JSON: who may, what is said, and that Blender never runs in the web process."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blender_scripts.contract import BACKENDS
from gpu.models import GpuDevice, GpuProbe, SystemSettings, Worker
from gpu.probing import life, probe
from gpu.probing.caches import CacheSeen, Kernels, Stamp
from gpu.probing.probe import BackendResult, BackendState, Device, ProbeResult
from gpu.probing.runner import probe_now
from tests.rendering.desk.conftest import EVIL
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db

PAGE = "admin:gpu_gpuprobe_changelist"
START, LIVE = "admin:gpu_gpuprobe_start", "admin:gpu_gpuprobe_live"


@pytest.fixture(autouse=True)
def no_probe_in_the_web_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> ProbeResult:
        raise AssertionError("Blender was run in the web process")

    monkeypatch.setattr(probe, "run", never)
    monkeypatch.setattr(probe, "run_script", never)


def result_of(host: str = "h1", **states: str) -> ProbeResult:
    answers = tuple(
        BackendResult(name, BackendState(states.get(name, "none")), f"words of {name}", 0.5, tail=(EVIL,))
        for name in BACKENDS
    )
    card = Device(
        "OPTIX", "GPU-1", EVIL, "CUDA_x_0000:01:00_OptiX", 0, "0000:01:00", 24564, "560", ("OPTIX",)
    )
    return ProbeResult(host, timezone.now().isoformat(), 1.5, "4.5.15", answers, (card,))


def alive(host: str = "h1") -> None:
    Worker.objects.create(identity=f"{host}:b:1:1", host=host, pid=1, queue="renderdesk")


def text(client: Client, name: str = PAGE) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_strict(response, name)
    return response.content.decode()


def test_the_page_says_what_each_backend_of_each_host_answered(admin_client: Client) -> None:
    alive()
    probe_now(GpuProbe.Trigger.COMMAND, lambda: result_of(HIP="hung", ONEAPI="not_compiled"))
    html = text(admin_client)
    for words in ("words of OPTIX", "hung", "not built in", "24564 MB", "driver 560", "0000:01:00", "usable"):
        assert words in html, words


def test_the_page_says_whether_kernels_are_compiled_and_what_their_caches_hold(admin_client: Client) -> None:
    stamp = Stamp("GPU-1", EVIL, "OPTIX", "560", "4.5.15", "2026-11-23T10:00:00+00:00", 181.0, 20.0)
    found = replace(
        result_of(),
        cache_warning="The kernel cache is on overlay",
        caches=(
            CacheSeen("optix", f"/x/{EVIL}", 5_000_000, 2, "2026-11-20T08:15:00+00:00"),
            CacheSeen("cuda", "/c"),
        ),
        kernels=(
            Kernels("GPU-1", EVIL, "warm", "warmed with driver 560 and Blender 4.5.15", stamp),
            Kernels("GPU-2", "other", "cold", "nothing was compiled here yet"),
        ),
    )
    probe_now(GpuProbe.Trigger.COMMAND, lambda: found)
    html = text(admin_client)
    for words in (
        "cold 181.0 s, warm 20.0 s",
        "nothing was compiled here yet",
        "4.8\xa0MB",
        "2026-11-20 08:15",
    ):
        assert words in html, words
    assert html.count("probe_gpu --warm") == 1 and "on overlay" in html and "/c<" not in html


def test_a_lost_gpu_and_a_strict_policy_without_one_stand_out(admin_client: Client, settings: Any) -> None:
    settings.CYCLES_DEVICE = "gpu"
    alive()
    probe_now(GpuProbe.Trigger.COMMAND, result_of)
    assert "Renders are refused until" not in text(admin_client)
    probe_now(GpuProbe.Trigger.SCHEDULE, lambda: replace(result_of(), devices=()))
    html = text(admin_client)
    assert "lost" in html and "Renders are refused until" in html
    assert "from the environment variable CYCLES_DEVICE" in html


def test_the_button_asks_each_living_host_and_the_page_shows_it_wait(admin_client: Client) -> None:
    alive("h1")
    alive("h2")
    answer = admin_client.post(reverse(START), follow=True)
    assert "Probe requested: h1, h2." in answer.content.decode()
    assert sorted(GpuProbe.objects.values_list("host", "state", "trigger")) == [
        ("h1", "requested", "operator"),
        ("h2", "requested", "operator"),
    ]
    html = text(admin_client, LIVE)
    assert "Requested" in html and "data-live=" in html and "requested by operator admin" in html


def test_the_history_follows_a_probe_without_a_reload(admin_client: Client) -> None:
    row = life.request(GpuProbe.Trigger.OPERATOR, "h1")
    key = f'data-live-key="probe-{row.pk}"'
    assert f'{key} data-live="{reverse(LIVE)}" data-live-id="{row.pk}"' in text(admin_client)
    taken = life.take("h1")
    assert taken is not None
    life.succeed(taken, replace(result_of(), devices=()))
    response = admin_client.get(reverse(LIVE), {"id": [row.pk, "x", "9" * 40]})
    html = response.content.decode()
    assert re.search(rf"{key}>\s*<span", html) and "Succeeded" in html and "no GPU" in html


def test_a_probe_that_nobody_can_make_says_so(admin_client: Client) -> None:
    answer = admin_client.post(reverse(START), follow=True)
    assert "No host is online" in answer.content.decode()
    assert "run_workers" in text(admin_client, LIVE)


def test_the_button_needs_the_permission_and_the_page_one_of_two(staff: Callable[..., Client]) -> None:
    assert staff().get(reverse(PAGE)).status_code == 403
    assert staff().get(reverse(LIVE)).status_code == 403
    viewer, prober = staff("gpu.view_gpuprobe"), staff("gpu.probe_gpu")
    assert "Probe the GPUs now" not in text(viewer)
    assert viewer.post(reverse(START)).status_code == 403
    assert "Probe the GPUs now" in text(prober)
    assert prober.post(reverse(START)).status_code == 302
    assert prober.get(reverse(START)).status_code == 405


def test_json_starts_a_probe_and_follows_it_to_its_result(staff: Callable[..., Client]) -> None:
    alive()
    client = staff("gpu.probe_gpu")
    answer = client.post("/gpu/probe/")
    assert answer.status_code == 202
    started = answer.json()
    assert (started["probes"][0]["host"], started["warning"]) == ("h1", None)
    assert client.post("/gpu/probe/").json()["id"] == started["id"], "ten requests at once are one probe"
    row = life.take("h1")
    assert row is not None
    assert client.get("/gpu/probe/result/", {"id": row.pk}).json()["state"] == "running"
    life.succeed(row, result_of())
    asked = client.get("/gpu/probe/result/", {"id": row.pk}).json()
    assert (asked["state"], asked["result"]["host"]) == ("succeeded", "h1")
    last = client.get("/gpu/probe/result/").json()
    assert last["hosts"]["h1"]["devices"][0]["vendor_id"] == "GPU-1"
    assert (last["policy"], last["policy_source"], last["open"]) == ("auto", "system settings", [])
    assert last["alive_hosts"] == ["h1"]


def test_json_warns_when_no_host_is_alive(staff: Callable[..., Client]) -> None:
    assert "run_workers" in staff("gpu.probe_gpu").post("/gpu/probe/").json()["warning"]


@pytest.mark.parametrize("wanted", ["", "0", "x", "-1", "9" * 18, "9" * 400, "1e3", "²"])
def test_json_knows_no_probe_of_a_strange_id(wanted: str, staff: Callable[..., Client]) -> None:
    answer = staff("gpu.probe_gpu").get("/gpu/probe/result/", {"id": wanted})
    assert (answer.status_code, answer.json()["error_code"]) == (404, "unknown")


def test_json_refuses_everybody_else_as_json(client: Client, staff: Callable[..., Client]) -> None:
    for who, code in ((client, "not_logged_in"), (staff("gpu.view_gpuprobe"), "forbidden")):
        for answer in (who.post("/gpu/probe/"), who.get("/gpu/probe/result/")):
            assert (answer.status_code, answer.json()["error_code"]) == (403, code)
            assert "no-store" in answer["Cache-Control"]
    assert staff("gpu.probe_gpu").get("/gpu/probe/").status_code == 405
    assert not GpuProbe.objects.exists()


def test_json_refuses_a_forged_request_as_json(staff: Callable[..., Client]) -> None:
    session = staff("gpu.probe_gpu").cookies["sessionid"].value
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["sessionid"] = session
    answer = strict.post("/gpu/probe/")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "csrf")
    token = "a" * 32
    strict.cookies["csrftoken"] = token
    assert strict.post("/gpu/probe/", headers={"X-CSRFToken": token}).status_code == 202


def test_saving_the_settings_keeps_a_probe_that_ended_meanwhile(admin_client: Client) -> None:
    address = reverse("admin:gpu_systemsettings_change", args=[SystemSettings.load().pk])
    page = admin_client.get(address)
    form = page.context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    values = {name: "" if value is None else value for name, value in shown.items()}

    def meanwhile(**_: Any) -> None:
        probe_now(GpuProbe.Trigger.COMMAND, result_of)

    pre_save.connect(meanwhile, sender=SystemSettings)
    try:
        answer = admin_client.post(address, {**values, "probe_interval_minutes": 7})
    finally:
        pre_save.disconnect(meanwhile, sender=SystemSettings)
    assert answer.status_code == 302
    assert SystemSettings.load().probe_interval_minutes == 7
    assert "1 GPU" in admin_client.get(address).content.decode()


def test_the_desk_leads_to_the_page(admin_client: Client) -> None:
    assert reverse(PAGE) in admin_client.get(reverse("admin:index")).content.decode()


def test_a_device_says_that_it_is_lost(admin_client: Client) -> None:
    device = GpuDevice.objects.create(
        host="h1", backend="HIP", vendor_id="GPU-1", name="Card", lost_at=timezone.now()
    )
    assert "Lost" in admin_client.get(reverse("admin:gpu_gpudevice_changelist")).content.decode()
    assert (
        "Lost" in admin_client.get(reverse("admin:gpu_gpudevice_change", args=[device.pk])).content.decode()
    )


def test_the_history_shows_old_results_in_words(admin_client: Client) -> None:
    row, _ = probe_now(GpuProbe.Trigger.COMMAND, lambda: result_of(OPTIX="crashed"))
    response = admin_client.get(reverse("admin:gpu_gpuprobe_change", args=[row.pk]))
    assert_strict(response, "probe")
    assert "words of OPTIX" in response.content.decode()
