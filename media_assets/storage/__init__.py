"""Where media are: the one room that knows that they lie in folders of a file system.

Stored files are content-addressed (`files`, `content`); work that several hosts share lies in shared folders
(`shared`); `holding` keeps those who store a file apart from those who delete it; `disk` says how much room there is,
`offload` how a web server in front sends a file by itself.
"""

from media_assets.storage.content import CHUNK, ContentStorage, content_name, digest
from media_assets.storage.disk import DiskSpace, media_overlap, media_space, media_trouble, space_of
from media_assets.storage.errors import (
    FULL,
    READ_ONLY,
    StorageBelowFloor,
    StorageFull,
    StorageReadOnly,
    media_errors,
    storage_errors,
)
from media_assets.storage.files import (
    Listed,
    StoredFile,
    delete,
    discard,
    exists,
    hide,
    listed,
    local_copy,
    local_folder,
    open_stored,
    set_aside,
    show,
    shown_path,
    size,
    store,
    store_as,
    store_bytes,
)
from media_assets.storage.shared import SharedEntry, SharedFile, SharedFolder

__all__ = [
    "CHUNK",
    "FULL",
    "READ_ONLY",
    "ContentStorage",
    "DiskSpace",
    "Listed",
    "SharedEntry",
    "SharedFile",
    "SharedFolder",
    "StorageBelowFloor",
    "StorageFull",
    "StorageReadOnly",
    "StoredFile",
    "content_name",
    "delete",
    "digest",
    "discard",
    "exists",
    "hide",
    "listed",
    "local_copy",
    "local_folder",
    "media_errors",
    "media_overlap",
    "media_space",
    "media_trouble",
    "open_stored",
    "set_aside",
    "show",
    "shown_path",
    "size",
    "space_of",
    "storage_errors",
    "store",
    "store_as",
    "store_bytes",
]
