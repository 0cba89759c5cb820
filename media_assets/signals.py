"""News for the apps above: media_assets knows no renders, so it tells and others listen."""

from __future__ import annotations

from django.dispatch import Signal

# A CAD file became a product's current one. Arguments: product, cad_file, is_new_file, user.
# Sent inside the transaction that made it so.
product_revised = Signal()
