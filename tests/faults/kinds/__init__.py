"""All kinds of faults: importing this registers them."""

from tests.faults.kinds import clocks, databases, freezes, kills, messages, people, storages
from tests.faults.registry import KINDS

__all__ = ["KINDS", "clocks", "databases", "freezes", "kills", "messages", "people", "storages"]
