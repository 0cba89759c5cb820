"""How Cycles samples a picture, and what it does against noise."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

from blender_scripts.contract import ALONE, RenderSpec
from blender_scripts.stage import compositing
from blender_scripts.stage.properties import put

SMALL_PX = 128  # longest side


def set_once(scene: bpy.types.Scene) -> None:
    """Set what holds for every picture."""
    render, cycles = scene.render, scene.cycles
    put(
        render,
        resolution_percentage=100,
        film_transparent=True,
        use_persistent_data=True,
        use_compositing=False,
        use_sequencer=False,
        dither_intensity=0.0,
        use_file_extension=False,
    )
    put(
        render.image_settings,
        file_format="PNG",
        color_mode="RGBA",
        color_depth="16",
        compression=0,
    )
    put(
        cycles,
        max_bounces=8,
        diffuse_bounces=3,
        glossy_bounces=5,
        transmission_bounces=8,
        # Light that polished parts throw on the ground, and sharp reflections: without them no number of samples
        # reaches the right picture, and large softboxes make both cheap (docs/benchmarks.md, Pictures).
        caustics_reflective=True,
        blur_glossy=0.0,
        caustics_refractive=False,
        sample_clamp_indirect=4.0,
        # The denoiser is OpenImageDenoise, as it comes. To read or set that property makes Blender ask the OptiX
        # driver for devices, and a broken one would end a render that wants no GPU at all.
        # Guides that are not cleaned are noise on soft edges and ground metal, which would show as speckles.
        denoising_prefilter="ACCURATE",
        # Cycles would wait for 52 samples at a threshold of 0.02 before it looks for finished pixels.
        adaptive_min_samples=12,
        # Four large lights: the tree costs a third of the time and finds nothing better.
        use_light_tree=False,
    )
    put(scene.view_settings, look="None", gamma=1.0)
    scene.display_settings.display_device = "sRGB"


def set_quality(scene: bpy.types.Scene, spec: RenderSpec) -> None:
    """Set what a picture has of size and samples, and what takes its noise away."""
    render, cycles = scene.render, scene.cycles
    put(
        render,
        resolution_x=spec.width,
        resolution_y=spec.height,
        # Cycles leaves the alpha as noisy as it is: that shows where the ground fades and where edges are soft.
        use_compositing=spec.denoise and (spec.look.ground != "none" or spec.look.f_stop is not None),
    )
    use_denoising, input_passes = denoising(scene, spec)
    compositing.clean_color(scene, spec.denoise and not use_denoising)
    changed = put(
        cycles,
        samples=spec.samples,
        # A film of reflection is noise in the alpha, which the adaptive sampler does not look at.
        use_adaptive_sampling=spec.noise_threshold > 0 and spec.look.ground != "reflective",
        adaptive_threshold=spec.noise_threshold or 0.01,
        use_denoising=use_denoising,
        denoising_input_passes=input_passes,
        seed=spec.seed,
        # Through a product of ghosts a ray passes both walls of every part.
        transparent_max_bounces=8 if spec.subject.rest in ("hidden", ALONE) else 128,
    )
    if changed:
        scene.update_tag()  # of these alone Blender notices no change: a kept scene would go on as before


def denoising(scene: bpy.types.Scene, spec: RenderSpec) -> tuple[bool, str]:
    """Whether Cycles denoises the picture, and by which guides.

    Where a ground catches the shadow, Cycles does it three times: for the picture, the subject and the shadow.
    Without guides the compositor does it once, to the same error. A GPU is quicker than the compositor.
    """
    found = _guides(spec)
    in_compositor = found == "RGB" and spec.look.ground != "none" and scene.cycles.device == "CPU"
    return spec.denoise and not in_compositor, found


def _guides(spec: RenderSpec) -> str:
    """The denoiser's guides. A small picture has none: cleaning them can be half of its time, for no less error.

    A larger one needs them for its soft shadows.
    """
    is_small = spec.kind == "thumbnail" or max(spec.width, spec.height) <= SMALL_PX
    return "RGB" if is_small else "RGB_ALBEDO_NORMAL"
