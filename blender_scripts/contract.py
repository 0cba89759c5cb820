"""The contract between the two sides of Blender: specs in, results and exit codes out.

Standard library only. The Django side and the scripts inside Blender import this same file.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from blender_scripts.finish_rules import HEX, SHA256, Rule
from blender_scripts.jsonform import SPARSE, ContractError, JsonForm, spelled
from blender_scripts.labels import LabelSpec
from blender_scripts.presets import PRESETS

SCENE_VERSION = 6
"""Part of every picture's recipe: raise it whenever the same spec would give other pixels."""

BACKENDS = ("OPTIX", "CUDA", "HIP", "ONEAPI")
"""Cycles GPU backends in the order in which `auto` tries them."""

CYCLES_LOG = {"GLOG_logtostderr": "1", "GLOG_vmodule": "device=2,device_impl=2,geometry_bvh=2"}
"""Environment of a Blender that says on stderr what became of the drivers and which device it renders on."""

DEVICE_POLICIES = ("auto", "gpu", "cpu")
KINDS = ("thumbnail", "still", "turntable", "shadow", "passes")
"""`shadow` is what a still has besides its subject; `passes` say which part, how far and which way each pixel is."""

LIGHTING = tuple(PRESETS)
GROUNDS = ("shadow", "reflective", "none")
VIEW_TRANSFORMS = ("Standard", "AgX", "Khronos PBR Neutral")
MATERIALS = ("rules", "cad", "clay")
MOTIONS = ("turn", "assembly")
ALONE = "alone"
RESTS = ("hidden", "ghost", "glass", "outline", ALONE)

CAMERA_VIEWS: Mapping[str, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "right": (90.0, 0.0),
    "back": (180.0, 0.0),
    "left": (270.0, 0.0),
    "top": (0.0, 90.0),
    "bottom": (0.0, -90.0),
    "iso": (45.0, math.degrees(math.atan(1 / math.sqrt(2)))),
    "three_quarter": (32.0, 28.0),
    "three_quarter_left": (328.0, 28.0),
    "three_quarter_back": (212.0, 28.0),
    "hero": (28.0, 14.0),
}
"""Azimuth and elevation in degrees of the camera as seen from the subject; azimuth 0 looks at the front
(the CAD's -Y side), 90 at its right side."""


class ExitCode(IntEnum):
    """How a script inside Blender ends; ERROR also means "no GPU" for `gpu_probe.py`."""

    DONE = 0
    ERROR = 1
    GPU_REQUIRED = 2


@dataclass(frozen=True, slots=True)
class Look(JsonForm):
    """What makes a picture, apart from its size, sampling and background (which is laid in when files are derived).

    Angles in degrees, exposure in stops. `hdri` is the SHA-256 of the panorama that lights `custom`; `hdri_rotation`
    and `hdri_strength` count for it and for `daylight`. `studio` is the SHA-256 of the studio of one's own. `f_stop`
    None: everything is sharp. `edges` are rounded in shading; `lines` (#rrggbb, "" for none) are drawn along them, and
    with `outlines` where a round surface turns away.
    """

    camera_view: str = "three_quarter"
    azimuth: float | None = None
    elevation: float | None = None
    roll: float = 0.0
    focal_length_mm: float = 85.0
    orthographic: bool = False
    margin: float = 0.07
    lighting: str = "softbox"
    hdri: str = ""
    hdri_rotation: float = 0.0
    hdri_strength: float = 1.0
    f_stop: float | None = None
    ground: str = "shadow"
    view_transform: str = "Khronos PBR Neutral"
    exposure: float = 0.0
    materials: str = "rules"
    edges: bool = True
    lines: str = field(default="", metadata=SPARSE)
    studio: str = field(default="", metadata=SPARSE)
    outlines: bool = field(default=False, metadata=SPARSE)

    def __post_init__(self) -> None:
        _one_of("camera_view", self.camera_view, tuple(CAMERA_VIEWS))
        _one_of("lighting", self.lighting, LIGHTING)
        _one_of("ground", self.ground, GROUNDS)
        _one_of("view_transform", self.view_transform, VIEW_TRANSFORMS)
        _one_of("materials", self.materials, MATERIALS)
        _between("elevation", self.elevation or 0.0, -90.0, 90.0)
        _between("azimuth", self.azimuth or 0.0, -360.0, 360.0)
        _between("roll", self.roll, -360.0, 360.0)
        _between("focal_length_mm", self.focal_length_mm, 15.0, 600.0)
        _between("margin", self.margin, 0.0, 0.45)
        _between("exposure", self.exposure, -10.0, 10.0)
        _between("hdri_rotation", self.hdri_rotation, -360.0, 360.0)
        _between("hdri_strength", self.hdri_strength, 0.0, 100.0)
        if self.lines and not HEX.fullmatch(self.lines):
            raise ContractError(f"lines: expected #rrggbb in small letters, got {self.lines!r}.")
        if self.f_stop is not None:
            _between("f_stop", self.f_stop, 0.5, 64.0)
            if self.orthographic:
                raise ContractError("f_stop: an orthographic camera has no depth of field.")
        if PRESETS[self.lighting].needs_file != bool(SHA256.fullmatch(self.hdri)):
            raise ContractError(
                "hdri: custom lighting needs the SHA-256 of its panorama, other lighting has none."
            )
        if PRESETS[self.lighting].needs_studio != bool(SHA256.fullmatch(self.studio)):
            raise ContractError(
                "studio: the lighting studio needs the SHA-256 of its file, other lighting has none."
            )

    @property
    def direction(self) -> tuple[float, float]:
        """Azimuth and elevation in degrees: the named view's, each replaced where one was given."""
        azimuth, elevation = CAMERA_VIEWS[self.camera_view]
        return (
            azimuth if self.azimuth is None else self.azimuth,
            elevation if self.elevation is None else self.elevation,
        )


