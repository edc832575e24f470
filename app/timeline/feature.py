from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature
from app.timeline import history

FEATURE = Feature(name="timeline", entries=history.entries, entries_label=_l("Changes"))
