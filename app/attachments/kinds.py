"""Which files are accepted: by what is in them, and their name must say the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from tenants.errors import Invalid

_HEAD = 4096
_PIECE = 1 << 20
_DIRECTORY = 1 << 20
"""Of an archive, in bytes; one that names more than this lists is no document."""

_NAME = 120
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
"""What some computers take for a device and not for a file."""


class FileRefused(Invalid):
    """This file is not accepted."""


class EmptyFile(FileRefused):
    """“%(name)s” is empty."""

    code = "file_empty"


class ProgramRefused(FileRefused):
    """“%(name)s” is a program, and programs are not accepted."""

    code = "file_is_program"


class KindNotAccepted(FileRefused):
    """“%(name)s” is of a kind that is not accepted. Accepted are images, PDF, texts and office documents."""

    code = "file_kind_not_accepted"


class ContentDiffers(FileRefused):
    """What is in “%(name)s” is not what its name says, so it is not accepted."""

    code = "file_content_differs"


@dataclass(frozen=True, slots=True)
class Kind:
    mime: str
    endings: tuple[str, ...]
    is_picture: bool = False


PNG = Kind("image/png", (".png",), is_picture=True)
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"), is_picture=True)
GIF = Kind("image/gif", (".gif",), is_picture=True)
WEBP = Kind("image/webp", (".webp",), is_picture=True)
HEIC = Kind("image/heic", (".heic", ".heif"))
PDF = Kind("application/pdf", (".pdf",))

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
DOCUMENTS = {
    b"word/": Kind(f"{_OFFICE}wordprocessingml.document", (".docx",)),
    b"xl/": Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",)),
    b"ppt/": Kind(f"{_OFFICE}presentationml.presentation", (".pptx",)),
}
OPEN_DOCUMENTS = tuple(
    Kind(f"{_OPEN}{name}", (ending,))
    for name, ending in (("text", ".odt"), ("spreadsheet", ".ods"), ("presentation", ".odp"))
)
OLD_DOCUMENTS = (
    Kind("application/msword", (".doc",)),
    Kind("application/vnd.ms-excel", (".xls",)),
    Kind("application/vnd.ms-powerpoint", (".ppt",)),
    Kind("application/vnd.ms-outlook", (".msg",)),
)
TEXTS = (
    Kind("text/plain", (".txt", ".log", ".md")),
    Kind("text/csv", (".csv", ".tsv")),
    Kind("text/vcard", (".vcf",)),
    Kind("text/calendar", (".ics",)),
    Kind("message/rfc822", (".eml",)),
)
ALL = (PNG, JPEG, GIF, WEBP, HEIC, PDF, *DOCUMENTS.values(), *OPEN_DOCUMENTS, *OLD_DOCUMENTS, *TEXTS)
_BY_ENDING = {ending: kind for kind in ALL for ending in kind.endings}

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
)
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"dex\n",
    b"\x00asm",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
"""Windows, Linux, scripts, Java, three of macOS, Android, WebAssembly, links of Windows."""

_PROGRAM_ENDINGS = frozenset(
    (
        ".exe",
        ".com",
        ".bat",
        ".cmd",
        ".msi",
        ".scr",
        ".dll",
        ".lnk",
        ".js",
        ".vbs",
        ".hta",
        ".ps1",
        ".sh",
        ".jar",
        ".apk",
    )
)


def cleaned(name: str) -> str:
    """A file's name without folders, hidden characters and whatever some computer would stumble over."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    path = PurePosixPath(" ".join(shown.translate(_FORBIDDEN).split()).strip(". ") or "file")
    stem = f"_{path.stem}" if path.stem.lower() in _DEVICES else path.stem
    return f"{stem[: _NAME - len(path.suffix)]}{path.suffix[:_NAME]}"


def recognised(stream: IO[bytes], *, name: str) -> Kind:
    """What a file is; the stream stands at its beginning afterwards.

    Raises EmptyFile, ProgramRefused, KindNotAccepted, ContentDiffers.
    """
    stream.seek(0)
    head, ending = stream.read(_HEAD), PurePosixPath(name).suffix.lower()
    if not head:
        raise EmptyFile(name=name)
    if head.startswith(_PROGRAMS) or ending in _PROGRAM_ENDINGS:
        raise ProgramRefused(name=name)
    wanted, found = _BY_ENDING.get(ending), list(_of_content(stream, head))
    stream.seek(0)
    if wanted is None:
        # A photo that comes straight from a camera may have no name worth the word.
        if not ending and found and found[0] not in TEXTS:
            return found[0]
        raise KindNotAccepted(name=name)
    if wanted not in found:
        raise ContentDiffers(name=name)
    return wanted


def _of_content(stream: IO[bytes], head: bytes) -> Iterable[Kind]:
    """The kinds of which a file with this content can be."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return (kind,)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return (WEBP,)
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}:
        return (HEIC,)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLD_DOCUMENTS
    if head.startswith(b"PK\x03\x04"):
        return _of_archive(stream, head)
    return TEXTS if _is_text(stream, head) else ()


def _of_archive(stream: IO[bytes], head: bytes) -> Iterable[Kind]:
    """Office documents are archives; what they hold is read from the list at their end, nothing is unpacked."""
    if head[30:38] == b"mimetype":
        return [kind for kind in OPEN_DOCUMENTS if head[38:].startswith(kind.mime.encode())]
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _DIRECTORY))
    listed = stream.read(_DIRECTORY)
    if b"[Content_Types].xml" not in listed:
        return ()
    return [kind for folder, kind in DOCUMENTS.items() if folder in listed]


def _is_text(stream: IO[bytes], head: bytes) -> bool:
    """In whatever encoding: letters, and no zeros, unless a mark at the beginning says that they come in pairs."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    stream.seek(0)
    return all(b"\0" not in piece for piece in iter(lambda: stream.read(_PIECE), b""))
