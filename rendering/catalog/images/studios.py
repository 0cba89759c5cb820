"""Studios: a confined Blender opens the .blend once and writes down its lights, its ground and its camera's limits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from blender_scripts.contract import Look, RenderSpec
from blender_scripts.jsonform import ContractError
from blender_scripts.launch import BlenderError, run_reader, run_script
from blender_scripts.studios import OwnStudio
from gpu.probing import tiny_scene
from media_assets import storage
from rendering.catalog.images.kind import ImageKind
from rendering.catalog.plan import blender
from rendering.models import Studio

READING_SECONDS, CPU_SECONDS = 60, 60
MEMORY = 6 << 30  # bytes of address space, of which Blender needs about two
LARGEST_ANSWER = 8 << 20  # bytes
PHOTOGRAPHING_SECONDS = 120
PREVIEW = (384, 256)  # px
PREVIEW_SAMPLES = 24

HEADER = re.compile(rb"BLENDER(?:[_-][vV](\d)(\d\d)|\d\d[_-]\d\d[vV](\d\d)(\d\d))")
"""Until Blender 4.5 "BLENDER-v405"; since 5.0 with the header's length and its format ("BLENDER17-01v0502")."""

COMPRESSED = (b"\x28\xb5\x2f\xfd", b"\x1f\x8b")  # Zstandard, gzip


def read(source: Path, preview: Path) -> tuple[Path, dict[str, Any]]:
    """Return the description of the studio in a .blend, its suffix and summary; write its preview.

    Raises ValidationError, which says what is wrong and what to do.
    """
    try:
        found = blender()
        check_header(source, found.version)
        answer = preview.with_name("answer.json")
        done = run_reader(
            found,
            "studio_reader.py",
            str(source.resolve()),
            str(answer.resolve()),
            folder=preview.parent.resolve(),
            source=source.resolve(),
            seconds=READING_SECONDS,
            memory=MEMORY,
            cpu=CPU_SECONDS,
            file=LARGEST_ANSWER,
        )
    except BlenderError as error:
        raise refused("no_blender", reason=str(error)) from error
    if done.timed_out:
        raise ValidationError(STUDIO.slow % {"seconds": READING_SECONDS}, code="hung")
    try:
        said = json.loads(answer.read_text())
        if code := said.pop("refused", ""):
            raise refused(code, **said)
        studio = OwnStudio.from_json(said["studio"])
    except (OSError, ValueError, KeyError, ContractError) as error:
        if isinstance(error, ContractError):
            raise refused("damaged", reason=str(error)) from error
        raise refused("damaged", reason=f"Blender: {done.returncode}") from error
    kept = preview.with_name("studio.json")
    kept.write_text(json.dumps(studio.to_json(), sort_keys=True, separators=(",", ":")))
    photograph(kept, preview)
    return kept, {"suffix": ".json", "summary": summary(studio, said["notes"])}


def check_header(source: Path, version: str) -> None:
    """Raise ValidationError unless the first bytes are those of a plain .blend that this Blender can open."""
    with source.open("rb") as file:
        head = file.read(24)
    if head.startswith(COMPRESSED):
        raise refused("compressed")
    match = HEADER.match(head)
    if match is None:
        raise refused("format")
    major, minor = (int(number) for number in match.groups() if number is not None)
    ours = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if (major, minor) > ours:
        raise refused("too_new", theirs=f"{major}.{minor}", ours=".".join(map(str, ours)))


def photograph(studio: Path, preview: Path) -> None:
    """Write a small picture of three cubes (steel, glass, paint) in the studio. Raises ValidationError."""
    scene = preview.with_name("cubes.glb")
    scene.write_bytes(tiny_scene.glb())
    with studio.open("rb") as stream:
        sha256, _size = storage.digest(stream)
    picture = preview.with_name("preview.png")
    spec = RenderSpec(
        kind="thumbnail",
        glb_path=str(scene),
        geometry_key="cubes",
        output_path=str(picture),
        look=Look(lighting="studio", studio=sha256, elevation=14.0, focal_length_mm=50.0),
        studio_path=str(studio),
        width=PREVIEW[0],
        height=PREVIEW[1],
        samples=PREVIEW_SAMPLES,
        device_policy="cpu",
        color_depth=8,
    )
    done = run_script(
        blender(),
        "blender_render.py",
        spec=spec,
        timeout=PHOTOGRAPHING_SECONDS,
        cwd=preview.parent,
        backends=(),
    )
    if done.outcome is None or not done.outcome.ok:
        reason = done.outcome.error if done.outcome else f"Blender: {done.returncode}"
        raise refused("no_picture", reason=reason)
    with Image.open(picture) as image:
        shown = image.convert("RGBA")
        white = Image.new("RGBA", shown.size, "#ffffff")
        Image.alpha_composite(white, shown).convert("RGB").save(preview, "WEBP", quality=85)


