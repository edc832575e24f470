from __future__ import annotations

from app.core.features import Feature
from app.escalation import due, forwarding
from tenants import turns
from tenants.turns import Kind

turns.assign(Kind.CHANGES, forwarding.forward)
turns.assign(Kind.DUE, due.act)

FEATURE = Feature(name="escalation")
