"""The probe on recorded machines: what it finds, and what a broken driver can't do to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_scripts.contract import BACKENDS, DevicesSeen, GpuFound
from blender_scripts.launch import BlenderMissing, ScriptResult
from blender_scripts.tokens import devices_line
from gpu.probing.cards import GraphicsCard
from gpu.probing.probe import BackendState, Device, ProbeResult, judge, merge, pci_of, run
from tests.fake_gpu import FakeMachine

Probed = Callable[[str], ProbeResult]
R4090 = "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"


@pytest.mark.parametrize(
    ("recording", "names", "memory"),
    [
        ("no_gpu", [], []),
        ("one_nvidia", ["NVIDIA GeForce RTX 4090"], [24564]),
        ("two_nvidia", ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 3060"], [24564, 12288]),
        (
            "four_nvidia",
            ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 3060", "NVIDIA RTX A5000", "NVIDIA RTX A5000"],
            [24564, 12288, 24564, 24564],
        ),
        ("amd", ["AMD Radeon RX 7900 XTX"], [24560]),
        ("intel", ["Intel(R) Arc(TM) A770 Graphics"], [16288]),
        ("backend_crashes", ["NVIDIA GeForce RTX 4090"], [None]),
        ("backend_garbage", ["NVIDIA GeForce RTX 4090"], [None]),
    ],
)
def test_each_machine_has_its_gpus_once_with_their_memory(
    recording: str, names: list[str], memory: list[int | None], probed: Probed
) -> None:
    result = probed(recording)
    assert [device.name for device in result.devices] == names
    assert [device.memory_mb for device in result.devices] == memory
    assert ProbeResult.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_one_card_seen_by_optix_and_cuda_is_one_device_and_optix_is_preferred(probed: Probed) -> None:
    (device,) = probed("one_nvidia").devices
    assert device == Device(
        backend="OPTIX",
        vendor_id=R4090,
        name="NVIDIA GeForce RTX 4090",
        cycles_id="CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX",
        ordinal=0,
        pci="0000:01:00",
        memory_mb=24564,
        driver="560.35.03",
        backends=("OPTIX", "CUDA"),
    )


def test_amd_is_known_by_its_unique_id_and_intel_by_its_slot(probed: Probed) -> None:
    (amd,) = probed("amd").devices
    assert (amd.backend, amd.vendor_id, amd.driver) == ("HIP", "GPU-5a0fe2c4b3d61e77", "6.8.5")
    (intel,) = probed("intel").devices
    assert (intel.backend, intel.vendor_id, intel.driver) == ("ONEAPI", "0000:03:00", "I915_24.1.11")


def test_a_driver_that_crashes_costs_its_own_backend_alone(probed: Probed) -> None:
    result = probed("backend_crashes")
    assert result.state("OPTIX") is BackendState.CRASHED
    assert result.devices[0].backend == "CUDA"
    assert "signal 11" in result.backends[0].words
    assert result.backends[0].tail == ("OptiX: driver mismatch",)
    (note,) = result.notes
    assert "nvidia-smi failed (exit code 18)" in note and "version mismatch" in note


def test_a_driver_that_hangs_is_ended_and_the_others_are_not_waited_for_twice(probed: Probed) -> None:
    begun = time.monotonic()
    result = probed("backend_hangs")
    assert time.monotonic() - begun < 8
    assert result.state("HIP") is BackendState.HUNG
    assert result.state("OPTIX") is BackendState.OK
    assert [device.memory_mb for device in result.devices] == [24564]


def test_nonsense_that_imitates_a_device_is_none(probed: Probed) -> None:
    result = probed("backend_garbage")
    assert result.state("ONEAPI") is BackendState.GARBAGE
    assert "\0" not in json.dumps(result.to_json()) and "\\u0000" not in json.dumps(result.to_json())


def test_a_machine_without_a_gpu_says_why(probed: Probed) -> None:
    result = probed("no_gpu")
    assert {result.state(name) for name in BACKENDS} == {BackendState.NONE}
    assert result.words == "no GPU"
    assert "CUEW initialization failed: Error opening the library" in result.backends[0].tail[0]


def test_a_line_of_blender_5s_log_is_told_without_its_head() -> None:
    line = "00:03.606  cycles           | WARNING CUEW initialization failed: Error opening the library"
    said = (line, 'RENDER_DEVICES: {"blender_version":"5.2.3"}')
    _, result = judge("CUDA", ScriptResult(("blender",), 1, None, None, said, False), 1.0)
    assert result.tail == ("CUEW initialization failed: Error opening the library",)


def test_without_blender_nothing_is_probed(machine: Callable[..., FakeMachine], settings: object) -> None:
    machine("no_gpu")
    settings.BLENDER_EXECUTABLE = "/nowhere/blender"  # type: ignore[attr-defined]
    with pytest.raises(BlenderMissing):
        run()


def ended(output: tuple[str, ...], returncode: int = 0, timed_out: bool = False) -> ScriptResult:
    return ScriptResult(("blender",), returncode, None, None, output, timed_out)


@given(
    output=st.lists(st.text(max_size=60) | st.just("RENDER_DEVICES: []"), max_size=6),
    returncode=st.integers(-15, 3),
    timed_out=st.booleans(),
)
def test_whatever_a_driver_prints_it_is_judged_and_never_has_devices(
    output: list[str], returncode: int, timed_out: bool
) -> None:
    _, result = judge("CUDA", ended(tuple(output), returncode, timed_out), 60.0)
    assert not BackendState(result.state).is_answer
    assert not result.found
    assert BackendState(result.state) is BackendState.HUNG or not timed_out


def test_a_backend_that_was_not_built_in_is_no_missing_gpu() -> None:
    line = devices_line(DevicesSeen("4.5.15", compiled=("CUDA",)))
    assert judge("HIP", ended((line,), 1), 60.0)[1].state == BackendState.NOT_COMPILED
    assert judge("CUDA", ended((line,), 1), 60.0)[1].state == BackendState.NONE


places = st.integers(0, 2**16 - 1).map(lambda n: f"0000:{n >> 8:02x}:{n & 255:02x}")


@given(slots=st.lists(places, unique=True, max_size=6), data=st.data())
def test_every_slot_is_one_device_whichever_backends_see_it(slots: list[str], data: st.DataObject) -> None:
    found = []
    for place in slots:
        ways = data.draw(st.sets(st.sampled_from(["OPTIX", "CUDA"]), min_size=1))
        found += [
            GpuFound("GraphicsCard", f"CUDA_Card_{place}" + ("_OptiX" if way == "OPTIX" else ""), way)
            for way in ways
        ]
    devices = merge(
        data.draw(st.permutations(found)), {place: GraphicsCard(place, f"GPU-{place}") for place in slots}
    )
    assert [device.pci for device in devices] == sorted(slots)
    assert [device.ordinal for device in devices] == list(range(len(slots)))
    assert {device.vendor_id for device in devices} == {f"GPU-{place}" for place in slots}
    for device in devices:
        assert device.backend == device.backends[0]


@pytest.mark.parametrize(
    ("cycles_id", "place"),
    [
        ("CUDA_NVIDIA GeForce RTX 4090_0000:01:00", "0000:01:00"),
        ("CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX", "0000:01:00"),
        ("HIP_AMD Radeon RX 7900 XTX_0000:C3:00", "0000:c3:00"),
        ("ONEAPI_Level-Zero_Arc_0000:03:00.0", "0000:03:00"),
        ("CPU", ""),
        ("CUDA_without", ""),
        ("", ""),
    ],
)
def test_a_cycles_id_tells_the_slot(cycles_id: str, place: str) -> None:
    assert pci_of(cycles_id) == place


def test_two_cards_whose_ids_have_no_slot_stay_known_by_their_ids() -> None:
    one, other = merge([GpuFound("A", "HIP_A_x", "HIP"), GpuFound("B", "HIP_B_y", "HIP")], {})
    assert (one.vendor_id, other.vendor_id) == ("HIP_A_x", "HIP_B_y")
    assert (one.memory_mb, one.driver) == (None, "")
