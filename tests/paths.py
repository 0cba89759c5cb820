"""Where things are, for tests and for benchmarks, which run without pytest and without Django's settings."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "samples" / "tapered_roller_bearing.step"
CORPUS = PROJECT.parent / "shared" / "corpus"
CASES = PROJECT.parent / "shared" / "cases"
