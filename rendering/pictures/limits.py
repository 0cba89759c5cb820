"""What a child that encodes may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EncodingLimits:
    """How long (s) a child may run for one picture or film and may get no further, and its memory (MB; 0: any)."""

    wall_seconds: float
    hang_seconds: float
    memory_mb: float
