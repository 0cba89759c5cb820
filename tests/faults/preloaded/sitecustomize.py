"""For Python processes under libfaketime alone.

Its clock_nanosleep (0.9.10) refuses what `time.sleep` asks for: it takes the monotonic clock for the faked one, or, if
both are faked, lets threads wait for ever. select does neither. And a process that is confined can't have it.
"""

import os
import select
import subprocess
import time

_start = subprocess.Popen.__init__


def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


def start(self, args, *more, **options):
    """Give the faked clock to our commands and to no other program."""
    words = [os.fspath(args)] if isinstance(args, (str, bytes, os.PathLike)) else list(map(os.fspath, args))
    if not any(str(word).endswith("manage.py") for word in words):
        environment = os.environ if options.get("env") is None else options["env"]
        options["env"] = {
            name: value for name, value in environment.items() if name not in ("LD_PRELOAD", "PYTHONPATH")
        }
    _start(self, args, *more, **options)


time.sleep = sleep
subprocess.Popen.__init__ = start
