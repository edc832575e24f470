"""What people attach: files of a few kinds, made small."""

from __future__ import annotations

import io
import zipfile

from PIL import Image


def picture(kind: str = "PNG", *, size: tuple[int, int] = (60, 40), turned: bool = False) -> bytes:
    """A red area; ``turned`` as a telephone that was held upright notes it."""
    out = io.BytesIO()
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
        exif[0x010E] = "a secret place"
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


def document(folder: str = "word") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{folder}/document.xml", "<x/>")
        archive.writestr("[Content_Types].xml", "<x/>")
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("setup.exe", "MZ")
    return out.getvalue()


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"
)
