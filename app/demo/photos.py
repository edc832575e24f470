"""Pictures for complaints, drawn anew: a thing on a floor, with a stain where it leaks. A few kilobytes each."""

from __future__ import annotations

import io
from typing import IO

from PIL import Image, ImageDraw, ImageFilter

_SIZE = _WIDTH, _HEIGHT = 480, 360
_QUALITY = 60
_FLOORS = ("#b9b4aa", "#9aa3a8", "#c4b9a3", "#a8aca0")
_METALS = ("#7d8791", "#8f7a4f", "#5f6b73", "#a5a8ab")


def photo(name: str) -> IO[bytes]:
    """The same picture for the same name, in whatever year and on whatever machine."""
    seed = sum(name.encode())
    image = Image.new("RGB", _SIZE, _FLOORS[seed % len(_FLOORS)])
    draw = ImageDraw.Draw(image)
    _tiles(draw, step=60 + seed % 30)
    _stain(draw, at=120 + seed % 160)
    _pipe(draw, at=110 + seed % 90, metal=_METALS[seed % len(_METALS)])
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=_QUALITY)
    out.seek(0)
    return out


def _tiles(draw: ImageDraw.ImageDraw, *, step: int) -> None:
    for x in range(0, _WIDTH, step):
        draw.line((x, 0, x - 40, _HEIGHT), fill="#8c8880", width=2)
    for y in range(0, _HEIGHT, step):
        draw.line((0, y, _WIDTH, y), fill="#8c8880", width=2)


def _stain(draw: ImageDraw.ImageDraw, *, at: int) -> None:
    draw.ellipse((at, 230, at + 190, 330), fill="#6f7d86")
    draw.ellipse((at + 30, 245, at + 120, 290), fill="#94a5ae")


def _pipe(draw: ImageDraw.ImageDraw, *, at: int, metal: str) -> None:
    draw.rectangle((0, at, _WIDTH, at + 54), fill=metal)
    draw.rectangle((0, at + 8, _WIDTH, at + 16), fill="#dfe3e6")
    draw.rectangle((190, at - 18, 300, at + 72), fill="#4c555c")
    for x in (200, 274):
        draw.ellipse((x, at + 16, x + 18, at + 34), fill="#c8ccd0")
