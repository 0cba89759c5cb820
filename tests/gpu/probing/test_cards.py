"""What vendors' tools and the kernel print, read without believing too much."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu.probing.cards import (
    GraphicsCard,
    of_the_kernel,
    parse_nvidia_smi,
    parse_rocm_smi,
    parse_xpu_smi,
    pci_address,
)
from tests.fake_gpu import recorded

PARSERS = [parse_nvidia_smi, parse_rocm_smi, parse_xpu_smi]


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text(max_size=300) | st.sampled_from(["{}", "[]", '{"card0": 1}', '"', "a,b,c,d,e\n" * 3]))
def test_no_output_breaks_a_parser_or_invents_a_card(parse: object, text: str) -> None:
    assert parse(text) == []  # type: ignore[operator]


@pytest.mark.parametrize("parse", PARSERS)
@given(cut=st.integers(0, 400))
def test_a_cut_off_output_gives_whole_cards_or_none(parse: object, cut: int) -> None:
    name = {"parse_nvidia_smi": "two_nvidia", "parse_rocm_smi": "amd", "parse_xpu_smi": "intel"}
    tools = recorded(name[parse.__name__])["tools"]  # type: ignore[attr-defined]
    (tool,) = tools.values()
    for card in parse(tool["stdout"][:cut]):  # type: ignore[operator]
        assert card.pci == pci_address(card.pci)


def test_figures_that_a_tool_does_not_know_stay_unknown() -> None:
    (card,) = parse_nvidia_smi("GPU-1, 00000000:01:00.0, NVIDIA GB10, [N/A], [Unknown Error]\n")
    assert card == GraphicsCard("0000:01:00", "GPU-1", "NVIDIA GB10", None, "")


def test_older_labels_of_rocm_smi_are_understood() -> None:
    output = '{"card0": {"Unique ID": "N/A", "Card series": "Vega 10", "PCI Bus": "0000:0B:00.0"}}'
    assert parse_rocm_smi(output) == [GraphicsCard("0000:0b:00", "", "Vega 10", None, "")]


def test_the_kernel_knows_a_card_without_any_tool(tmp_path: Path) -> None:
    nvidia = tmp_path / "proc/driver/nvidia/gpus/0000:01:00.0"
    nvidia.mkdir(parents=True)
    (nvidia / "information").write_text(
        "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ:   \t\t 120\nGPU UUID: \t GPU-12ab\nBus Location: \t 0000:01:00.0\n"
    )
    (tmp_path / "proc/driver/nvidia/version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  560.35.03  Fri Aug 16\n"
    )
    amd = tmp_path / "sys/class/drm/card1/device"
    amd.mkdir(parents=True)
    (amd / "uevent").write_text("DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n")
    (amd / "mem_info_vram_total").write_text("25753026560\n")
    (amd / "unique_id").write_text("5a0fe2c4b3d61e77\n")
    (tmp_path / "sys/class/drm/card1-DP-1").mkdir()
    assert of_the_kernel(tmp_path) == [
        GraphicsCard("0000:01:00", "GPU-12ab", "NVIDIA GeForce RTX 4090", None, "560.35.03"),
        GraphicsCard("0000:03:00", "GPU-5a0fe2c4b3d61e77", "", 24560, ""),
    ]
    assert of_the_kernel(tmp_path / "nothing") == []
