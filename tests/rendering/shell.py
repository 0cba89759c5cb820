"""Commands as a script runs them: words in, exit code, stdout and stderr out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command, load_command_class


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Shell = Callable[..., Said]


def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return a function that runs ``manage.py`` with these words, in this process and transaction."""

    def run(name: str, *words: object) -> Said:
        argv = ["manage.py", name, *map(str, words)]
        code = 0
        capsys.readouterr()
        with mock.patch.object(sys, "argv", argv):
            command = load_command_class("rendering", name)
            command._called_from_command_line = True
            try:
                options = vars(command.create_parser(argv[0], name).parse_args(argv[2:]))
                command.execute(*options.pop("args", ()), **options | {"skip_checks": True})
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return run


def ended(*words: str) -> int:
    """Return the exit code of a command."""
    try:
        call_command(*words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0
