"""Processes that use an installation beside its workers: they place orders, cancel and retry, one call at a time."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from tests.end_to_end.console import Console


class Client:
    """One process, and a thread that waits for it. It may be killed: the next call has a new one."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.console: Console | None = None
        self.last: Future[Any] | None = None
        self.refusals: Counter[str] = Counter()
        self.is_closed = False

    @property
    def is_idle(self) -> bool:
        return self.last is None or self.last.done()

    def call(self, function: str, **arguments: Any) -> Future[Any]:
        """Call a function of `inside` there; the result is what it returned, or None with the refusal counted."""
        self.last = self.thread.submit(self._call, function, arguments)
        return self.last

    def ask(self, function: str, **arguments: Any) -> Any:
        """Call a function that ends well and return what it returned; AssertionError with its traceback."""
        return self.thread.submit(self._ask, function, arguments).result()

    def kill(self) -> bool:
        """Kill the process in the middle of what it does; return whether there was one."""
        if self.console is None:
            return False
        self.console.process.kill()
        return True

    def close(self) -> None:
        self.is_closed = True
        self.thread.shutdown(wait=False, cancel_futures=True)
        self.kill()
        self.thread.shutdown()
        self._drop()

    def _call(self, function: str, arguments: dict[str, Any]) -> Any:
        try:
            return self._ask(function, arguments)
        except AssertionError as error:
            # The exception's own line: what follows are the words of the database.
            lines = [line for line in str(error).splitlines() if line[:1].strip()] or ["?"]
            named = [line for line in lines[1:] if re.match(r"[a-z_.]*[A-Z]\w*[a-z]\w*(: |$)", line)]
            self.refusals[(named[-1] if named else lines[0])[:160]] += 1
            return None

    def _ask(self, function: str, arguments: dict[str, Any]) -> Any:
        code = (
            "import json; from tests.faults import inside\n"
            f"print(json.dumps(inside.{function}(**json.loads({json.dumps(arguments)!r}))))"
        )
        assert not self.is_closed, "closed"
        try:
            self.console = self.console or Console(self.environment)
            return json.loads(self.console.ask(code))
        except (AssertionError, OSError, ValueError) as error:
            if not str(error).startswith(
                "Traceback"
            ):  # it is dead or silent: what it says later is no answer
                self._drop()
            if isinstance(error, OSError):  # it was killed in the instant in which it was asked
                raise AssertionError(f"Python inside the installation died: {error}") from error
            raise AssertionError(str(error)) from error

    def _drop(self) -> None:
        console, self.console = self.console, None
        if console is not None:
            with suppress(OSError, ValueError):
                console.close()
