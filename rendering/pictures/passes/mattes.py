"""Cryptomatte: how much of each pixel each part has, so that compositing programs select parts with soft edges.

J. Friedman and A. Jones, "Cryptomatte specification", version 1.2.0 (2021).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from blender_scripts.matte_hash import hash_of, murmur3, told_apart
from rendering.pictures.gate import GateError
from rendering.pictures.passes import ids, planes
from rendering.pictures.passes.master import Numbers, Passes, Plane

OBJECT, ASSET = "CryptoObject", "CryptoAsset"
"""The layers: each place of a part by its part key, and each kind of part by its number and name."""

ALMOST = 0.002  # of a pixel: what shares may be off by


@dataclass(frozen=True)
class Matte:
    """One layer: the names that it tells apart, and for each pixel the numbers (from 1) and shares of its parts."""

    layer: str
    names: Sequence[str]
    numbers: Numbers
    shares: Plane

    def channels(self) -> dict[str, Plane]:
        """Return the channels: number and share of two parts in each."""
        codes = np.array([0, *map(hash_of, self.names)], np.uint32).view(np.float32)[self.numbers]
        return {
            f"{self.layer}{rank // 2:02}": np.stack(
                [codes[..., rank], self.shares[..., rank], codes[..., rank + 1], self.shares[..., rank + 1]],
                axis=-1,
            ).astype(np.float32)
            for rank in range(0, self.numbers.shape[-1], 2)
        }

    def header(self) -> dict[str, str]:
        """Return what the header says of the layer, the manifest included."""
        start = f"cryptomatte/{murmur3(self.layer.encode()):08x}"[:19]
        manifest = {name: f"{hash_of(name):08x}" for name in self.names}
        return {
            f"{start}/name": self.layer,
            f"{start}/hash": "MurmurHash3_32",
            f"{start}/conversion": "uint32_to_float32",
            f"{start}/manifest": json.dumps(manifest, ensure_ascii=False, separators=(",", ":")),
        }


def write(passes: Passes, target: Path, about: Mapping[str, Any], credit: Mapping[str, str]) -> Plane:
    """Write the EXR; return the picture in it that is for looking at: RGBA of the colors of the places."""
    rows = ids.of_kinds(passes.keys, about.get("legend", ()))
    row_of = {key: at for at, row in enumerate(rows, start=1) for key in row["part_keys"]}
    kinds = np.array([0, *(row_of[key] for key in passes.keys)], np.int64)
    numbers, shares = _merged(*passes.ranks)
    named = told_apart([" ".join(filter(None, (str(row["number"] or ""), row["name"]))) for row in rows])
    mattes = (
        Matte(OBJECT, told_apart(passes.keys), numbers, shares),
        Matte(ASSET, named, *_merged(kinds[numbers], shares)),
    )
    palette = np.concatenate([[[0, 0, 0]], ids.colors(len(passes.keys))]).astype(np.float32) / 255
    shown: Plane = np.concatenate(
        [(palette[numbers] * shares[..., None]).sum(axis=2), shares.sum(axis=2)[..., None].clip(0, 1)], axis=2
    ).astype(np.float32)
    header = {name: text for matte in mattes for name, text in matte.header().items()}
    channels = {name: plane for matte in mattes for name, plane in matte.channels().items()}
    planes.write_exr(target, shown, channels, header, about, credit)
    return shown


def check(passes: Passes, target: Path) -> dict[str, Any]:
    """Return how many parts are seen. Raises GateError unless each number is in its manifest, and shares are whole."""
    seen = {}
    with OpenEXR.File(str(target)) as file:
        header, channels = file.header(), file.channels()
        for layer in (OBJECT, ASSET):
            start = next(name[: -len("/name")] for name, text in header.items() if text == layer)
            manifest = json.loads(header[f"{start}/manifest"])
            known = np.array([0, *(int(code, 16) for code in manifest.values())], np.uint32)
            ranked = [channels[name].pixels for name in sorted(channels) if name.startswith(layer)]
            pairs = np.concatenate(ranked, axis=-1)
            codes = np.ascontiguousarray(pairs[..., ::2]).view(np.uint32)
            if not np.isin(codes, known).all():
                raise GateError("damaged", error="A matte is not in its manifest.")
            if np.abs(pairs[..., 1::2].sum(axis=-1) - passes.alpha).max() > ALMOST:
                raise GateError("damaged", error="The shares of a pixel do not make up what is seen there.")
            seen[layer] = len(set(np.unique(codes).tolist()) - {0})
    return {"places": len(passes.keys), "places_seen": seen[OBJECT]}


def _merged(numbers: Numbers, shares: Plane) -> tuple[Numbers, Plane]:
    """Return the same with each number once in a pixel, the largest share first."""
    numbers, shares = numbers.copy(), shares.copy()
    ranks = numbers.shape[-1]
    for one in range(ranks):
        for other in range(one + 1, ranks):
            same = (numbers[..., one] == numbers[..., other]) & (numbers[..., one] > 0)
            shares[..., one] += np.where(same, shares[..., other], 0)
            shares[..., other][same] = 0
            numbers[..., other][same] = 0
    order = np.argsort(-shares, axis=-1, kind="stable")
    return np.take_along_axis(numbers, order, axis=-1), np.take_along_axis(shares, order, axis=-1)
