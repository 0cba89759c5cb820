"""A process beside the tests, with OpenCASCADE and USD in it: it makes files and tells what is in others.

One request a line, as JSON ``[what, *arguments]``; one answer a line, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]


class Witness:
    """The tests' end of the process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.media_assets.cad.witness"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: str, *arguments: Any) -> Any:
        """Return the answer; RuntimeError with the witness's reason when it has none."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin and stdout
        stdin.write(json.dumps([what, *arguments]) + "\n")
        stdin.flush()
        for line in stdout:
            # OpenCASCADE prints what it thinks as well.
            if line.startswith("ANSWER "):
                kind, answer = json.loads(line.removeprefix("ANSWER "))
                if kind == "error":
                    raise RuntimeError(answer)
                return answer
        raise RuntimeError(f"the witness died of {what} {arguments}")

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def main() -> None:
    from tests.media_assets.cad.assemblies import write_assembly
    from tests.media_assets.cad.oracle import facts_of
    from tests.media_assets.cad.usd_shown import shown_in_usd

    for line in sys.stdin:
        what, *arguments = json.loads(line)
        try:
            if what == "cad":
                answer = facts_of(Path(arguments[0]))
            elif what == "usd":
                answer = shown_in_usd(Path(arguments[0])).to_json()
            else:
                write_assembly(arguments[0], Path(arguments[1]))
                answer = None
        except Exception as error:
            reply = ["error", f"{type(error).__name__}: {error}"]
        else:
            reply = ["done", answer]
        sys.stdout.write(f"\nANSWER {json.dumps(reply)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
