from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta

from app.core.access import PUBLIC
from app.core.web import Door
from app.mailbox import queries
from config.settings import settings
from tenants import clock


class _HomeDoor(Door):
    """Exists on one's own machine only: anybody who comes by can read all mails."""

    def register(self, app: App, options: dict[str, Any]) -> None:
        if settings().embedded:
            super().register(app, options)


door = _HomeDoor("mailbox", __name__)


@door.get("/mailbox", allow=PUBLIC)
def index() -> ResponseReturnValue:
    mails = [(mail, _ago(mail.created_at)) for mail in queries.newest()]
    return render_template("mailbox/index.html", mails=mails)


@door.get("/mailbox/<uuid:mail_id>", allow=PUBLIC)
def show(mail_id: UUID) -> ResponseReturnValue:
    mail = queries.mail(mail_id)
    return render_template("mailbox/mail.html", mail=mail, ago=_ago(mail.created_at), body=paragraphs(mail.body))


def paragraphs(body: str) -> list[list[tuple[str, bool]]]:
    """The text in paragraphs of pieces; a piece is a link when it leads to ourselves, and to nowhere else."""
    ours = re.compile(rf"({re.escape(settings().public_url)}/\S*)")
    blocks = [block for block in body.split("\n\n") if block.strip()]
    return [[(piece, bool(ours.fullmatch(piece))) for piece in ours.split(block) if piece] for block in blocks]


def _ago(moment: datetime) -> str:
    # Outside a firm there is no time zone to say the time of day in.
    return str(format_timedelta(moment - clock.now(), add_direction=True))
