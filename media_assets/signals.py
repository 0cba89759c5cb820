"""Signals for the apps above: media_assets knows no renders, so others listen."""

from __future__ import annotations

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True)
class Notice:
    """A listener's failure: a code for programs, a message with the next step for people."""

    code: str
    message: str


# A CAD file became a product's current one. Arguments: product, cad_file, is_new_file, user.
# Sent inside the transaction that made it so. A receiver that could not do all it should returns a Notice; the file
# is kept all the same.
product_revised = Signal()

# An operator changed the reading options of a CAD file, so its geometry changes, or said that it was read as it should
# be. Arguments: cad_file, user.
# Sent inside the transaction that saved it.
reading_stated = Signal()