@dataclass(frozen=True, slots=True)
class Arrangement(JsonForm):
    """Which parts of the geometry a picture is about, and how the rest is shown with them.

    `parts` are their part keys; none: all parts. `rest` is what becomes of the others: hidden, or shown as a gray
    `ghost` of this `opacity`, as clear `glass` or as `outline`; `alone`: they are hidden, and the part stands as in its
    own file, wherever it is in the product, but that a flat one lies and a long one lies lengthwise. `color` (#rrggbb)
    replaces the finishes of the parts; "": they are as they are.
    `hidden` are the keys of parts that are not shown in any case.
    """

    parts: tuple[str, ...] = ()
    rest: str = "hidden"
    opacity: float = 0.15
    color: str = ""
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_of("rest", self.rest, RESTS)
        _between("opacity", self.opacity, 0.0, 1.0)
        if self.color and not HEX.fullmatch(self.color):
            raise ContractError(f"color: expected #rrggbb in small letters, got {self.color!r}.")


@dataclass(frozen=True, slots=True)
class Unfolding(JsonForm):
    """How a geometry is shown that was taken apart, and whose parts know their ways: with `lines` along these, or not.

    A film turns it once (`turn`), or begins with the whole product, takes it apart, turns it and puts it together again
    (`assembly`).
    """

    lines: bool = False
    motion: str = "turn"

    def __post_init__(self) -> None:
        _one_of("motion", self.motion, MOTIONS)


