"""One scene for many jobs: keeps light, camera and geometry loaded and renders specs with it."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from blender_scripts import room
from blender_scripts.containment import leave, say
from blender_scripts.contract import (
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
    extent,
    geometry,
    lines,
    materials,
    output,
    passes,
    preview,
    sampling,
    unfolding,
)
from blender_scripts.stage.failures import failure
from blender_scripts.stage.lighting import Lighting
from blender_scripts.stage.progress import Clock, Reporter
from blender_scripts.stage.properties import put
from blender_scripts.stage.witness import CPU_LAYOUT, Witness
from blender_scripts.tokens import device_line, device_name_line, result_line


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
        self._studio = Lighting(self._scene)
        self._camera = camera.build(self._scene)
        self._subject: geometry.Subject | None = None
        self._loaded = ""  # the key of its geometry
        self._lines: lines.Drawn | None = None
        self._ways: unfolding.Ways | None = None
        self._arranged: tuple[object, ...] = ()  # how that is turned, and which of its parts are shown
        self._finished: tuple[object, ...] | None = None
        sampling.set_once(self._scene)
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
        put(self._scene.render, resolution_x=4, resolution_y=4)
        put(self._scene.cycles, samples=1, use_denoising=False)
        with Witness(lambda layout: self._judge(layout, used)):
            bpy.ops.render.render()
        return self._proof, self._devices[self._policy]

    def render(self, spec: RenderSpec, *, imported: float | None = None) -> RenderOutcome:
        """Render one spec; whatever goes wrong with it is in the outcome.

        `imported`: seconds that Blender took to start, for the first job's receipt.
        """
        clock = Clock()
        if imported is not None:
            clock.add("import", imported)
        hit = self._subject is not None and self._loaded == spec.geometry_key
        numbers = spec.only_frames or tuple(range(1, spec.frames + 1))
        used: DeviceUsed | None = None
        files: list[str] = []
        kept = 0
        failed: dict[str, Any] = {}
        try:
            room.prepare(_path(spec, numbers[0]), spec)
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
                    self._outline(spec)
                with self._showing(subject, spec):
                    if spec.preview_path:
                        used = self._preview(reporter, spec, clock, used)
                    for position, number in enumerate(numbers, start=1):
                        path = _path(spec, number)
                        if spec.kind == "turntable" and output.is_whole(path, spec.width, spec.height):
                            kept += 1
                        else:
                            if spec.elevations:
                                self._aim(subject, spec, spec.look_of(number))
                            ways.pose(spec.unfolding, spec.turned(number))
                            self._outline(spec)
                            used = self._sample(reporter, position, clock, used)
                            reporter.stage("save", position)
                            with clock.time("save"):
                                _save(path, subject, spec)
                        files.append(str(path))
                if spec.linear_path:
                    files.append(spec.linear_path)
        except Exception as trouble:
            failed = failure(trouble)
        return RenderOutcome(
            ok=not failed,
            **failed,
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
            self._draw("")
            arrangement.arrange(self._subject, *wanted)
            self._arranged = wanted
        return self._subject

    def _draw(self, color: str) -> None:
        """Draw the edges of what is shown in this color, in place of those that were drawn; "": none."""
        if color == (self._lines.color if self._lines else ""):
            return
        if self._lines is not None:
            self._lines.forget()
        self._lines = lines.Drawn(self._subject, color) if color and self._subject else None

    def _outline(self, spec: RenderSpec) -> None:
        """Draw the outlines as the subject stands now, where they are wanted."""
        if self._lines is not None and spec.look.outlines:
            self._lines.outline(self._camera)

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
        self._draw("")
        if self._subject is not None:
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
        self._draw(look.lines)
        cycles = self._scene.cycles
        guided = (cycles.use_denoising, cycles.denoising_input_passes)
        if guided != sampling.denoising(self._scene, spec):
            self._forget()
        self._aim(subject, spec, spec.look_of(1))
        sampling.set_quality(self._scene, spec)
        put(self._scene.view_settings, view_transform=look.view_transform, exposure=look.exposure)

    def _aim(self, subject: geometry.Subject, spec: RenderSpec, look: Look) -> None:
        """Light the subject and point the camera at it."""
        points, size = subject.points, (spec.width, spec.height)
        footprint, turning = extent.footprint(points), spec.kind == "turntable"
        if self._studio.apply(look, footprint, spec.hdri_path, spec.studio_path):
            self._forget()  # a ground that is gone would leave its shadow in the alpha
        self._studio.surround(extent.swept(points) if turning else footprint)
        limits = self._studio.limits
        if spec.elevations:
            camera.orbit(self._camera, points, look, *size, spec.elevations, limits=limits)
        else:
            camera.frame(self._camera, points, look, *size, turning=turning, limits=limits)

    def _finish(self, subject: geometry.Subject, spec: RenderSpec) -> None:
        look = spec.look
        wanted = (look.materials, look.edges, spec.rules, spec.labels)
        if self._finished != wanted:
            self._finished = None  # what fails in the middle is no finish
            materials.assign(
                subject,
                look.materials,
                spec.rules,
                spec.subject,
                edges=look.edges,
                files=spec.textures,
                on=spec.labels,
            )
            self._finished = wanted
        if look.materials == "cad":
            color.calibrate(subject, look)

    def _sample(self, reporter: Reporter, position: int, clock: Clock, used: DeviceUsed) -> DeviceUsed:
        """Render one frame; returns the device that did it, which is not `used` if Cycles fell back."""
        reporter.stage("sync", position)
        return self._rendered(reporter, clock, used, "sample")

    def _preview(self, reporter: Reporter, spec: RenderSpec, clock: Clock, used: DeviceUsed) -> DeviceUsed:
        """Render and save the small picture; what it makes Cycles load stays loaded for the large one."""
        reporter.stage("preview")
        with preview.coarse(self._scene, spec):
            used = self._rendered(reporter, clock, used, "preview")
            with clock.time("preview"):
                preview.save(Path(spec.preview_path))
        return used

    def _rendered(self, reporter: Reporter, clock: Clock, used: DeviceUsed, stage: str) -> DeviceUsed:
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


def _tell(used: DeviceUsed) -> None:
    """Print the device: the line that scripts outside rely on, and the one that has its name and id."""
    say(f"{device_line(used)}\n{device_name_line(used)}")


def _save(path: Path, subject: geometry.Subject, spec: RenderSpec) -> None:
    if spec.kind == "passes":
        passes.save(path, subject, spec)
        return
    output.save(path, spec)
    if spec.linear_path:
        output.save_linear(Path(spec.linear_path), spec)


def _path(spec: RenderSpec, number: int) -> Path:
    path = Path(spec.output_path)
    return path / frame_name(number) if spec.kind == "turntable" else path
