"""What a file says of itself: XMP (IPTC), EXIF, and the tags of films. Pure.

Creator and rights, the product where the recipe has it, that the picture was made by a computer from a model, the hash
of the CAD file, and the recipe key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from PIL import ExifTags, Image

MAKER = "Renderdesk"
# IPTC NewsCodes, "Digital Source Type": made by a person with a program, no photograph and not trained on any.
DIGITAL_CREATION = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
OWN = "urn:renderdesk:1.0/"
"""The namespace of the recipe key and of the CAD file's hash."""

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "renderdesk": OWN,
}
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" {namespaces}>'
    '{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def xmp(recipe: Mapping[str, Any], about: Mapping[str, Any]) -> bytes:
    """Return the XMP packet of a file (ISO 16684-1; IPTC Photo Metadata Standard)."""
    credit = recipe.get("credit", {})
    items = [f"{scheme}:{value}" for scheme, value in identifiers(recipe).items()]
    properties = [
        _property("xmp:CreatorTool", MAKER),
        _property("Iptc4xmpExt:DigitalSourceType", DIGITAL_CREATION),
        _property("renderdesk:RecipeKey", about.get("recipe_key", "")),
        _property("renderdesk:CadSHA256", about.get("cad_sha256", "")),
        _list("dc:title", "Alt", [title(recipe)]),
        _list("dc:identifier", "Bag", items),
        _list("dc:creator", "Seq", [credit.get("creator", "")]),
        _list("dc:rights", "Alt", [credit.get("copyright", "")]),
        _property("xmpRights:Marked", "True" if credit.get("copyright") else ""),
    ]
    namespaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    return PACKET.format(namespaces=namespaces, properties="".join(properties)).encode()


def title(recipe: Mapping[str, Any]) -> str:
    """Return what the product of a recipe is called; "" where the file does not say it."""
    data = recipe.get("product_data", {})
    names = (data.get("name") or data.get("number", ""), data.get("variant", ""), data.get("part", ""))
    return ", ".join(filter(None, names))


def identifiers(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Return what identifies the product of a recipe, by scheme; nothing where the file does not say it."""
    if "product_data" not in recipe:
        return {}
    data = recipe["product_data"]
    return {"product": data.get("number", ""), **data.get("identifiers", {})}


def film_tags(recipe: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a film, as ffmpeg names them; a container keeps those that it knows."""
    credit = recipe.get("credit", {})
    tags = {
        "title": title(recipe),
        "artist": credit.get("creator", ""),
        "copyright": credit.get("copyright", ""),
        **identifiers(recipe),
        "digital_source_type": DIGITAL_CREATION,
        "comment": description(about),
    }
    return {name: value for name, value in tags.items() if value}


def description(about: Mapping[str, Any]) -> str:
    """Return *about* as JSON in ASCII."""
    return json.dumps(about, sort_keys=True, separators=(",", ":"))


def exif(about: Mapping[str, Any]) -> bytes:
    """Return EXIF that names the maker and carries *about* as JSON (EXIF 2.32: ASCII user comment)."""
    data = Image.Exif()
    data[ExifTags.Base.Software] = MAKER
    comment = b"ASCII\0\0\0" + description(about).encode("ascii")
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return data.tobytes()


def _property(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def _list(name: str, kind: str, values: list[str]) -> str:
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    items = "".join(f"<rdf:li{language}>{escape(value)}</rdf:li>" for value in values if value)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>" if items else ""
