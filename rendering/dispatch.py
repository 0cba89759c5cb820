"""Where a job goes: its lane by kind and size, its queue by the GPUs there are, and the bell."""

from __future__ import annotations

from gpu import queues, topology
from gpu.models import SystemSettings
from gpu.topology import Lane
from rendering.models import Job


def lane_for(
    kind: str, *, frames: int | None = None, width: int = 0, height: int = 0, light_max_px: int
) -> Lane:
    """Return the lane of a job. Sizes in px; a turntable is heavy whatever its size."""
    if kind != Job.Kind.RENDER:
        return Lane.CPU
    if frames or max(width, height) > light_max_px:
        return Lane.HEAVY
    return Lane.LIGHT


def route(kind: str, *, frames: int | None = None, width: int = 0, height: int = 0) -> tuple[Lane, str]:
    """Return the lane of a job and the queue in which it waits."""
    limit = SystemSettings.load().light_lane_max_px
    lane = lane_for(kind, frames=frames, width=width, height=height, light_max_px=limit)
    return lane, topology.current().home(lane)


def ring(lane: str) -> None:
    """Wake every queue whose workers may take a job of *lane*: the first claim wins, the others find nothing."""
    queues.wake(*topology.current().takers(Lane(lane)))


def ring_if_silent(lane: str) -> None:
    """Ring the takers of *lane* that have no message waiting: a lost kick is healed, a busy queue not flooded."""
    takers = topology.current().takers(Lane(lane))
    waiting = queues.waiting_kicks(takers)
    queues.wake(*(queue for queue in takers if not waiting.get(queue)))
