"""A Ctrl-C in the very moment in which the demo starts a process."""

from __future__ import annotations

import signal

import pytest

from rendering.management.demo import Stopped, stop_on_signals, undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_felt_once_the_process_is_noted(number: signal.Signals) -> None:
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    noted = []
    try:
        stop_on_signals()
        with pytest.raises(Stopped), undisturbed():
            signal.raise_signal(number)
            noted.append("process")
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert noted == ["process"]
