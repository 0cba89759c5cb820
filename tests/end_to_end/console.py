"""A Python process inside an installation that stays, so that a question costs milliseconds, not a start of Django."""

from __future__ import annotations

import contextlib
import io
import json
import os
import selectors
import subprocess
import sys
import traceback

from tests.paths import PROJECT

PATIENCE = 60.0  # seconds for one answer


class Console:
    """Runs Python inside the installation that *environment* describes, until it is closed."""

    def __init__(self, environment: dict[str, str]) -> None:
        # The environment goes in by pipe: the tests tell an installation's own processes by the one they began with.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.console"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._send({"DJANGO_SETTINGS_MODULE": "config.settings", **environment})

    def ask(self, code: str) -> str:
        """Run *code* in a namespace of its own and return what it printed; AssertionError with its traceback."""
        self._send(code)
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(PATIENCE), f"no answer within {PATIENCE:.0f} s: {code}"
        answer = self.process.stdout.readline()
        assert answer, f"Python inside the installation died of: {code}"
        printed, trouble = json.loads(answer)
        assert not trouble, trouble
        return str(printed).strip()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _send(self, message: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()


def main() -> None:
    os.environ.clear()
    os.environ.update(json.loads(sys.stdin.readline()))
    import django
    from django.db import connections

    django.setup()
    for line in sys.stdin:
        printed, trouble = io.StringIO(), ""
        with contextlib.redirect_stdout(printed):
            try:
                exec(json.loads(line), {})
            except BaseException:
                trouble = traceback.format_exc()
        connections.close_all()  # as a process of its own would: no test meets a connection that is kept
        print(json.dumps([printed.getvalue(), trouble]), flush=True)


if __name__ == "__main__":
    main()
