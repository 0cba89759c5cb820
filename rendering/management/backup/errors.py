"""What keeps a backup or a restore from being done."""

from __future__ import annotations

USAGE = "usage"


class BackupError(Exception):
    """Why it was not done, with the next step; *code* is for programs."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code

    @property
    def is_usage(self) -> bool:
        """Whether it was asked for wrongly, rather than failed."""
        return self.code == USAGE
