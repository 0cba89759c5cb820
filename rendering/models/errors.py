"""What can go wrong with a job: each code with the next step, and whether trying again can help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One error code: the next step for the operator, and whether the job is tried again by itself."""

    next_step: str
    retry: bool = False


CODES: dict[str, Code] = {
    # Blender
    "blender_crashed": Code(
        "It is tried again by itself. If it keeps crashing, look at the job's log.", retry=True
    ),
    "blender_missing": Code("Run 'manage.py doctor': it names what to install."),
    "gpu_required": Code(
        "CYCLES_DEVICE is 'gpu' and this worker has no usable GPU. "
        "Probe the GPUs, mend the driver, or set the policy to auto."
    ),
    "hung": Code(
        "It said nothing for longer than the limit in the system settings. A render is tried again by itself.",
        retry=True,
    ),
    "timed_out": Code(
        "Raise the time limit in the system settings, or order fewer samples or a smaller size."
    ),
    "out_of_memory": Code("Raise the memory limit in the system settings, or order a coarser tessellation."),
    "bad_geometry": Code(
        "Convert the CAD file again: 'manage.py rerender --force', or upload a mended file."
    ),
    "bad_panorama": Code("Upload the panorama again, and choose it in the output type."),
    "render_failed": Code("Look at the job's log for Blender's own words.", retry=True),
    "gpu_failed": Code(
        "Probe the GPUs and look at the job's log for the driver's words. It is tried again.", retry=True
    ),
    "write_failed": Code("Look at the cache folder's disk and rights, then retry the job."),
    "unreadable": Code("Export the model as STEP and upload that."),
    "bad_spec": Code(
        "The output type and this version of Renderdesk disagree. Save the output type again and retry."
    ),
    # files
    "disk_full": Code("Free some space on the media disk or move MEDIA_ROOT, then retry the job."),
    "media_read_only": Code(
        "Give the user that runs Renderdesk the right to write to MEDIA_ROOT, then retry the job."
    ),
    "source_missing": Code("A stored file is gone. Restore it from a backup, or upload the CAD file again."),
    "quality_gate": Code(
        "The picture was not published. Look at it in the job's log, change the output type and retry."
    ),
    "master_damaged": Code("Retry the order's line: the picture is rendered again."),
    "encode_failed": Code("Choose another format or size in the output type, then retry."),
    # CAD (the reader's message says what to do; these codes come from media_assets.cad)
    "empty": Code("Upload the file again."),
    "not_cad": Code("Export the model as STEP and upload that."),
    "truncated": Code("Export or copy the file again: its end is missing."),
    "too_large": Code("Raise the limit in the system settings or export a smaller assembly."),
    "external_reference": Code("Export everything into one file."),
    "too_many_instances": Code("Export a smaller assembly."),
    "cyclic_assembly": Code("An assembly contains itself: mend it in the CAD system."),
    "nothing_to_show": Code("Export solids or surfaces, not only curves or annotations."),
    "no_usable_geometry": Code("Mend the model in the CAD system and export it again."),
    "unit_unknown": Code(
        "State the length unit in the upload form, under “Reading options” on the CAD file's page, or with "
        "'import_cad --unit'."
    ),
    "damaged": Code("Export the file again; if that does not help, from another version of the CAD system."),
    "reader_failed": Code("This is a defect of Renderdesk: report it with the job's log."),
    "reader_missing": Code("Run 'manage.py doctor': it names what to install."),
    # the life of a job
    "lost": Code("The worker died or lost its lease. It is tried again.", retry=True),
    "canceled": Code("Retry it if it is wanted after all."),
    "internal": Code("This is a defect of Renderdesk: the job's log has the details.", retry=True),
}

# Failures that may lie in one GPU or its driver: another GPU is tried next, where one serves the job's lane.
GPU_FAULTS = frozenset({"gpu_required", "gpu_failed", "blender_crashed", "hung", "lost"})

# Failures that lie in the bytes of the CAD file: converting the same bytes again can't help.
HOPELESS_CAD = frozenset(
    {
        "empty",
        "not_cad",
        "truncated",
        "external_reference",
        "cyclic_assembly",
        "nothing_to_show",
        "no_usable_geometry",
        "unit_unknown",  # until somebody states it, which makes another recipe
    }
)


class JobError(Exception):
    """A job that can't go on, with its code and a message for the operator."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code if code in CODES else "internal"
        self.message = message


class LeaseLost(Exception):
    """The job is no longer this worker's: whatever it made is not published."""


class Canceled(Exception):
    """An operator canceled the job while it ran."""


class HandedBack(Exception):
    """The job makes room for a more urgent one between two steps; the message says which."""


class Released(Exception):
    """The worker is being stopped: the job goes back to the queue."""


def explain(code: str, message: str) -> str:
    """Return *message* with the next step of its code, unless the message has one of its own."""
    step = CODES[code].next_step
    return message if step in message else f"{message.rstrip()} {step}".strip()
