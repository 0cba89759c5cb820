"""What a child process does for its own containment, first thing. Standard library only, inside Blender."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable

from blender_scripts.contract import CYCLES_LOG

_PR_SET_PDEATHSIG = 1
_STDOUT, _STDERR = 1, 2
_tokens = _STDOUT


def arm() -> None:
    """Die with the parent that started us, leave no core file, let Ctrl-C end us, and keep stdout for tokens.

    Blender and its importers print names out of the CAD file; on stdout such a name could imitate a token,
    so all that is not said through `say` goes to stderr.
    """
    global _tokens
    _tokens = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    for (
        name,
        value,
    ) in CYCLES_LOG.items():  # of a script that was started by hand; Blender reads it when it loads
        os.environ.setdefault(name, value)
    parent = int(os.environ.get("RENDERDESK_PARENT", "0") or 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not parent:
        return
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the line above; a wrapper script may stand between it and us.
    if os.getppid() != parent:
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            leave(1)
        except PermissionError:
            pass


def say(line: str) -> None:
    """Print one token line."""
    rest = line.encode() + b"\n"
    while rest:
        rest = rest[os.write(_tokens, rest) :]


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
