"""The web application, at the same addresses and with the same forms as the product's pages."""

from __future__ import annotations

import os
import secrets
from http import HTTPStatus
from uuid import UUID

import brotli
import flask
from flask import Flask, Response, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from benchmarks.floor import database, pages, sql, writing

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
app.jinja_env.globals.update(day=pages.day, moment=pages.moment, initials=pages.initials, hue=pages.hue)


@app.before_request
def enter() -> None:
    """Signed cookie, then the tenant of the address; a form must carry the cookie's token."""
    values = request.view_args or {}
    program = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not program and request.method == "POST" and request.form["csrf_token"] != session.get("csrf"):
        flask.abort(HTTPStatus.FORBIDDEN)
    if "slug" in values:
        g.slug = values.pop("slug")
        found = database.enter(g.slug, program or session.get("token", ""))
        if found is None:
            flask.abort(HTTPStatus.NOT_FOUND)
        g.trial_ends_at, g.user = found


@app.after_request
def compress(response: Response) -> Response:
    if response.status_code == HTTPStatus.OK and "br" in request.headers.get("Accept-Encoding", ""):
        response.set_data(brotli.compress(response.get_data(), quality=5))
        response.headers["Content-Encoding"] = "br"
    return response


@app.context_processor
def frame() -> dict[str, str]:
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(68)
    return {"slug": g.get("slug", ""), "user": g.get("user", ""), "token": session["csrf"]}


@app.get("/login")
def show_log_in() -> str:
    return render_template("login.html")


@app.post("/login")
def log_in() -> ResponseReturnValue:
    session["token"] = secrets.token_urlsafe(32)
    database.connection().execute("INSERT INTO floor.sessions VALUES (%s, 'Ada Owner')", [session["token"]])
    return redirect("/", HTTPStatus.SEE_OTHER)


@app.get("/<slug>/")
def home() -> str:
    latest = database.rows(sql.LATEST)
    return render_template(
        "home.html", title="Heute", trial_ends_at=g.trial_ends_at, latest=latest, entries=pages.news(g.slug)
    )


@app.get("/<slug>/contacts")
def contacts() -> str:
    words = request.args.get("q", "")
    rows, after = pages.listed(words, request.args.get("after", ""))
    return render_template("list.html", title="Kontakte", rows=rows, after=after, words=words)


@app.get("/<slug>/contacts/<uuid:record_id>")
def contact(record_id: UUID) -> str:
    cursor = database.connection().execute(sql.CONTACT, [record_id])
    names = [column.name for column in cursor.description or ()]
    found = dict(zip(names, cursor.fetchone() or (), strict=True))
    points = database.connection().execute(sql.POINTS, [record_id])
    named = [column.name for column in points.description or ()]
    return render_template(
        "record.html",
        title=found["display_name"],
        contact=found,
        points=[dict(zip(named, row, strict=True)) for row in points],
        kinds=pages.KINDS,
        employers=database.rows(sql.EMPLOYERS, [record_id]),
        entries=pages.history(g.slug, record_id),
    )


@app.post("/<slug>/contacts/new")
def create() -> ResponseReturnValue:
    return redirect(f"/{g.slug}/contacts/{writing.add(request.form)}", HTTPStatus.SEE_OTHER)


@app.post("/<slug>/contacts/<uuid:record_id>/edit")
def save(record_id: UUID) -> ResponseReturnValue:
    if not writing.change(record_id, request.form):
        flask.abort(HTTPStatus.CONFLICT)
    return redirect(f"/{g.slug}/contacts/{record_id}", HTTPStatus.SEE_OTHER)


@app.get("/<slug>/api/v1/contacts")
def contacts_as_json() -> ResponseReturnValue:
    rows, after = pages.listed("", request.args.get("cursor", ""))
    return {"items": [dict(zip(pages.NAMES, map(str, row), strict=True)) for row in rows], "next": after or None}


@app.post("/<slug>/api/v1/contacts")
def create_from_json() -> ResponseReturnValue:
    return {"id": str(writing.add(pages.as_form(request.get_json())))}, HTTPStatus.CREATED


@app.post("/<slug>/imports/new")
def take_in() -> ResponseReturnValue:
    writing.take_in(request.files["file"].read())
    return redirect(f"/{g.slug}/contacts", HTTPStatus.SEE_OTHER)
