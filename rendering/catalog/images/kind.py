"""What one kind of uploads is: its rows, its limits, and what is said when one is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rendering.models.uploaded_image import Uploaded

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


Row = TypeVar("Row", bound=Uploaded)


@dataclass(frozen=True)
class ImageKind(Generic[Row]):
    """`name` is what the reader knows it by, `folder` where the storage keeps such files.

    `too_large` needs `megabytes`, `known` and `taken` need `name`, `slow` needs `seconds`; `refusals` are by the code
    that the reader answers, and need what it says with it. One of these codes is `damaged`, with a `reason`.
    `read` is what reads what is no image: (source, preview) gives the file to keep, and its suffix with what the row
    has.
    """

    name: str
    model: type[Row]
    folder: str
    suffixes: tuple[str, ...]
    largest_mb: int
    too_large: StrPromise
    known: StrPromise
    taken: StrPromise
    slow: StrPromise
    refusals: Mapping[str, StrPromise]
    read: Callable[[Path, Path], tuple[Path, dict[str, Any]]] | None = None
