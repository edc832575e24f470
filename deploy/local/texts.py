"""The catalogues of texts: collected from the sources, one per language; English texts are the keys."""

import tempfile
from pathlib import Path

from deploy.local.prepare import PYTHON, TRANSLATIONS, call
from deploy.local.progress import Progress

LANGUAGES = ("de",)
_KEYWORDS = ["-k", "_l", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2"]
_HEADER = ["--project=Kontor", "--version=1", "--header-comment=# Collected by ./run texts."]
_MAPPING = Path(__file__).with_name("babel.ini")


def collect(progress: Progress) -> None:
    progress.say("Collecting the texts ...")
    with tempfile.TemporaryDirectory() as folder:
        template = extract(Path(folder) / "messages.pot")
        for language in LANGUAGES:
            catalogue = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
            # Guesses that look like translations are worse than gaps, which a test finds.
            kept = ["update", "--no-fuzzy-matching", "--ignore-pot-creation-date"]
            word = kept if catalogue.exists() else ["init"]
            _babel([*word, "-i", template, "-d", TRANSLATIONS, "-l", language])


def extract(template: Path) -> Path:
    """Write what the sources say into this file."""
    _babel(["extract", "-F", _MAPPING, *_KEYWORDS, *_HEADER, "--add-location=file", "-o", template, "."])
    return template


def _babel(arguments: list[str | Path]) -> None:
    call([PYTHON, "-m", "babel.messages.frontend", *arguments], what="The collection of texts")
