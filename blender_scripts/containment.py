"""How a script inside Blender begins and ends: it contains itself, prints tokens, exits. Standard library only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from blender_scripts.children.contained import contain
from blender_scripts.children.lines import send
from blender_scripts.children.syscalls import stay_this_program
from blender_scripts.contract import CYCLES_LOG

CONFINED = "RENDERDESK_CONFINED"
"""The environment variable that says to a script that its Blender is confined."""

_STDOUT, _STDERR = 1, 2
_tokens = _STDOUT


def arm() -> None:
    """Die with the parent that started us, leave no core file, let Ctrl-C end us, and keep stdout for tokens.

    Blender and its importers print names out of the CAD file; on stdout such a name could imitate a token,
    so everything that is not printed by `say` goes to stderr.
    """
    global _tokens
    _tokens = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    for name, value in CYCLES_LOG.items():  # of a script started by hand; Blender reads it when it loads
        os.environ.setdefault(name, value)
    contain()
    if os.environ.get(CONFINED):
        stay_this_program()


def say(line: str) -> None:
    """Print one token line."""
    send(_tokens, line)


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; an exception is printed and leaves with 1, without Blender's teardown."""
    try:
        main()
    except SystemExit as stopped:
        leave(stopped.code if isinstance(stopped.code, int) else 1)
    except BaseException:
        traceback.print_exc()
        leave(1)
    leave(0)


def leave(code: int) -> None:
    """Exit at once with everything printed: Blender's own teardown takes time and can hang."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