def summary(studio: OwnStudio, notes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what pages show of a studio."""
    return {
        "lights": [[light.name, light.kind] for light in studio.lights],
        "ground": [thing.name for thing in studio.ground],
        "triangles": studio.triangles,
        "camera": studio.camera.to_json(),
        "notes": [note for note in notes if note.get("code") in NOTES],
    }


def notes_of(studio: Studio) -> list[str]:
    """Return what of the .blend is not used, in sentences."""
    return [
        str(NOTES[note["code"]] % note) for note in studio.summary.get("notes", []) if note["code"] in NOTES
    ]


def refused(code: str, **details: Any) -> ValidationError:
    """Return what is said of a file that is refused."""
    words: Promise | str = STUDIO.refusals.get(code, STUDIO.refusals["damaged"])
    return ValidationError(words % {"reason": code, **details}, code="refused")


NOTES = {
    "scripts": _("Scripts are never run. Text blocks that were left out: %(count)d."),
    "drivers": _("Drivers are never run. Left out: %(count)d. What they drive keeps its saved value."),
    "animation": _("Animation is not used. What moves stays as in the saved frame: %(count)d."),
    "scenes": _("The file has several scenes: “%(name)s”, which was open when it was saved, is the studio."),
    "objects": _(
        "Left out, because they are neither lights nor in the collection “Ground”: %(names)s (%(count)d)."
    ),
    "modifiers": _(
        "“%(name)s” is taken without these modifiers: %(names)s. Apply them in Blender to keep what they do."
    ),
    "textures": _("The material “%(name)s” is taken in plain values: its textures and nodes are not used."),
    "surface": _(
        "The surface of the material “%(name)s” is of no kind that is used (Principled, Diffuse, Glossy or Emission): "
        "it has its viewport color."
    ),
    "light_nodes": _("The light “%(name)s” is taken in plain values: its nodes and textures are not used."),
    "normalize": _("The light “%(name)s” is taken as normalized: its strength does not grow with its size."),
    "portal": _("The light “%(name)s” is a portal, which lights nothing here, and was left out."),
    "world": _(
        "The picture or nodes of the world are not used. Upload a panorama by itself for light by a panorama."
    ),
}
"""What of a .blend is not used, by the code of the reader."""

STUDIO = ImageKind(
    name="studio",
    model=Studio,
    folder="studios",
    suffixes=(".blend",),
    largest_mb=50,
    too_large=_(
        "The file has more than %(megabytes)d MB. A studio is lights and a few plain objects: delete the others, then "
        "File > Clean Up > Purge Unused Data, and save it again."
    ),
    known=_("This is the studio “%(name)s” already: use that."),
    taken=_("There is a studio called “%(name)s” already."),
    slow=_("Blender did not finish reading the file within %(seconds)d seconds. Make it simpler."),
    read=read,
    refusals={
        "no_blender": _("The file can't be read here: %(reason)s"),
        "format": _("It is no Blender file. Save the studio in Blender as .blend."),
        "compressed": _(
            "It is a compressed file. In Blender choose File > Save As, switch Compress off, and upload that."
        ),
        "too_new": _(
            "It was saved by Blender %(theirs)s, and Blender %(ours)s renders here. Save it with Blender %(ours)s or "
            "an older version."
        ),
        "linked": _(
            "It uses other files (%(names)s). In Blender choose Object > Relations > Make Local > All, and save it "
            "again."
        ),
        "too_many": _("It has more lights (%(count)d) than can be used (%(most)d). Delete or hide some."),
        "too_many_objects": _(
            "Its collection “Ground” has more objects (%(count)d) than can be used (%(most)d). Join or delete some."
        ),
        "too_fine": _(
            "With “%(name)s” the ground has more than %(most)d triangles. Use simpler objects, or a Decimate modifier."
        ),
        "stand_in": _("Its object “Product” has no size. Give it the size of a product, or delete it."),
        "no_view": _(
            "The limits of its camera leave no view: correct the Limit Rotation constraint or the clip range."
        ),
        "unlit": _(
            "It has no light. Add lights that are not hidden in renders, or objects with an emission to the "
            "collection “Ground”."
        ),
        "no_picture": _("No picture can be taken in it (%(reason)s)."),
        "damaged": _(
            "The file is damaged, cut off or of a kind that can't be used (%(reason)s). Save it again in Blender."
        ),
    },
)
