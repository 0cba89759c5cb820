"""Hostile uploads: whole requests for the page that takes CAD files in, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.rendering.desk.uploads.contents import BAD, GOOD

BOUNDARY = b"----renderdesk7MA4YWxk"

NAMES = (
    *(
        b"a\0.step",
        b"a.step\0.php",
        b"../../../etc/passwd",
        b"..\\..\\boot.ini",
        b"/etc/passwd.step",
        b"C:\\CON\\a.stp",
    ),
    *(
        b"CON",
        b"NUL.step",
        b"aux.obj",
        b"COM1.stl",
        b"LPT1",
        b"a.step:stream",
        b".",
        b"..",
        b"...step",
        b".htaccess",
    ),
    *(
        b"x" * 255 + b".step",
        b"x" * 5000 + b".step",
        b"a." + b"step" * 500,
        b"\xf0\x9f\x94\xa9" * 200 + b".stp",
    ),
    *(
        b"\xe2\x80\xaepets.exe",
        b"\xe2\x80\x8b.step",
        b"\xff\xfe\xfd.step",
        b"\xed\xa0\x80.step",
        b"\xc2\xa0.step",
    ),
    *(
        b"a\r\nX-Evil: 1\r\n.step",
        b'a\\"b.step',
        b"a;b=c.step",
        b"%00.step",
        b"%2e%2e%2fa.step",
        b"=?utf-8?q?a?=.step",
    ),
    *(
        b"<img src=x onerror=alert(1)>.step",
        b"'; DROP TABLE media_assets_cadfile; --.step",
        b"{{7*7}}.step",
        b"$(id).step",
    ),
    *(
        b"%(name)s%(reason)s.step",
        b"%s%d%n.step",
        b"{0.__class__}.step",
        b"`id`.step",
        b"-rf",
        b"~",
        b"|ls",
        b" ",
        b"\t\n",
    ),
    *(
        b"a.step.gz.zip.step",
        b"a.php",
        b"a.html",
        b"a.svg",
        b"a",
        b"\x1b[31ma.step",
        b"\xcc\x81" * 300 + b".step",
    ),
)
TYPES = (
    *(
        b"application/octet-stream",
        b"text/html",
        b"image/png",
        b"application/x-php",
        b"multipart/mixed; boundary=x",
    ),
    *(
        b"",
        b"x" * 3000,
        b"text/plain; charset=utf-7",
        b"text/plain; charset=\0",
        b"message/rfc822",
        b"a/b/c/d",
    ),
)
ENCODINGS = (b"base64", b"quoted-printable", b"7bit", b"gzip", b"x" * 300)
NUMBERS = (
    *(
        b"A-1",
        b"../1",
        b"x" * 101,
        b"x" * 100_000,
        b"a\0b",
        b"\xff",
        b"\xc2\xb2",
        b"<script>",
        b"%s",
        b" ",
        b"\xe2\x80\xaea",
    ),
    *(b"-1", b"9" * 30, b"A-1\r\nX: y", b"'\"`;--"),
)
UNITS = (b"mm", b"m", b"parsec", b"mm\0", b"", b"in'", b"\xff", b"mm" * 2000)


@dataclass(frozen=True)
class HostileUpload:
    """One request: what is hostile about it, its type and its body; *sent*: how many bytes of it its client sends."""

    family: str
    what: str
    content_type: str
    body: bytes
    sent: int | None = None


def part(head: bytes, content: bytes, *more: bytes) -> bytes:
    lines = (b"Content-Disposition: form-data; " + head, *more)
    return b"--" + BOUNDARY + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + content + b"\r\n"


def file_part(name: bytes, content: bytes, *more: bytes) -> bytes:
    return part(b'name="cad_files"; filename="' + name + b'"', content, *more)


def form(*parts: bytes, end: bytes = b"--" + BOUNDARY + b"--\r\n") -> bytes:
    return b"".join(parts) + end


def field(name: bytes, value: bytes) -> bytes:
    return part(b'name="' + name + b'"', value)


MULTIPART = f"multipart/form-data; boundary={BOUNDARY.decode()}"

Made = tuple[str, bytes] | tuple[str, bytes, str]
Maker = Callable[[random.Random], Made]


def _good(chance: random.Random) -> bytes:
    return chance.choice(GOOD)(chance)


def contents(chance: random.Random) -> Made:
    """Hostile bytes under an ordinary name, with a unit, so that what can be read is read."""
    maker = chance.choice(BAD)
    suffix = chance.choice((b"step", b"obj", b"stl", b"glb", b"igs", b"brep", b"step.gz", b"zip", b"stp"))
    return maker.__name__, form(file_part(b"part." + suffix, maker(chance)), field(b"unit", b"mm"))


def names(chance: random.Random) -> Made:
    name = chance.choice(NAMES)
    if chance.random() < 0.2:
        name = bytes(chance.choice(range(1, 256)) for _ in range(chance.randrange(1, 60))).replace(b'"', b"")
    return repr(name[:40]), form(file_part(name, _good(chance)), field(b"unit", b"mm"))


def fields(chance: random.Random) -> Made:
    number, unit = chance.choice(((chance.choice(NUMBERS), b"mm"), (b"", chance.choice(UNITS))))
    told = f"product={number[:20]!r} unit={unit[:20]!r}"
    return told, form(file_part(b"a.obj", _good(chance)), field(b"product", number), field(b"unit", unit))


def types(chance: random.Random) -> Made:
    kind, encoding = chance.choice(TYPES), chance.choice(ENCODINGS)
    more = [b"Content-Type: " + kind]
    if chance.random() < 0.5:
        more.append(b"Content-Transfer-Encoding: " + encoding)
    content = chance.choice((*GOOD, *BAD))(chance)
    return f"{kind[:30]!r} {encoding[:20]!r}", form(file_part(b"a.step", content, *more))


def multipart(chance: random.Random) -> Made:
    """Forms that are odd themselves."""
    good = file_part(b"a.obj", _good(chance))
    cases: dict[str, Made | bytes] = {
        "no end": form(good, end=b""),
        "cut in a header": form(good)[:60],
        "no part": form(),
        "nothing": b"",
        "not multipart": chance.randbytes(2000),
        "no boundary": ("", form(good), "multipart/form-data"),
        "empty boundary": ("", form(good), "multipart/form-data; boundary="),
        "long boundary": ("", form(good), "multipart/form-data; boundary=" + "b" * 300),
        "another boundary": ("", form(good), "multipart/form-data; boundary=other"),
        "boundary of signs": ("", form(good), 'multipart/form-data; boundary="\\"\';,"'),
        "two boundaries": ("", form(good), f"{MULTIPART}; boundary=b"),
        "unknown charset": ("", form(good), f"{MULTIPART}; charset=utf-7"),
        "no such charset": ("", form(good), f"{MULTIPART}; charset=nothing"),
        "nested": form(file_part(b"a.obj", form(good), b"Content-Type: multipart/mixed; boundary=x")),
        "urlencoded": ("", b"cad_files=a&product=b", "application/x-www-form-urlencoded"),
        "json": ("", b'{"cad_files": "a"}', "application/json"),
        "text in place of a file": form(field(b"cad_files", b"a")),
        "file in place of text": form(good, part(b'name="product"; filename="x"', b"x")),
        "many fields": form(good, *(field(b"f%d" % n, b"") for n in range(1500))),
        "many files": form(*(file_part(b"%d.obj" % n, b"v") for n in range(chance.choice((30, 150))))),
        "many of one field": form(good, *(field(b"product", b"%d" % n) for n in range(500))),
        "no name": form(part(b'filename="a.obj"', _good(chance))),
        "no disposition": b"--" + BOUNDARY + b"\r\n\r\nx\r\n" + form(good),
        "two dispositions": form(file_part(b"a.obj", b"x", b"Content-Disposition: form-data; name=b")),
        "long header": form(file_part(b"a.obj", b"x", b"X-Long: " + b"x" * 200_000)),
        "many headers": form(file_part(b"a.obj", b"x", *(b"X-%d: x" % n for n in range(3000)))),
        "lone line ends": form(good).replace(b"\r\n", b"\n"),
        "before and behind": b"x" * 300_000 + b"\r\n" + form(good) + b"x" * 300_000,
        "coded name": form(part(b"name=cad_files; filename*=utf-8''%2e%2e%2f%00a.obj", _good(chance))),
        "badly coded name": form(part(b"name=cad_files; filename*=nothing'x'%ff%zz", _good(chance))),
        "bad base64": form(file_part(b"a.obj", b"\xff=!=", b"Content-Transfer-Encoding: base64")),
        "long field": form(good, field(b"product", b"x" * 3_000_000)),
        "too large": form(file_part(b"a.step", b"ISO-10303-21;" + bytes(6_000_000))),
        "large and more": form(file_part(b"a.step", bytes(6_000_000)), good, file_part(b"b.stl", b"no")),
        "the same twice": form(good, good),
        "no file name": form(file_part(b"", _good(chance))),
    }
    what = chance.choice(list(cases))
    made = cases[what]
    return (what, made) if isinstance(made, bytes) else (what, *made[1:])  # type: ignore[return-value]


def all_at_once(chance: random.Random) -> Made:
    parts = [
        file_part(
            chance.choice(NAMES),
            chance.choice((*GOOD, *BAD))(chance),
            b"Content-Type: " + chance.choice(TYPES),
        )
        for _ in range(chance.choice((1, 1, 1, 4)))
    ]
    more = [field(b"product", chance.choice(NUMBERS))] if chance.random() < 0.3 else []
    return f"{len(parts)} files", form(*parts, *more, field(b"unit", chance.choice(UNITS)))


FAMILIES: tuple[Maker, ...] = (contents, names, contents, fields, types, contents, multipart, all_at_once)
CUT = 20
"""Every so many'th request is sent in part by a client that then leaves."""


def uploads(count: int, seed: int, *, cut: bool) -> Iterator[HostileUpload]:
    """Yield so many uploads, the same for a seed; *cut*: some of them by clients that leave."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        maker = FAMILIES[number % len(FAMILIES)]
        what, body, *rest = maker(chance)
        leaves = cut and number % CUT == CUT - 1 and len(body) > 100
        yield HostileUpload(
            "cut off" if leaves else maker.__name__.replace("_", " "),
            what,
            str(rest[0]) if rest else MULTIPART,
            body,
            chance.randrange(1, len(body)) if leaves else None,
        )
