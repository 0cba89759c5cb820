"""What a hostile file holds: functions of chance that return its bytes. ``GOOD`` holds what can be read."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

Content = Callable[[random.Random], bytes]

HEADER = (
    b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('a','2026-01-01T00:00:00',(''),(''),'','','');"
    b"\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n"
)
END = b"\nENDSEC;\nEND-ISO-10303-21;\n"
PLACES = (
    "/etc/passwd",
    "../../../etc/passwd",
    "C:\\x.stp",
    "\\\\host\\share\\x.stp",
    "http://127.0.0.1/x.stp",
)
PATHS = ("../../../../ESCAPED.step", "/tmp/ESCAPED.step", "..\\..\\ESCAPED.step", "a\0.step", "CON.step")


def step(*entities: bytes) -> bytes:
    return HEADER + b"\n".join(entities) + END


def cube(chance: random.Random) -> bytes:
    """A cube as OBJ."""
    edge = chance.uniform(1, 90)
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    faces = ((1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4))
    lines = [f"v {x * edge:.6f} {y * edge:.6f} {z * edge:.6f}" for x, y, z in corners]
    return "\n".join([*lines, *("f " + " ".join(map(str, face)) for face in faces), ""]).encode()


def triangles(chance: random.Random) -> bytes:
    """Some triangles as binary STL."""
    some = [struct.pack("<12fH", *(chance.uniform(-5, 5) for _ in range(12)), 0) for _ in range(12)]
    return bytes(80) + struct.pack("<I", len(some)) + b"".join(some)


def bare_step(chance: random.Random) -> bytes:
    """A STEP file that is whole and shows nothing."""
    return step(b"#1=PRODUCT('%d','','',(#2));" % chance.randrange(10**9), b"#2=PRODUCT_CONTEXT('',$,'');")


GOOD: tuple[Content, ...] = (cube, triangles, bare_step)


def empty(_: random.Random) -> bytes:
    return b""


def blank(chance: random.Random) -> bytes:
    return chance.choice((b" ", b"\n", b"\0", b"\xef\xbb\xbf")) * chance.choice((1, 3, 70_000))


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((1, 3, 100, 5000, 200_000)))


def other_kind(chance: random.Random) -> bytes:
    """A file of another kind by its first bytes, then anything."""
    magic = (
        *(
            b"%PDF-1.7\n",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"GIF89a",
            b"\x7fELF",
            b"MZ\x90\0",
            b"#!/bin/sh\n",
        ),
        *(
            b"\xd0\xcf\x11\xe0",
            b"Rar!\x1a\x07",
            b"7z\xbc\xaf",
            b"BZh9",
            b"\xfd7zXZ\0",
            b"(\xb5/\xfd",
            b"AC1032",
            b"8BPS",
        ),
        *(
            b"<html><script>alert(1)</script>",
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
        ),
        *(
            b"<?php system($_GET[0]);",
            b"{{7*7}}${7*7}<%= 7*7 %>",
            b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.",
            b"PK\x05\x06" + bytes(18),
        ),
        *("ISO-10303-21;".encode("utf-16"), b"\0\0\xfe\xff", b"SQLite format 3\0"),
    )
    return chance.choice(magic) + chance.randbytes(chance.choice((0, 40, 4000)))


def cut_step(chance: random.Random) -> bytes:
    whole = step(*(b"#%d=CARTESIAN_POINT('',(0.,0.,%d.));" % (n, n) for n in range(1, 200)))
    return whole[: chance.randrange(13, len(whole) - 20)]


def reaching_step(chance: random.Random) -> bytes:
    place = chance.choice(PLACES).encode()
    told = (
        b"#1=DOCUMENT_FILE('%s','','',#2,'',$);" % place,
        b"#1=EXTERNAL_SOURCE(IDENTIFIER('%s'));" % place,
        b"#1=DOCUMENT_FILE(/* ' */'%s',''\n,'',#2,'',$);" % place,
        b"#1=APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT('%s',#2,#3,());" % place,
    )
    return step(chance.choice(told), b"#2=DOCUMENT_TYPE('');")


def endless_step(chance: random.Random) -> bytes:
    """An assembly that holds itself, or doubles itself at each of its levels."""
    if chance.random() < 0.5:
        ring = chance.randrange(1, 40)
        links = [(n, (n + 1) % ring) for n in range(ring)]
    else:
        links = [(n, n + 1) for n in range(chance.choice((20, 64, 3000))) for _ in (0, 1)]
    used = b"#%d=NEXT_ASSEMBLY_USAGE_OCCURRENCE('','','',#%d,#%d,$);"
    return step(*(used % (10_000 + n, 1 + one, 1 + other) for n, (one, other) in enumerate(links)))


def odd_step(chance: random.Random) -> bytes:
    """Text that is hard on parsers."""
    many = chance.choice((100, 5_000, 60_000))
    return step(
        chance.choice(
            (
                b"(" * many,
                b"#1=PRODUCT('" + b"x" * many * 4 + b"');",
                b"#1=PRODUCT('" + b"''" * many + b"');",
                b"/*" * many,
                b"#1=PRODUCT('unclosed",
                b"#" + b"9" * many + b"=PRODUCT('',#" + b"9" * many + b");",
                b"#1=REPRESENTATION_MAP(#" + b"1" * many + b"x",
                b"DCMFL(" * many,
                b"#1=PRODUCT('\\X2\\D83D\\X0\\\\X4\\FFFFFFFF\\X0\\\\S\\');",
                b"#1=PRODUCT('" + chance.randbytes(400).replace(b"'", b"") + b"');",
                b"#1=LENGTH_UNIT" * (many // 10),
                b"#1=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));" * (many // 50),
                b"\n".join(b"#%d=#%d;" % (n, n + 1) for n in range(many // 10)),
                b"",
            )
        )
    )


def odd_obj(chance: random.Random) -> bytes:
    many = chance.choice((10, 3_000, 100_000))
    return chance.choice(
        (
            b"v 1 1 " + b"1" * many + b"x\n",
            b"mtllib " + chance.choice(PLACES).encode() + b"\n" + cube(chance),
            b"v 0 0 0\n" + b"f -1 -1 -1\n" * many,
            b"v 0 0 0\nf 1 1 " + b"9" * many + b"\n",
            b"v nan inf -inf\nv 1e400 0 0\nv 0 0 0\nf 1 2 3\n",
            b"v 0 0 0\n" * 3 + b"f" + b" 1" * many + b"\n",
            b"o " + b"\xe2\x80\xae" * many + b"\n" + cube(chance),
            b"v 0 0\\\n" * many,
        )
    )


def odd_stl(chance: random.Random) -> bytes:
    body = b"".join(
        struct.pack("<12fH", *(chance.choice((0.0, 1e38, float("nan"), float("inf"))) for _ in range(12)), 0)
        for _ in range(5)
    )
    return chance.choice(
        (
            bytes(80) + struct.pack("<I", 2**32 - 1),
            bytes(80) + struct.pack("<I", 2**32 - 1) + body,
            bytes(80) + struct.pack("<I", 5) + body,
            bytes(80) + struct.pack("<I", 5) + body[:77],
            b"solid " + b"x" * 100_000,
            b"solid a\nfacet normal 0 0 1\nouter loop\n" + b"vertex 1 1 1e999\n" * 3,
            b"solid a\n" + b"facet " * 50_000,
        )
    )


def odd_glb(chance: random.Random) -> bytes:
    place = chance.choice(
        (*PLACES, "data:application/octet-stream;base64," + base64.b64encode(bytes(99)).decode())
    )
    documents: tuple[bytes, ...] = (
        b"[" * 20_000,
        json.dumps({"asset": {"version": "2.0"}, "buffers": [{"uri": place, "byteLength": 2**40}]}).encode(),
        json.dumps(
            {"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"children": [0]}]}
        ).encode(),
        json.dumps({"asset": {"version": "2.0"}, "extensionsRequired": ["EVIL_extension"]}).encode(),
        json.dumps({"asset": {"version": "2.0"}, "accessors": [{"count": 2**62, "type": "MAT4"}]}).encode(),
        b'{"asset":{"version":"2.0"},"asset":1e9999}',
        b"\xff\xfe{}",
    )
    document = chance.choice(documents)
    length = chance.choice((len(document), 2**32 - 1, 0, len(document) - 1))
    return (
        struct.pack(
            "<4sIIII", b"glTF", chance.choice((1, 2, 9)), 20 + len(document), length & 0xFFFFFFFF, 0x4E4F534A
        )
        + document
    )


def odd_exact(chance: random.Random) -> bytes:
    """IGES and BREP that are not whole."""
    return chance.choice(
        (
            b"x" * 72 + b"S      1\n" + chance.randbytes(500),
            b"x" * 72 + b"S      1\n" + (b"1" * 72 + b"D      1\n") * 2000,
            b"DBRep_DrawableShape\n\nCASCADE Topology V3\n" + b"9" * 5000,
            b"DBRep_DrawableShape\nCASCADE Topology V1\nTShapes 999999999\n*\n+1 0 \n",
            b"Open CASCADE Topology V3 (c)\n" + chance.randbytes(300) + b"*123456789",
        )
    )


@cache
def bomb(sign: bytes) -> bytes:
    """60 MB of one sign behind a sound header, as gzip."""
    return gzip.compress(HEADER + sign * 60_000_000, mtime=0)


def packed(chance: random.Random) -> bytes:
    """A gzip file: sound, of nothing, cut, packed twice, with another end, or a bomb."""
    inside = chance.choice((cube, cut_step, other_kind, empty))(chance)
    whole = gzip.compress(inside, mtime=0)
    return chance.choice(
        (
            whole,
            whole[: len(whole) // 2],
            whole[:-8] + chance.randbytes(8),
            gzip.compress(whole, mtime=0),
            whole * 50,
            whole + chance.randbytes(99),
            b"\x1f\x8b" + chance.randbytes(400),
            bomb(b"\0"),
            bomb(b" "),
            bz2.compress(inside),
            zlib.compress(inside),
        )
    )


def zipped(chance: random.Random) -> bytes:
    """A ZIP file: members outside, links, many, none, packed twice, with lies about sizes, encrypted, or a bomb."""
    stream = io.BytesIO()
    inside = cube(chance)
    how = chance.choice(
        ("path", "path", "link", "many", "none", "twice", "bomb", "folder", "huge name", "plain")
    )
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if how == "path":
            archive.writestr(chance.choice(PATHS), inside)
        elif how == "link":
            link = zipfile.ZipInfo("a.step")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        elif how == "many":
            for number in range(chance.choice((2, 3000))):
                archive.writestr(f"{number}.obj", inside[:50])
        elif how == "twice":
            archive.writestr("a.zip", gzip.compress(inside, mtime=0))
        elif how == "bomb":
            archive.writestr("a.step", HEADER + bytes(60_000_000))
        elif how == "folder":
            archive.writestr("a/", b"")
        elif how == "huge name":
            archive.writestr("x" * 65_000, inside)
        elif how == "plain":
            archive.writestr("a.obj", inside)
    whole = bytearray(stream.getvalue())
    lie = chance.random()
    if lie < 0.2:
        whole = whole[: chance.randrange(4, len(whole))]
    elif lie < 0.5:  # of one byte, sizes and flags of both headers among them
        for start in (whole.find(b"PK\x01\x02"), 0):
            if start >= 0:
                at = start + chance.randrange(4, 46 if start else 30)
                whole[at % len(whole)] = chance.randrange(256)
    return bytes(whole)


def polyglot(chance: random.Random) -> bytes:
    """Two kinds in one file."""
    one = chance.choice(
        (
            b"%PDF-1.4\n",
            b"GIF89a",
            b"<svg onload=alert(1)>",
            zipped(chance),
            b"\x89PNG\r\n\x1a\n",
            b"#!/bin/sh\n",
        )
    )
    other = chance.choice((bare_step, cube, triangles, zipped))(chance)
    return chance.choice((one + other, other + one, HEADER + b"/*" + one + b"*/\n#1=PRODUCT('');" + END))


BAD: tuple[Content, ...] = (
    *(
        empty,
        blank,
        noise,
        other_kind,
        cut_step,
        reaching_step,
        endless_step,
        odd_step,
        odd_obj,
        odd_stl,
        odd_glb,
    ),
    *(odd_exact, packed, zipped, polyglot),
)
