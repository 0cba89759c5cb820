"""File formats: suffix and MIME type of each. An own table, because the system's differs from host to host."""

from __future__ import annotations

MIME_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "tiff": "image/tiff",
    "exr": "image/x-exr",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "awebp": "image/webp",
    "frames": "application/zip",
    "glb": "model/gltf-binary",
    "usdc": "model/vnd.usd+binary",
    "usdz": "model/vnd.usdz+zip",
    "xbf": "application/x-xbf",
    "step": "model/step",
    "iges": "model/iges",
    "stl": "model/stl",
    "obj": "model/obj",
}

LABELS = {
    "png": "PNG",
    "jpg": "JPEG",
    "webp": "WebP",
    "avif": "AVIF",
    "tiff": "TIFF",
    "exr": "OpenEXR",
    "mp4": "MP4",
    "webm": "WebM",
    "awebp": "Animated WebP",
    "frames": "Frames (ZIP)",
    "glb": "GLB",
    "usdc": "USD",
    "xbf": "BinXCAF",
}
"""The formats of assets, as people call them."""

SUFFIXES = {"awebp": ".webp", "frames": ".zip"}  # the others are their own name


def suffix(format_name: str) -> str:
    """Return the file suffix of a format, with its dot."""
    return SUFFIXES.get(format_name, f".{format_name}")


def mime_type(format_name: str) -> str:
    """Return the MIME type of a format; bytes of no known kind are octets."""
    return MIME_TYPES.get(format_name, "application/octet-stream")
