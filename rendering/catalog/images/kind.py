"""What one kind of uploaded images is: its rows, its limits, and what is said when one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from rendering.models.uploaded_image import UploadedImage

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


Row = TypeVar("Row", bound=UploadedImage)


@dataclass(frozen=True)
class ImageKind(Generic[Row]):
    """`name` is what the reader knows it by, `folder` where the storage keeps such images.

    `too_large` needs `megabytes`, `known` and `taken` need `name`, `slow` needs `seconds`; `refusals` are by the code
    that the reader answers, and need what it says with it. One of these codes is `damaged`, with a `reason`.
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
