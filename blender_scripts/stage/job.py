"""One scene for many jobs: keeps light, camera and geometry loaded and renders specs with it."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy

from blender_scripts import room
from blender_scripts.containment import leave, say
from blender_scripts.contract import (
    ALONE,
    BACKENDS,
    DeviceUsed,
    ExitCode,
    Look,
    RenderOutcome,
    RenderSpec,
    frame_name,
)
from blender_scripts.stage import (
    arrangement,
    camera,
    color,
    compositing,
    device,
    geometry,
    lines,
    materials,
    output,
    passes,
    preview,
    unfolding,
)
from blender_scripts.stage.lighting import Studio
from blender_scripts.stage.progress import Reporter
from blender_scripts.stage.textures import BadTexture
from blender_scripts.stage.witness import CPU_LAYOUT, Witness
from blender_scripts.stage.world import BadPanorama
from blender_scripts.tokens import device_line, device_name_line, result_line

SMALL_PX = 128  # longest side

_OUT_OF_MEMORY = ("out of memory", "out of gpu", "failed to allocate", "cannot allocate")
_GPU = ("cuda", "optix", "hip ", "oneapi", "no cycles device", "gpu")


class Stage:
    """The scene of one process. `backends`: the GPU backends to try; `gpu`: the PCI address of the only GPU."""

    def __init__(self, backends: Sequence[str] = BACKENDS, gpu: str = "") -> None:
        self._backends = backends
        self._gpu = gpu
        self._devices: dict[str, DeviceUsed] = {}
        self._policy = ""
        self._proof = ""
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene = bpy.context.scene
        self._scene.render.engine = "CYCLES"
        self._studio = Studio(self._scene)
        self._camera = camera.build(self._scene)
        self._subject: geometry.Subject | None = None
        self._loaded = ""  # the key of its geometry
        self._ways: unfolding.Ways | None = None
        self._arranged: tuple[object, ...] = ()  # how that is turned, and which of its parts are shown
        self._finished: tuple[object, ...] | None = None
        self._fixed_settings()
        compositing.clean_alpha(self._scene)

    def use_device(self, policy: str) -> DeviceUsed:
        """Activate the device for `policy` and print it; raises GpuRequired."""
        if policy != self._policy or policy not in self._devices:
            self._devices[policy] = device.select(policy, self._backends, self._gpu)
            self._policy = policy
            self._forget()
        used = self._devices[policy]
        device.apply(self._scene, used)
        _tell(used)
        return used

    def prove_device(self) -> tuple[str, DeviceUsed]:
        """Render the empty scene; return what Cycles' log says it samples with, and what that device is."""
        used = self.use_device("auto")
        _set(self._scene.render, resolution_x=4, resolution_y=4)
        _set(self._scene.cycles, samples=1, use_denoising=False)
        with Witness(lambda layout: self._judge(layout, used)):
            bpy.ops.render.render()
        return self._proof, self._devices[self._policy]

    def render(self, spec: RenderSpec, *, imported: float | None = None) -> RenderOutcome:
        """Render one spec; whatever goes wrong with it is in the outcome.

        `imported`: seconds that Blender took to start, for the first job's receipt.
        """
        clock = _Clock()
        if imported is not None:
            clock.add("import", imported)
        hit = self._subject is not None and self._loaded == spec.geometry_key
        numbers = spec.only_frames or tuple(range(1, spec.frames + 1))
        used: DeviceUsed | None = None
        files: list[str] = []
        kept = 0
        code = error = ""
        try:
            room.prepare(_path(spec, numbers[0]), spec.width, spec.height, spec.color_depth)
            used = self.use_device(spec.device_policy)
            if spec.denoise and device.NO_DENOISER:
                raise device.NoDenoiser(device.NO_DENOISER)
            with Reporter(spec.samples, len(numbers)) as reporter:
                reporter.stage("geometry")
                with clock.time("geometry"):
                    subject = self._show(spec)
                reporter.stage("scene")
                with clock.time("scene"):
                    self._dress(subject, spec)
                    ways = self._unfold(subject, spec)
                with self._showing(subject, spec):
                    if spec.preview_path:
                        used = self._preview(reporter, spec, clock, used)
                    for position, number in enumerate(numbers, start=1):
                        path = _path(spec, number)
                        if spec.kind == "turntable" and output.is_whole(path, spec.width, spec.height):
                            kept += 1
                        else:
                            ways.pose(spec.unfolding, (number - 1) / spec.frames)
                            used = self._sample(reporter, position, clock, used)
                            reporter.stage("save", position)
                            with clock.time("save"):
                                _save(path, subject, spec)
                        files.append(str(path))
                if spec.linear_path:
                    files.append(spec.linear_path)
        except device.GpuRequired as refusal:
            code, error = "gpu_required", str(refusal)
        except device.NoDenoiser as missing:
            code, error = "render_failed", str(missing)
        except geometry.BadGeometry as bad:
            code, error = "bad_geometry", str(bad)
        except BadPanorama as bad:
            code, error = "bad_panorama", str(bad)
        except BadTexture as bad:
            code, error = "bad_texture", str(bad)
        except (room.DiskFull, room.WriteFailed) as failed:
            code, error = room.code_of(failed), str(failed)
        except MemoryError:
            code, error = "out_of_memory", "Blender ran out of memory. Order a smaller size or fewer parts."
        except Exception as trouble:
            code, error = _render_error(trouble)
        return RenderOutcome(
            ok=not code,
            error_code=code,
            error=error,
            files=tuple(files),
            width=spec.width,
            height=spec.height,
            device=used.device if used else "",
            compute_type=used.compute_type if used else "",
            device_name=used.name if used else "",
            device_id=used.id if used else "",
            device_proof=self._proof,
            blender_version=device.VERSION,
            samples=spec.samples,
            seconds=clock.seconds(),
            geometry_hit=hit,
            frames_kept=kept,
            peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1),
        )

    @contextmanager
    def _showing(self, subject: geometry.Subject, spec: RenderSpec) -> Iterator[None]:
        """Show something else than the picture, where that is wanted, with nothing of the one in the other."""
        if spec.kind not in ("shadow", "passes"):
            yield
            return
        self._forget()
        try:
            with passes.shown(self._scene, subject, spec.kind, spec.samples):
                yield
        finally:
            self._forget()

    def _show(self, spec: RenderSpec) -> geometry.Subject:
        if self._subject is None or self._loaded != spec.geometry_key:
            self._clear()
            self._subject = geometry.load(self._scene, Path(spec.glb_path))
            self._loaded = spec.geometry_key
        wanted = (spec.orientation, spec.subject)
        if self._arranged != wanted:
            self._arranged, self._finished = (), None
            self._fold()
            self._forget()
            lines.forget(self._subject)
            arrangement.arrange(self._subject, *wanted)
            self._arranged = wanted
        return self._subject

    def _unfold(self, subject: geometry.Subject, spec: RenderSpec) -> unfolding.Ways:
        """Return the ways of the parts, with the first frame shown."""
        if self._ways is None:
            self._ways = unfolding.Ways(subject)
        self._ways.pose(spec.unfolding, 0.0)
        return self._ways

    def _fold(self) -> None:
        """Leave nothing of the ways of the last arrangement."""
        if self._ways is not None:
            self._ways.forget()
        self._ways = None

    def _clear(self) -> None:
        self._fold()
        if self._subject is not None:
            lines.forget(self._subject)
            geometry.discard(self._subject.objects)
        self._subject = None
        self._loaded, self._arranged = "", ()
        self._finished = None
        self._forget()

    def _forget(self) -> None:
        """Free the scene that Cycles keeps, so that nothing of the last picture can reach the next one.

        The next render proves its device again.
        """
        self._proof = ""
        self._scene.render.use_persistent_data = False
        self._scene.render.use_persistent_data = True

    def _dress(self, subject: geometry.Subject, spec: RenderSpec) -> None:
        look = spec.look
        if spec.kind != "passes":
            self._finish(subject, spec)
        lines.draw(subject, look.lines)
        cycles = self._scene.cycles
        kept = (cycles.use_denoising, cycles.denoising_input_passes) == (spec.denoise, _guides(spec))
        if self._studio.apply(look, spec.hdri_path) or not kept:
            self._forget()  # a ground that is gone would leave its shadow in the alpha
        camera.frame(
            self._camera, subject.points, look, spec.width, spec.height, turning=spec.kind == "turntable"
        )
        self._quality(spec)
        self._color(look)

    def _finish(self, subject: geometry.Subject, spec: RenderSpec) -> None:
        look = spec.look
        wanted = (look.materials, look.edges, spec.rules)
        if self._finished != wanted:
            self._finished = None  # what fails in the middle is no finish
            materials.assign(
                subject, look.materials, spec.rules, spec.subject, edges=look.edges, files=spec.textures
            )
            self._finished = wanted
        if look.materials == "cad":
            color.calibrate(subject, look)

    def _quality(self, spec: RenderSpec) -> None:
        render, cycles = self._scene.render, self._scene.cycles
        _set(
            render,
            resolution_x=spec.width,
            resolution_y=spec.height,
            # Cycles leaves the alpha as noisy as it is: that shows where the ground fades and where edges are soft.
            use_compositing=spec.denoise and (spec.look.ground != "none" or spec.look.f_stop is not None),
        )
        changed = _set(
            cycles,
            samples=spec.samples,
            # A film of reflection is noise in the alpha, which the adaptive sampler does not look at.
            use_adaptive_sampling=spec.noise_threshold > 0 and spec.look.ground != "reflective",
            adaptive_threshold=spec.noise_threshold or 0.01,
            use_denoising=spec.denoise,
            denoising_input_passes=_guides(spec),
            seed=spec.seed,
            # Through a product of ghosts a ray passes both walls of every part.
            transparent_max_bounces=8 if spec.subject.rest in ("hidden", ALONE) else 128,
        )
        if changed:
            self._scene.update_tag()  # of these alone Blender notices no change: a kept scene would go on as before

    def _color(self, look: Look) -> None:
        _set(self._scene.view_settings, view_transform=look.view_transform, exposure=look.exposure)

    def _sample(self, reporter: Reporter, position: int, clock: _Clock, used: DeviceUsed) -> DeviceUsed:
        """Render one frame; returns the device that did it, which is not `used` if Cycles fell back."""
        reporter.stage("sync", position)
        return self._rendered(reporter, clock, used, "sample")

    def _preview(self, reporter: Reporter, spec: RenderSpec, clock: _Clock, used: DeviceUsed) -> DeviceUsed:
        """Render and save the small picture; what it makes Cycles load stays loaded for the large one."""
        reporter.stage("preview")
        with preview.coarse(self._scene, spec):
            used = self._rendered(reporter, clock, used, "preview")
            with clock.time("preview"):
                preview.save(Path(spec.preview_path))
        return used

    def _rendered(self, reporter: Reporter, clock: _Clock, used: DeviceUsed, stage: str) -> DeviceUsed:
        begun = time.monotonic()
        with Witness(lambda layout: self._judge(layout or self._proof, used)):
            bpy.ops.render.render()
        ended = time.monotonic()
        if not reporter.first_sample:
            raise RuntimeError("Cycles ended without a sample")
        clock.add("sync", reporter.first_sample - begun)
        clock.add(stage, ended - reporter.first_sample)
        return self._devices[self._policy]

    def _judge(self, layout: str, used: DeviceUsed) -> None:
        """Cycles is about to sample: refuse what must be a GPU and is not proved to be, report what is the CPU.

        `layout` is what its log says; a scene that was kept logs nothing again.
        """
        self._proof = layout
        if used.device == "CPU" or layout not in ("", CPU_LAYOUT):
            return
        if self._policy == "gpu":
            said = "its log says that it would render on the CPU" if layout else "its log does not name any"
            refusal = (
                f"CYCLES_DEVICE is gpu and Cycles was told to use {used.name}, but {said}. "
                "Probe the GPUs (`manage.py probe_gpu`), or set CYCLES_DEVICE=auto to allow the CPU."
            )
            say(result_line(RenderOutcome(ok=False, error_code="gpu_required", error=refusal)))
            leave(ExitCode.GPU_REQUIRED)
        if layout:
            self._devices[self._policy] = device.cpu()
            _tell(self._devices[self._policy])

    def _fixed_settings(self) -> None:
        render, cycles = self._scene.render, self._scene.cycles
        _set(
            render,
            resolution_percentage=100,
            film_transparent=True,
            use_persistent_data=True,
            use_compositing=False,
            use_sequencer=False,
            dither_intensity=0.0,
            use_file_extension=False,
        )
        _set(
            render.image_settings,
            file_format="PNG",
            color_mode="RGBA",
            color_depth="16",
            compression=0,
        )
        _set(
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
        _set(self._scene.view_settings, look="None", gamma=1.0)
        self._scene.display_settings.display_device = "sRGB"


def _guides(spec: RenderSpec) -> str:
    """The denoiser's guides. A small picture has none: cleaning them can be half of its time, for no less error.

    A larger one needs them for its soft shadows.
    """
    is_small = spec.kind == "thumbnail" or max(spec.width, spec.height) <= SMALL_PX
    return "RGB" if is_small else "RGB_ALBEDO_NORMAL"


def _tell(used: DeviceUsed) -> None:
    """Print the device: the line that scripts outside rely on, and the one that has its name and id."""
    say(f"{device_line(used)}\n{device_name_line(used)}")


class _Clock:
    """Seconds per stage of one job."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._spent: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - begun)

    def add(self, stage: str, seconds: float) -> None:
        self._spent[stage] = self._spent.get(stage, 0.0) + seconds

    def seconds(self) -> dict[str, float]:
        total = time.monotonic() - self._begun
        return {stage: round(spent, 4) for stage, spent in (*self._spent.items(), ("total", total))}


def _set(owner: object, **values: object) -> bool:
    """Set what differs, and return whether anything did: writing an equal value would make Cycles synchronize again."""
    changed = False
    for name, value in values.items():
        now = getattr(owner, name)
        if now != value and not (isinstance(value, float) and math.isclose(now, value, rel_tol=1e-6)):
            setattr(owner, name, value)
            changed = True
    return changed


def _save(path: Path, subject: geometry.Subject, spec: RenderSpec) -> None:
    if spec.kind == "passes":
        passes.save(path, subject, spec)
        return
    output.save(path, spec.width, spec.height, spec.color_depth)
    if spec.linear_path:
        output.save_linear(Path(spec.linear_path), spec.width, spec.height)


def _path(spec: RenderSpec, number: int) -> Path:
    path = Path(spec.output_path)
    return path / frame_name(number) if spec.kind == "turntable" else path


def _render_error(trouble: Exception) -> tuple[str, str]:
    text = str(trouble).strip() or type(trouble).__name__
    low = text.lower()
    if any(word in low for word in _OUT_OF_MEMORY):
        return (
            "out_of_memory",
            f"Blender ran out of memory: {text}. Order a smaller size, or use a larger GPU.",
        )
    if any(word in low for word in _GPU):
        return "gpu_failed", f"The GPU failed: {text}. Probe the GPU, then retry the job."
    return "render_failed", f"Blender failed: {text}. The job's log has the details; retry it."
