"""How much of a body is read from whom, and on whose account: it is decided who asks before anything of it is read.

Whoever nobody vouches for sends forms to log in, sign up or reset a password, and nothing larger. What a program sends
is read once its token is known (app/rest).
"""

from __future__ import annotations

import flask
from flask import Flask, request

from app.core import access, visitors
from app.core.visitors import Visitor
from config import counted

OF_STRANGERS = 64 * 1024
"""Bytes."""


def init_app(app: Flask) -> None:
    """Before the protection against forged forms, which reads the body."""
    app.before_request(bound)


def bound() -> None:
    view = flask.current_app.view_functions.get(request.endpoint or "")
    if request.method in {"GET", "HEAD", "OPTIONS"} or getattr(view, "by_token", False):
        return
    visitor = visitors.visitor()
    if visitor is None or not _is_known(visitor, view):
        request.max_content_length = request.max_form_memory_size = OF_STRANGERS
    elif visitor.entry.membership is not None:
        counted.charge(visitor.entry.row.id)


def _is_known(visitor: Visitor, view: object) -> bool:
    """Whether whoever is logged in may send something here: in a firm's pages a user of that firm."""
    if getattr(view, "allow", access.PUBLIC) == access.PUBLIC:
        return False
    return visitor.entry.membership is not None if getattr(view, "in_tenant", False) else True
