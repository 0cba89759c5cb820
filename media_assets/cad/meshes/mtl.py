"""Reads the materials (MTL) of an OBJ that lie beside it in a packed upload. Runs in the child process only.

Colors are sRGB, as programs of CAD write them. Names of physical materials (Pr, Pm, Pc, norm) are in common use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from media_assets.cad.contract import Finding
from media_assets.cad.described import CLAMP, REPEAT, Described, FileTexture, Rgb
from media_assets.cad.meshes.colors import COLOR_DIGITS, to_linear, to_srgb
from media_assets.cad.meshes.gltf_materials import reduced
from media_assets.cad.meshes.textures import Levels, Picture, Pictures
from media_assets.cad.product_tree import Color
from media_assets.cad.unpack import file_name

MOST_BYTES = 50_000_000
SHINIEST = 1000.0  # of Ns
NO_METAL, ROUGH = 0.0, 0.5

MAPS = ("map_kd", "map_d", "map_ke", "map_pr", "map_pm", "norm", "map_bump", "bump")
SAY_MORE = {"ns", "ks", "pr", "pm", "pc", "ke"}
LOST = {
    *("map_ks", "map_ns", "disp", "decal", "refl", "map_ps", "map_pc", "map_refl"),
    *("tf", "ps", "aniso", "anisor"),
}
ARGUMENTS = {"-mm": 2, "-o": 3, "-s": 3, "-t": 3}
"""Options of a texture with more than one word; those of three may have fewer."""


@dataclass
class Materials:
    """The colors of materials by name in lower case, with what else they say, and what to say about the others."""

    colors: dict[bytes, Color] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class _Map:
    """A texture as an MTL names it."""

    content: bytes | None
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    is_clamped: bool = False
    strength: float = 1.0

    def texture(self, picture: Picture) -> FileTexture:
        (x, y), (across, up) = self.offset, self.scale
        wrap = CLAMP if self.is_clamped else REPEAT
        # The coordinates of an OBJ count from below, those of glTF from above.
        return FileTexture(
            picture.png,
            wrap=(wrap, wrap),
            offset=(x, 1.0 - up - y),
            scale=(across, up),
            strength=self.strength,
        )


@dataclass
class _Written:
    """One material as it is written."""

    numbers: dict[str, list[float]] = field(default_factory=dict)
    maps: dict[str, _Map] = field(default_factory=dict)

    def rgb(self, name: str, default: float) -> Rgb:
        red, green, blue = self.numbers.get(name) or [default] * 3
        return red, green, blue

    def one(self, name: str, default: float) -> float:
        return (self.numbers.get(name) or [default])[0]


def read_materials(libraries: list[bytes], companions: Mapping[str, Path]) -> Materials:
    """Return the materials of the libraries that an OBJ names."""
    found = Materials()
    reader = _MtlReader(companions)
    missing = []
    for words in dict.fromkeys(libraries):
        name = file_name(words.decode("utf-8", "replace"))
        path = companions.get(name) or _only_library(companions)
        if path is None or path.stat().st_size > MOST_BYTES:
            missing.append(name)
            continue
        found.colors |= {name: reader.color(one) for name, one in reader.read(path.read_bytes()).items()}
    if missing:
        found.findings.append(
            Finding(
                "materials_left_out",
                f"The colors of an OBJ lie in a file of their own ({missing[0][:80]}), which was not uploaded: "
                "the parts are shown in gray. Upload a ZIP with both, or assign materials by part name.",
            )
        )
    found.findings += reader.findings()
    return found


def _only_library(companions: Mapping[str, Path]) -> Path | None:
    """Return the one MTL that was uploaded, for an OBJ that was renamed or names it with a path of its own."""
    found = [path for name, path in companions.items() if name.endswith(".mtl")]
    return found[0] if len(found) == 1 else None


class _MtlReader:
    def __init__(self, companions: Mapping[str, Path]) -> None:
        self._companions = companions
        self._pictures = Pictures()
        self._lost: set[str] = set()
        self._lost_textures: set[str] = set()

    def findings(self) -> list[Finding]:
        found = []
        if self._lost:
            found.append(
                Finding(
                    "properties_left_out",
                    "The file describes its surfaces in ways that are not shown here. Compare the picture with the "
                    "model, and assign a finish where it looks different.",
                    ", ".join(sorted(self._lost)),
                )
            )
        if self._lost_textures:
            found.append(
                Finding(
                    "textures_left_out",
                    "Some textures were not uploaded with the file or can't be read. Upload a ZIP with the OBJ, its "
                    "MTL and all images as PNG or JPEG.",
                    ", ".join(sorted(self._lost_textures)[:20]),
                )
            )
        return found + reduced(self._pictures)

    def read(self, content: bytes) -> dict[bytes, _Written]:
        """Return the materials of a file by name in lower case."""
        found: dict[bytes, _Written] = {}
        material = _Written()
        for line in content.splitlines():
            first, _, rest = line.strip().replace(b"\t", b" ").partition(b" ")
            word = first.lower().decode("ascii", "replace")
            if word == "newmtl":
                material = found.setdefault(rest.strip().lower(), _Written())
            elif word in MAPS:
                material.maps[word] = self._map(rest.decode("utf-8", "replace"))
            elif word in LOST:
                self._lost.add(first.decode("ascii", "replace"))
            elif numbers := _numbers(rest.replace(b"-halo", b"")):
                material.numbers[word] = numbers
        return found

    def color(self, material: _Written) -> Color:
        """Return the color of a material, and what else it says."""
        kd = material.rgb("kd", 0.8 if "map_kd" not in material.maps else 1.0)
        if "map_kd" in material.maps and not any(kd):
            kd = (1.0, 1.0, 1.0)  # as programs write it that have their color from the texture
        kd = _held(kd)
        alpha = min(max(material.one("d", 1.0 - material.one("tr", 0.0)), 0.0), 1.0)
        textures, average = self._textures(material)
        shown = to_srgb(to_linear(np.array(kd)) * to_linear(np.array(average)))
        color = Color(*(round(float(one), COLOR_DIGITS) for one in (*shown, alpha)))
        if not textures and not SAY_MORE & material.numbers.keys():
            return color
        has = dict(textures)
        rough = 1.0 - math.sqrt(min(max(material.one("ns", -1.0), 0.0), SHINIEST) / SHINIEST)
        red, green, blue = (float(one) for one in to_linear(np.array(kd)))
        glow = material.rgb("ke", 1.0 if "emissive" in has else 0.0)
        strongest = max(1.0, *glow)
        emissive = to_linear(np.array(_held((glow[0] / strongest, glow[1] / strongest, glow[2] / strongest))))
        is_clear = alpha < 1.0 or "map_d" in material.maps
        combined = "metallic_roughness" in has
        described = Described(
            base=(red, green, blue, alpha),
            alpha_mode="BLEND" if is_clear else "OPAQUE",
            metallic=1.0 if combined else _share(material.one("pm", NO_METAL)),
            roughness=1.0
            if combined
            else _share(material.one("pr", rough if "ns" in material.numbers else ROUGH)),
            emissive=(float(emissive[0]), float(emissive[1]), float(emissive[2])),
            emissive_strength=strongest,
            coat=_share(material.one("pc", 0.0)),
            coat_roughness=_share(material.one("pcr", 0.0)),
            ior=min(max(material.one("ni", 1.5), 1.0), 3.0),
            specular=_share(2.0 * sum(material.rgb("ks", 0.5)) / 3.0),
            textures=tuple(textures),
        )
        return replace(color, described=described)

    def _textures(self, material: _Written) -> tuple[list[tuple[str, FileTexture]], Rgb]:
        maps = material.maps
        found: list[tuple[str, FileTexture]] = []
        average: Rgb = (1.0, 1.0, 1.0)

        def take(name: str, field: str, picture: Picture | None) -> None:
            if picture is None:
                self._lost_textures.add(name)
            else:
                found.append((field, maps[name].texture(picture)))

        if base := maps.get("map_kd") or maps.get("map_d"):
            picture = self._base(maps.get("map_kd"), maps.get("map_d"))
            take("map_kd" if "map_kd" in maps else "map_d", "base", picture)
            average = picture.average if picture and base is maps.get("map_kd") else average
        if "map_pr" in maps or "map_pm" in maps:
            rough, metal = (maps[one].content if one in maps else None for one in ("map_pr", "map_pm"))
            pr, pm = (_share(material.one(one, default)) for one, default in (("pr", 1.0), ("pm", 1.0)))
            flat = (255 * (pr if "map_pr" not in maps else 1.0), 255 * (pm if "map_pm" in maps else 0.0))
            picture = None
            if rough or metal:
                made = self._pictures.made
                picture = made(lambda a, b: _combined(a, b, *flat), rough, metal, name=f"combined {flat}")
            take("map_pr" if "map_pr" in maps else "map_pm", "metallic_roughness", picture)
        if "map_ke" in maps:
            take("map_ke", "emissive", self._picture(maps["map_ke"]))
        for name in ("norm", "map_bump", "bump"):
            if name in maps:
                picture = self._picture(maps[name])
                if picture and name != "norm" and not _is_normal_map(picture):
                    self._lost.add(name)
                else:
                    take(name, "normal", picture)
                break
        return found, average

    def _base(self, color: _Map | None, opacity: _Map | None) -> Picture | None:
        contents = [one.content if one else None for one in (color, opacity)]
        if (color and contents[0] is None) or (not color and contents[1] is None):
            return None
        if opacity and contents[1] is None:
            self._lost_textures.add("map_d")
        if contents[1] is None:
            return self._pictures.picture(contents[0] or b"")
        return self._pictures.made(_with_opacity, *contents, name="opacity")

    def _picture(self, one: _Map) -> Picture | None:
        return self._pictures.picture(one.content, has_alpha=False) if one.content else None

    def _map(self, words: str) -> _Map:
        """Return a texture: its options, and the bytes of its file."""
        left = words.split()
        found = _Map(None)
        while left and left[0].startswith("-") and len(left) > 1:
            option = left.pop(0).lower()
            taken: list[float] = []
            most = ARGUMENTS.get(option, 1)
            while len(left) > 1 and len(taken) < most and (number := _number(left[0])) is not None:
                taken.append(number)
                left.pop(0)
            if not taken and len(left) == 1:
                break
            if not taken:
                found.is_clamped = found.is_clamped or (option, left[0].lower()) == ("-clamp", "on")
                left.pop(0)
            elif option == "-o":
                found.offset = (taken[0], taken[1] if len(taken) > 1 else 0.0)
            elif option == "-s":
                found.scale = (taken[0], taken[1] if len(taken) > 1 else 1.0)
            elif option == "-bm":
                found.strength = min(max(taken[0], 0.0), 10.0)
        path = self._companions.get(file_name(" ".join(left)))
        if path is not None and path.stat().st_size <= MOST_BYTES:
            found.content = path.read_bytes()
        return found


def _with_opacity(color: Levels | None, opacity: Levels) -> Levels:
    made = np.full_like(opacity, 255) if color is None else color.copy()
    has_alpha = (opacity[..., 3] < 255).any()
    made[..., 3] = opacity[..., 3] if has_alpha else opacity[..., 0]
    return made


def _combined(rough: Levels | None, metal: Levels | None, flat_rough: float, flat_metal: float) -> Levels:
    """Return one image of roughness (green) and metalness (blue), as glTF has it."""
    like = rough if rough is not None else metal
    assert like is not None
    made = np.zeros((*like.shape[:2], 3), np.uint8)
    made[..., 1] = rough[..., 0] if rough is not None else round(flat_rough)
    made[..., 2] = metal[..., 0] if metal is not None else round(flat_metal)
    return made


def _is_normal_map(picture: Picture) -> bool:
    """Return whether an image holds directions and not heights: on average they point out of the surface."""
    red, green, blue = picture.average
    return blue > 0.7 and abs(red - 0.5) < 0.15 and abs(green - 0.5) < 0.15


def _numbers(words: bytes) -> list[float]:
    """Return one or three finite numbers; none where something else stands."""
    found = [_number(word.decode("ascii", "replace")) for word in words.split()[:3]]
    numbers = [one for one in found if one is not None]
    if not numbers or len(numbers) != len(found):
        return []
    return numbers if len(numbers) == 3 else [numbers[0]] * 3


def _number(word: str) -> float | None:
    try:
        found = float(word[:40])
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _held(rgb: Rgb) -> Rgb:
    red, green, blue = (_share(one) for one in rgb)
    return red, green, blue


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
