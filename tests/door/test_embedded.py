"""Databases of our own in a folder."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from deploy.local import binaries, clusters, embedded
from deploy.local.failures import EmbeddedFailed
from tests.door.started import on_a_file_system


def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "data.new" / "base").mkdir(parents=True)

    with embedded.postgres(tmp_path, durable=False) as url:
        assert _ask(url, "SELECT current_database()") == "kontor"

    assert not (tmp_path / "data.new").exists()


def test_a_deep_folder_gets_a_short_place_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("a folder with spaces" * 6)

    with embedded.postgres(deep, durable=False) as url:
        assert _ask(url, "SELECT 1") == "1"
    with embedded.valkey(deep, durable=False) as url:
        assert Redis.from_url(url).ping()

    assert url == embedded.redis_url(deep)
    assert "spaces" not in url


def test_a_folder_serves_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        embedded.valkey(tmp_path, durable=False),
        pytest.raises(EmbeddedFailed, match="is in use by another run"),
        embedded.valkey(tmp_path, durable=False),
    ):
        pass


def test_sorting_is_the_same_on_every_machine(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path, durable=False) as url:
        names = "SELECT string_agg(name, '' ORDER BY name) FROM unnest(ARRAY['ä', 'b', 'B', 'a']) AS name"

        assert _ask(url, names) == "Babä"
        assert _ask(url, "SELECT upper('ä')") == "Ä"


def test_an_older_postgresql_of_the_system_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("there is no other PostgreSQL on this machine")
    monkeypatch.setattr(binaries, "postgres_folders", lambda: iter(folders))

    with embedded.postgres(tmp_path, durable=False) as url:
        assert int(_ask(url, "SHOW server_version_num")) >= binaries.OLDEST_POSTGRES * 10_000
        assert _ask(url, "SELECT upper('ä')") == "Ä"


def test_data_of_a_version_that_is_not_here_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedFailed, match="is of PostgreSQL 9, which is not installed here"):
        clusters.ready_cluster(tmp_path / "data", durable=False)

    assert [path.name for path in (tmp_path / "data").iterdir()] == ["PG_VERSION"]


def test_a_disk_that_fills_up_while_the_cluster_is_made_leaves_none(tmp_path: Path) -> None:
    script = """
import pathlib, sys
from deploy.local import embedded
folder = pathlib.Path(sys.argv[1])
try:
    with embedded.postgres(folder, durable=False):
        pass
except embedded.EmbeddedFailed as reason:
    print(reason, sorted(path.name for path in folder.iterdir()))
"""
    command = [*on_a_file_system("size=20m", tmp_path), sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stdout == f"No space is left for the folder {tmp_path}. ['lock']\n"


def _ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return str(row[0]) if row else ""
