"""Databases of our own in a folder."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from deploy.local import binaries, clusters, embedded, leftovers
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


def test_a_note_that_names_somebody_elses_process_does_not_stop_the_start(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path, durable=False) as url:
        _ask(url, "SELECT 1")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        note = f"{stranger.pid}\n{tmp_path / 'data'}\n1\n5432\n{tmp_path}\n\n1 1\nready\n"
        (tmp_path / "data" / "postmaster.pid").write_text(note)
        (tmp_path / ".s.PGSQL.5432.lock").write_text(note)

        with embedded.postgres(tmp_path, durable=False) as url:
            assert _ask(url, "SELECT 1") == "1"

        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="stops a process that Linux shows")
def test_a_database_that_hangs_since_the_last_run_is_ended(tmp_path: Path) -> None:
    with embedded.run_valkey(tmp_path / "kv", durable=True) as hung, ExitStack() as later:
        Redis.from_url(hung.url).set("kept", 1)
        (pid,) = leftovers.holders_of_valkey(tmp_path / "kv")
        os.kill(pid, signal.SIGSTOP)
        (tmp_path / "kv" / "lock").unlink()

        url = later.enter_context(embedded.valkey(tmp_path / "kv", durable=True))

        assert Redis.from_url(url).get("kept") == b"1"
        assert hung.ended_with == -signal.SIGKILL


def test_a_list_of_writes_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path, durable=True) as url:
        Redis.from_url(url).set("kept", 1)
    (last,) = (tmp_path / "appendonlydir").glob("*.incr.aof")
    with last.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nlo")

    with embedded.valkey(tmp_path, durable=True) as url:
        assert Redis.from_url(url).get("kept") == b"1"
        assert Redis.from_url(url).get("lo") is None


def test_what_was_committed_survives_an_end_at_once(tmp_path: Path) -> None:
    with embedded.run_postgres(tmp_path, durable=True) as server, closing(psycopg.connect(server.url)) as idle:
        _do(server.url, "CREATE TABLE kept AS SELECT 1 AS number")
        idle.execute("SELECT 1")

        server.wait_for_end(until=0)

        assert server.ended_with is not None

    with embedded.postgres(tmp_path, durable=True) as url:
        assert _ask(url, "SELECT number FROM kept") == "1"


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


def _do(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def _ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return str(row[0]) if row else ""
