"""A program of its own: reads an image and answers a small picture, made anew from what can be seen, so that nothing
else of the file is in it. It knows nothing of the house; whoever starts it bounds it (app/core/bounded).

Nothing is answered of an image that is too large to look at here; of what is no image it ends with an error.
"""

from __future__ import annotations

import io
import sys
from typing import IO

from PIL import Image, ImageOps

from app.core import bounded

EDGE = 640
"""The longer one of a small picture, in pixels."""

MOST_PIXELS = 60_000_000
"""A photo is read at an eighth of its size, so it may be large."""

MOST_PIXELS_AT_ONCE = 20_000_000
"""What must be unpacked whole takes four bytes a pixel."""

_QUALITY = 82
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def main() -> None:
    bounded.confine()
    sys.stdout.buffer.write(small(sys.stdin.buffer))


def small(stream: IO[bytes]) -> bytes:
    """As a JPEG; empty of an image that is too large."""
    try:
        with Image.open(stream, formats=_FORMATS) as image:
            return _reduced(image) if _has_bounds(image) else b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return b""


def _has_bounds(image: Image.Image) -> bool:
    pixels = image.width * image.height
    is_read_small = image.format == "JPEG" and not image.info.get("progressive")
    return pixels <= (MOST_PIXELS if is_read_small else MOST_PIXELS_AT_ONCE)


def _reduced(image: Image.Image) -> bytes:
    image.draft("RGB", (EDGE, EDGE))
    image.thumbnail((EDGE, EDGE))
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
