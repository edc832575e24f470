from __future__ import annotations

import pytest
from flask import Flask, request

from app import factory


@pytest.mark.parametrize(
    ("proxies", "told"),
    [(0, "http 192.0.2.1"), (1, "https 203.0.113.7"), (2, "http 6.6.6.6")],
)
def test_who_knocks_is_what_our_own_proxies_say_and_nobody_else(proxies: int, told: str) -> None:
    """Of 6.6.6.6 the visitor speaks; 203.0.113.7 is what the proxy has seen."""
    app = Flask("app")
    app.add_url_rule("/", view_func=lambda: f"{request.scheme} {request.remote_addr}")
    if proxies:
        factory.believe_proxies(app, proxies)

    sent = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = app.test_client().get("/", headers=sent, environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.text == told
