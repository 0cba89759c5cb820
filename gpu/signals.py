"""News for the apps above: gpu knows no renders, so it tells and others listen.

Sent inside the transaction that made it so.
"""

from __future__ import annotations

from django.dispatch import Signal

# A GPU that was there is found no longer. Arguments: device.
gpu_lost = Signal()

# A host's GPUs are not those of before: one is new, lost, found again, or used through another backend.
# Arguments: host.
topology_changed = Signal()
