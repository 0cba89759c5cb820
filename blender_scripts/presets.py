"""The studio presets: one row each, which the contract, output types, the contact sheet and the scene read.

Standard library only. A new preset is a row here.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _(text: str) -> str:
    """Mark a text for translation, which happens where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Softbox:
    """A rectangular light: place relative to the camera's azimuth, size, radiance, falloff to its edges.

    One that is not `mirrored` fills matte surfaces and is not seen in metal, which it would turn flat.
    Lengths in scene units: the subject's bounding sphere has radius 1.
    """

    place: tuple[float, float, float]
    size: tuple[float, float]
    strength: float
    aim: tuple[float, float, float] = (0.0, 0.0, 0.35)
    falloff: float = 0.6
    mirrored: bool = True


@dataclass(frozen=True, slots=True)
class Strip:
    """An upright band of light that only gloss mirrors: its azimuth as seen from the subject (0 towards the camera,
    90 to the right of the picture), the angle from there to where it has faded out (degrees), and its radiance.
    """

    azimuth: float
    width: float
    strength: float


@dataclass(frozen=True, slots=True)
class StudioRoom:
    """Softboxes in a room whose light goes from `floor` below to `sky` overhead, with `sides` left and right; low down
    gloss mirrors strips instead, scaled by `strips`. `sweep` is the radiance of the backdrop that an acrylic floor
    mirrors.

    `level` scales it all: in softbox and high key a matte patch that faces the key shows its own color.
    """

    boxes: tuple[Softbox, ...]
    floor: float
    sky: float
    sides: float
    sweep: float
    strips: float
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class PanoramaLight:
    """A panorama all around, scaled by `level` and turned by `turn` degrees; its ground is that gray (None: as it is).

    `file` is one of those that come with Blender; "" for one of the operator's own.
    """

    file: str = ""
    level: float = 1.0
    turn: float = 0.0
    ground: float | None = None


@dataclass(frozen=True, slots=True)
class OwnLight:
    """The lights and the ground of a studio of the operator's own (`studios.OwnStudio`)."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """How a contact sheet shows a preset: its title, the background's colors from top to bottom, the look."""

    title: str
    background: tuple[str, ...]
    look: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset: its label in forms, its light, and its column on contact sheets (None: it is on none)."""

    label: str
    light: StudioRoom | PanoramaLight | OwnLight
    column: SheetColumn | None = None

    @property
    def is_panorama(self) -> bool:
        return isinstance(self.light, PanoramaLight)

    @property
    def needs_file(self) -> bool:
        """Whether the panorama is one of the operator's own."""
        return isinstance(self.light, PanoramaLight) and not self.light.file

    @property
    def needs_studio(self) -> bool:
        """Whether the studio is one of the operator's own."""
        return isinstance(self.light, OwnLight)


STRIPS_OF_SIDES = (
    Strip(-60.0, 70.0, 1.5),
    Strip(112.0, 48.0, 0.65),
    Strip(158.0, 20.0, 1.0),
    Strip(-158.0, 20.0, 1.0),
)
"""A broad one to the left and a weaker one to the right: two sides of a box, in two tones."""

STRIPS_OF_TURNED = (
    Strip(-66.0, 46.0, 1.8),
    Strip(94.0, 34.0, 1.1),
    Strip(158.0, 22.0, 0.6),
    Strip(-158.0, 22.0, 0.6),
)
"""Two narrow ones with the dark between them, and one along each edge. An upright cylinder mirrors at sin(a / 2) of its
radius from its middle what stands at the azimuth a."""

PRESETS = {
    "softbox": Preset(
        _("Softbox studio"),
        StudioRoom(
            (
                Softbox((0.0, 0.9, 4.2), (4.4, 3.2), 2.3, falloff=0.7),
                Softbox((-4.0, -1.9, 2.3), (2.8, 3.8), 4.0, falloff=0.7),
                Softbox((4.2, -0.4, 1.9), (1.2, 3.6), 4.6, falloff=0.7),
                # A flat face that looks up shows this one: at 1.7 steel was as white as the paper.
                Softbox((-1.2, 4.8, 2.9), (4.6, 2.2), 1.1, falloff=0.95),
                Softbox((0.8, -5.2, 2.2), (6.0, 4.0), 1.3, mirrored=False),
            ),
            floor=0.10,
            sky=0.28,
            sides=0.75,
            sweep=1.0,
            strips=1.0,
            level=0.885,
        ),
        SheetColumn("Softbox", ("#ffffff",)),
    ),
    "high_key": Preset(
        _("High key"),
        StudioRoom(
            (
                Softbox((0.0, 0.4, 4.4), (6.0, 5.0), 1.0),
                Softbox((-4.6, -2.0, 2.4), (4.0, 4.0), 2.1),
                Softbox((4.6, -1.2, 2.4), (4.0, 4.0), 1.9),
                Softbox((0.0, 5.0, 2.6), (6.0, 3.0), 1.2, falloff=0.8),
                Softbox((0.0, -5.4, 2.2), (7.0, 4.0), 0.9, mirrored=False),
            ),
            floor=0.32,
            sky=0.40,
            sides=0.55,
            sweep=1.0,
            strips=0.7,
            level=0.855,
        ),
        SheetColumn(
            "High key, acrylic floor",
            ("#ffffff", "#eceff2"),
            {"lighting": "high_key", "ground": "reflective"},
        ),
    ),
    "dark": Preset(
        _("Dark"),
        StudioRoom(
            (
                Softbox((0.4, 1.2, 3.8), (3.0, 1.6), 6.5, falloff=0.9),
                Softbox((-4.0, -0.6, 1.8), (0.9, 3.6), 8.0, falloff=0.8),
                Softbox((4.0, 0.2, 1.6), (0.9, 3.6), 7.0, falloff=0.8),
                Softbox((-1.6, 4.6, 3.0), (4.0, 1.6), 1.4, falloff=0.95),
            ),
            floor=0.025,
            sky=0.10,
            sides=0.55,
            sweep=0.02,
            strips=0.8,
        ),
        SheetColumn(
            "Dark, acrylic floor", ("#3a3e45", "#121417"), {"lighting": "dark", "ground": "reflective"}
        ),
    ),
    "daylight": Preset(
        _("Daylight (Blender's own panorama)"),
        PanoramaLight(
            "city.exr",  # by Greg Zaal, Poly Haven; CC0
            level=0.5,  # a matte surface that faces the sky shows its own color then, about: the sky sheds 2.2 on it
            turn=180.0,  # brings its sun to the left, behind the camera
            ground=0.9,  # its own has yellow lines, which would look like brass in steel
        ),
        SheetColumn("Daylight", ("#f3f5f7", "#dfe4e9"), {"lighting": "daylight"}),
    ),
    "custom": Preset(_("Panorama of your own"), PanoramaLight()),
    "studio": Preset(_("Studio of your own"), OwnLight()),
}
