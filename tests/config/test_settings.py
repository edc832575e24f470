"""What a process must be told, and what it refuses to start with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.server import server_settings
from config.settings import SettingsRefused, settings, without_provisioner

SECRET = "long enough to sign with and known to tests alone"
IN_THE_OPEN = {
    "DATABASE_URL": "postgresql://kontor_platform:one@db.example/kontor",
    "CELL_URL": "postgresql://kontor_app_main:two@db.example/kontor",
    "REDIS_URL": "redis://cache.example",
    "SECRET_KEY": SECRET,
    "PUBLIC_URL": "https://crm.example",
    "SMTP_URL": "smtps://mail.example",
}
OTHERS = (
    "DIRECT_URL",
    "PROVISIONER_URL",
    "SECRET_KEY_FALLBACKS",
    "FILES_URL",
    "SENTRY_DSN",
    "LOG_FORMAT",
    "LIVE_URL",
    "TRUSTED_PROXIES",
    "KONTOR_EMBEDDED",
    "KONTOR_TRAVELLING_CLOCK",
    "KONTOR_LOOPBACK_WEBHOOKS",
    "BIND",
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a server, in which a test changes what it is about."""
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    for name, value in IN_THE_OPEN.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def test_a_server_starts_from_its_environment_alone(told: pytest.MonkeyPatch) -> None:
    found = settings()

    assert not found.embedded
    assert found.direct_url == IN_THE_OPEN["DATABASE_URL"]
    assert found.live_url == "/live"
    assert found.log_format == "json"
    assert found.files_url == str(found.home / "files")


@pytest.mark.parametrize("name", [*IN_THE_OPEN])
def test_what_a_server_must_know_cannot_be_left_out(told: pytest.MonkeyPatch, name: str) -> None:
    told.delenv(name)

    with pytest.raises(SettingsRefused, match=name):
        settings()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY must have at least 32 characters."),
        ("SECRET_KEY", f"{SECRET},{SECRET}", "SECRET_KEY must not contain a comma"),
        ("SECRET_KEY_FALLBACKS", f"{SECRET},short", "Each key in SECRET_KEY_FALLBACKS must have"),
        ("PUBLIC_URL", "crm.example", "PUBLIC_URL must begin with http:// or https:// and name a host."),
        ("PUBLIC_URL", "https://crm.example/kontor", "PUBLIC_URL must end with the host or its port"),
        ("DATABASE_URL", "postgresql://postgres@db.example/kontor", "DATABASE_URL must log in as kontor_platform;"),
        ("DATABASE_URL", "mysql://kontor_platform@db.example/kontor", "DATABASE_URL must begin with postgresql://."),
        ("CELL_URL", "postgresql://kontor_platform@db.example/kontor", "CELL_URL must log in as kontor_app_main;"),
        ("DIRECT_URL", "postgresql://kontor_app_main@db.example/kontor", "DIRECT_URL must log in as kontor_platform;"),
        ("FILES_URL", "ftp://files.example", "FILES_URL must be a folder or s3://bucket/prefix."),
        ("FILES_URL", "s3://", "FILES_URL must be a folder or s3://bucket/prefix."),
        ("SMTP_URL", "mail.example", "SMTP_URL must begin with smtp:// or smtps:// and name a host."),
        ("SMTP_URL", "smtp://mail.example?tls=yes", "SMTP_URL may end with"),
        ("SENTRY_DSN", "https://sentry.example", "SENTRY_DSN must be the address that your Sentry shows"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES"),
        ("KONTOR_TRAVELLING_CLOCK", "1", "KONTOR_TRAVELLING_CLOCK is for tests only"),
        ("KONTOR_LOOPBACK_WEBHOOKS", "1", "KONTOR_LOOPBACK_WEBHOOKS is for tests only"),
    ],
)
def test_a_setting_that_makes_no_sense_ends_the_start_with_one_sentence(
    told: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    told.setenv(name, value)

    with pytest.raises(SettingsRefused, match=sentence.replace("(", "\\(")) as refused:
        settings()

    assert "\n" not in str(refused.value)


def test_the_mode_for_trying_is_refused_where_others_could_come_by(told: pytest.MonkeyPatch) -> None:
    told.setenv("KONTOR_EMBEDDED", "1")

    with pytest.raises(SettingsRefused, match="servers start `kontor web`"):
        settings()


def test_the_mode_for_trying_stands_behind_no_proxy(told: pytest.MonkeyPatch) -> None:
    told.setenv("KONTOR_EMBEDDED", "1")
    told.setenv("PUBLIC_URL", "http://localhost:8000")
    told.setenv("TRUSTED_PROXIES", "1")

    with pytest.raises(SettingsRefused, match="TRUSTED_PROXIES is for servers"):
        settings()


def test_who_answers_strangers_must_not_know_who_may_create_roles(told: pytest.MonkeyPatch) -> None:
    without_provisioner("web")
    told.setenv("PROVISIONER_URL", "postgresql://postgres@db.example/kontor")
    settings.cache_clear()

    with pytest.raises(SettingsRefused, match="kontor web must not know PROVISIONER_URL"):
        without_provisioner("web")


def test_former_keys_are_believed_and_the_present_one_signs(told: pytest.MonkeyPatch) -> None:
    told.setenv("SECRET_KEY_FALLBACKS", f"{'b' * 40},{'a' * 40}")

    assert settings().signing_keys == ["a" * 40, "b" * 40, SECRET]


@pytest.mark.parametrize("bind", ["8000", "0.0.0.0", "host:port", "unix:relative"])
def test_a_place_to_listen_must_be_one(told: pytest.MonkeyPatch, bind: str) -> None:
    told.setenv("BIND", bind)

    with pytest.raises(SettingsRefused, match="BIND must be host:port or unix:/path"):
        server_settings(default_bind="127.0.0.1:8000")
