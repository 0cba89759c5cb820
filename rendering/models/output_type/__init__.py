"""What can be ordered, one noun a file: fields, their choices, and the constraints of the database on them.

`output_type` puts them together. Which fields count for which kind and choice is in `rendering.catalog.counting`.
"""

from rendering.models.output_type.output_type import OutputType

__all__ = ["OutputType"]
