"""Small pictures of images, made anew from what can be seen, so that nothing else of the file is in them."""

from __future__ import annotations

import io
from threading import Lock
from typing import IO

from PIL import Image, ImageOps

EDGE = 640
"""The longer one of a small picture, in pixels."""

MOST_PIXELS = 60_000_000
"""A photo is read at an eighth of its size, so it may be large."""

MOST_PIXELS_AT_ONCE = 20_000_000
"""What must be unpacked whole takes four bytes a pixel."""

_QUALITY = 82
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
# One at a time: memory for one is there, for as many as there are threads perhaps not.
_one_at_a_time = Lock()


class NotAPicture(Exception):
    """It says that it is an image and cannot be read as one."""


def small(stream: IO[bytes]) -> bytes | None:
    """As a JPEG; None of an image that is too large to look at here. The stream stands at its beginning afterwards.

    Raises NotAPicture.
    """
    stream.seek(0)
    try:
        with _one_at_a_time, Image.open(stream, formats=_FORMATS) as image:
            return _reduced(image) if _has_bounds(image) else None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPicture from error
    finally:
        stream.seek(0)


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