@dataclass(frozen=True, slots=True)
class RenderSpec(JsonForm):
    """One render: what to show, how, and where to put it.

    `output_path` is the PNG of a thumbnail, still or shadow, and the folder of a turntable's `frame_NNNN.png`
    (NNNN counts from 0001 to `frames`). `elevations` (degrees) are its rows, each of which turns once, one after the
    other; none: one, from the look's. `only_frames` limits it to these frame numbers, in this order; empty means all.
    Frames that exist already with the right size are kept, so the folder must belong to this recipe alone. Pictures are
    straight RGBA. `linear_path` is where an EXR with the same picture in scene-linear light goes ("" for none; not for
    turntables); `hdri_path` is the file of the look's panorama, `studio_path` that of its studio, `textures` are those
    of the pictures that finishes and `labels` name by their SHA-256. `preview_path` is where a small coarse picture
    goes before the render ("" for none); the picture itself is the same with it. `rules` say which finish each part
    gets when the look's materials are by rule; without any the built-in ones do. `orientation` turns the product before
    it is framed: nine numbers of a rotation, row by row, acting on columns (Z up); none: it stands as in the file.
    `subject` says which of its parts are shown,
    `unfolding` how one that was taken apart. Sizes in px.

    `passes` are written as a ZIP (`stage.passes`): with one sample, taken in the middle of each pixel, or with more for
    how much of a pixel each part has.
    """

    kind: str
    glb_path: str
    geometry_key: str
    output_path: str
    look: Look = field(default_factory=Look)
    orientation: tuple[float, ...] = ()
    subject: Arrangement = field(default_factory=Arrangement)
    unfolding: Unfolding = field(default_factory=Unfolding)
    width: int = 1024
    height: int = 1024
    samples: int = 128
    noise_threshold: float = 0.02
    denoise: bool = True
    seed: int = 0
    frames: int = 1
    elevations: tuple[float, ...] = ()
    only_frames: tuple[int, ...] = ()
    device_policy: str = "auto"
    color_depth: int = spelled("colour_depth", default=16)
    linear_path: str = ""
    hdri_path: str = ""
    studio_path: str = ""
    textures: Mapping[str, str] = field(default_factory=dict)
    preview_path: str = ""
    rules: tuple[Rule, ...] = ()
    labels: tuple[LabelSpec, ...] = ()

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, KINDS)
        _one_of("device_policy", self.device_policy, DEVICE_POLICIES)
        _between("width", self.width, 4, 16384)
        _between("height", self.height, 4, 16384)
        _between("samples", self.samples, 1, 65536)
        _between("noise_threshold", self.noise_threshold, 0.0, 1.0)
        _between("seed", self.seed, 0, 2**31 - 1)
        _between("frames", self.frames, 1, 10_000)
        if len(self.orientation) not in (0, 9):
            raise ContractError(f"orientation: expected 9 numbers or none, got {len(self.orientation)}.")
        for number in self.orientation:
            _between("orientation", number, -1.0, 1.0)
        if self.color_depth not in (8, 16):
            raise ContractError(f"colour_depth: expected 8 or 16, got {self.color_depth}.")
        for name in ("glb_path", "geometry_key", "output_path"):
            if not getattr(self, name):
                raise ContractError(f"{name}: must not be empty.")
        if self.kind != "turntable" and self.frames != 1:
            raise ContractError(f"frames: a {self.kind} has one frame, got {self.frames}.")
        for elevation in self.elevations:
            _between("elevations", elevation, -90.0, 90.0)
        if self.elevations and (self.kind != "turntable" or self.frames % len(self.elevations)):
            raise ContractError("elevations: only a turntable has rows, all of equally many frames.")
        if self.kind in ("turntable", "passes") and self.linear_path:
            raise ContractError(f"linear_path: the kind {self.kind} has no EXR of its light.")
        if self.look.hdri and not self.hdri_path:
            raise ContractError("hdri_path: the look has a panorama, so its file must be named.")
        if self.look.studio and not self.studio_path:
            raise ContractError("studio_path: the look has a studio, so its file must be named.")
        if any(one.finish.texture and one.finish.texture.sha256 not in self.textures for one in self.rules):
            raise ContractError("textures: a finish has a texture, so its file must be named.")
        if any(one.sha256 not in self.textures for one in self.labels):
            raise ContractError("textures: a label has a picture, so its file must be named.")
        if any(not 1 <= number <= self.frames for number in self.only_frames):
            raise ContractError(f"only_frames: expected numbers from 1 to {self.frames}.")

    def turned(self, number: int) -> float:
        """Return how far a turntable has turned at this frame, from 0 to 1."""
        row = self.frames // max(1, len(self.elevations))
        return (number - 1) % row / row

    def look_of(self, number: int) -> Look:
        """Return the look of this frame: its row is seen from an elevation of its own."""
        if not self.elevations:
            return self.look
        return replace(
            self.look, elevation=self.elevations[(number - 1) * len(self.elevations) // self.frames]
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """The files that Blender reads for it."""
        return tuple(filter(None, (self.glb_path, self.hdri_path, self.studio_path, *self.textures.values())))


@dataclass(frozen=True, slots=True)
class DeviceUsed(JsonForm):
    """The device that Cycles must use and cannot leave silently: its backend, name and Cycles id."""

    device: str
    compute_type: str
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class GpuFound(JsonForm):
    """One GPU that Cycles can use: its name, Cycles' id (with the PCI address) and its backend."""

    name: str
    id: str
    type: str


@dataclass(frozen=True, slots=True)
class DevicesSeen(JsonForm):
    """What one probe of Blender saw: its version, the GPU backends it was built with, the GPUs it can use."""

    blender_version: str
    compiled: tuple[str, ...] = ()
    devices: tuple[GpuFound, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress(JsonForm):
    """The progress of a render: its stage (geometry, scene, sync, preview, sample, save), frame and samples."""

    stage: str
    frame: int = 1
    frames: int = 1
    sample: int = 0
    samples: int = 0
    remaining_seconds: float | None = None

    @property
    def fraction(self) -> float:
        """Work done from 0.0 to 1.0, counted in samples over all frames."""
        inside = self.sample / self.samples if self.samples else 0.0
        if self.stage == "save":
            inside = 1.0
        return min(1.0, max(0.0, (self.frame - 1 + inside) / max(1, self.frames)))


@dataclass(frozen=True, slots=True)
class RenderOutcome(JsonForm):
    """How one render ended, with its receipt. Sizes in px, times in seconds, memory in MB.

    `error` is English; where it is of `refusals`, `error_case` and `error_details` are those of its words.
    `error_code` is one of bad_spec, bad_geometry, bad_panorama, bad_studio, bad_texture, bad_label, disk_full,
    write_failed, folder_gone, out_of_memory, gpu_required, gpu_failed, render_failed. `seconds` has geometry, scene,
    sync (until the first sample), preview where one was asked for, sample, save, total and, for the first job of a
    process, import.
    `frames_kept` counts frames that existed already.
    `device_proof` is Cycles' own name for what it sampled with, from its log before the first sample
    (EMBREE is the CPU); "" where this Blender logs none.
    """

    ok: bool
    error_code: str = ""
    error: str = ""
    error_case: str = ""
    error_details: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    device: str = ""
    compute_type: str = ""
    device_name: str = ""
    device_id: str = ""
    device_proof: str = ""
    blender_version: str = ""
    samples: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    geometry_hit: bool = False
    frames_kept: int = 0
    peak_mb: float = 0.0


def frame_name(number: int) -> str:
    """File name of frame `number` of a turntable, counted from 1."""
    return f"frame_{number:04d}.png"


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ContractError(f"{name}: expected one of {', '.join(allowed)}, got {value!r}.")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ContractError(f"{name}: expected {low:g} to {high:g}, got {value!r}.")
