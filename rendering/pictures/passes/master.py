"""The master of passes, as Blender writes it (`blender_scripts.stage.passes`): a ZIP of an EXR and a list of parts."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from blender_scripts.matte_hash import hash_of
from rendering.pictures.gate import GateError

Plane = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

_LAYERS, _PARTS = "passes.exr", "parts.json"
_DIGITS = 256
_BEYOND = 1e9
"""Depth (scene units) from which on there is nothing: Cycles has 1e10 there."""


class DamagedPasses(ValueError):
    """The master can't be read; the message says why."""


@dataclass(frozen=True)
class Passes:
    """What was rendered. `keys` are the part keys that there are; `places` has for each number which of them it is.

    `channels` are by pass and letter, such as ("Depth", "Z"), each (height, width).
    """

    channels: Mapping[tuple[str, str], Plane]
    keys: tuple[str, ...]
    places: Numbers
    matte_names: tuple[str, ...]
    mm: float

    @property
    def alpha(self) -> Plane:
        return self._plane("Combined", "A")

    @cached_property
    def ids(self) -> Numbers:
        """Which key the part in each pixel has, counted from 1; 0 for none. (height, width)."""
        number = np.zeros(self.alpha.shape, np.int64)
        for power, letter in enumerate("RGB"):
            digits = np.rint(self._plane("Combined", letter) * _DIGITS).astype(np.int64)
            number += digits * _DIGITS**power
        number[self.alpha == 0] = 0
        if number.min() < 0 or number.max() > len(self.places):
            raise DamagedPasses("It has numbers that are no part's.")
        found: Numbers = np.concatenate([[0], self.places + 1])[number]
        return found

    @cached_property
    def depth_mm(self) -> Plane:
        """How far each pixel is from the camera, along its view, in mm; 0 where nothing is."""
        depth = self._only("Depth")
        is_there = (depth < _BEYOND) & (self.alpha > 0)
        return np.where(is_there, depth * np.float32(self.mm), np.float32(0)).astype(np.float32)

    @cached_property
    def normals(self) -> Plane:
        """Which way the surface looks, in the axes of the product as it stands (Z up): (height, width, 3)."""
        found = np.stack([self._plane("Normal", letter) for letter in "XYZ"], axis=-1)
        found[self.alpha == 0] = 0
        return found

    @cached_property
    def ranks(self) -> tuple[Numbers, Plane]:
        """The parts of each pixel as keys counted from 1 (0: none), and how much of it each has: (height, width, n)."""
        known = {hash_of(name): place for name, place in zip(self.matte_names, self.places, strict=True)}
        hashes = np.array(sorted(known), np.uint32)
        keys = np.array([known[int(one)] + 1 for one in hashes], np.int64)
        numbers, shares = [], []
        for name in sorted({name for name, _ in self.channels if name.startswith("CryptoObject")}):
            for one, other in ("RG", "BA"):
                share = self._plane(name, other)
                bits = np.ascontiguousarray(self._plane(name, one)).view(np.uint32)
                at = np.searchsorted(hashes, bits).clip(max=len(hashes) - 1)
                is_known = hashes[at] == bits
                if (~is_known & (bits != 0) & (share > 0)).any():
                    raise DamagedPasses("It has mattes that are no part's.")
                numbers.append(np.where(is_known & (share > 0), keys[at], 0))
                shares.append(np.where(numbers[-1] > 0, share, np.float32(0)))
        if not numbers:
            raise DamagedPasses("It has no mattes.")
        return np.stack(numbers, axis=-1), np.stack(shares, axis=-1)

    def _plane(self, name: str, letter: str) -> Plane:
        if (name, letter) not in self.channels:
            raise DamagedPasses(f"It lacks the pass {name}.")
        return self.channels[name, letter]

    def _only(self, name: str) -> Plane:
        letters = [letter for one, letter in self.channels if one == name]
        return self._plane(name, letters[0] if len(letters) == 1 else "Z")


def read(path: Path, folder: Path) -> Passes:
    """Return the passes in the master *path*; the EXR is unpacked into *folder* meanwhile.

    Raises DamagedPasses, or OSError for what can't be read.
    """
    try:
        with zipfile.ZipFile(path) as packed, NamedTemporaryFile(dir=folder, suffix=".exr") as layers:
            said = json.loads(packed.read(_PARTS))
            layers.write(packed.read(_LAYERS))
            layers.flush()
            channels = _channels(layers.name)
        named = [part["key"] or part["matte"] for part in said["parts"]]
        keys = {key: at for at, key in enumerate(dict.fromkeys(named))}
        return Passes(
            channels,
            tuple(keys),
            np.array([keys[key] for key in named], np.int64),
            tuple(part["matte"] for part in said["parts"]),
            float(said["mm"]),
        )
    except (zipfile.BadZipFile, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise DamagedPasses(str(error)) from error


def check(path: Path, recipe: Mapping[str, Any]) -> None:
    """Raise GateError unless a master of passes decodes, has the size of its recipe (px) and shows a part."""
    try:
        found = read(path, path.parent)
        height, width = found.ids.shape
    except DamagedPasses as error:
        raise GateError("damaged", error=error) from error
    wanted = {"ordered_width": recipe["width"], "ordered_height": recipe["height"]}
    if [width, height] != list(wanted.values()):
        raise GateError("wrong_size", width=width, height=height, **wanted)
    if not found.alpha.any():
        raise GateError("clear")


def _channels(path: str) -> dict[tuple[str, str], Plane]:
    """Return the channels of Blender's EXR: since 5.0 each pass is a part of the file, before all are in one."""
    found = {}
    with OpenEXR.File(path, separate_channels=True) as file:
        for part in file.parts:
            for name, channel in part.channels.items():
                _layer, pass_name, letter = name.rsplit(".", 2)
                found[pass_name, letter.upper()] = np.array(channel.pixels, np.float32)
    return found
