"""What a tenant's owners can read of what operators did there."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.core.web import Room
from app.operators import wording
from tenants import operators
from tenants.context import current_scope

bp = Room("operator", __name__)


@bp.get("/operator", allow="operator.own")
def acts() -> ResponseReturnValue:
    before = request.args.get("before", type=UUID)
    found, behind = operators.done(tenant_id=current_scope().tenant_id, before=before)
    told = [wording.told_to_tenant(row) for row in found]
    return render_template("operators/acts.html", told=told, behind=behind, before=before)
