"""Bytes in a folder and in a bucket: the same promises, the second on a real server that speaks S3."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from config import lazily
from deploy.local import tied
from tenants import clock
from tenants.errors import NotFound
from tenants.filestores import Bucket, FilesSilent, Folder, Store
from tests.ports import free_port, free_ports

KEY, OTHER = "0190-firm/0190-file", "0190-firm/0190-other"
_SECONDS = 90
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
_PORTS += ("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc")
_TIMES = 3
_ACCESS = {"AWS_ACCESS_KEY_ID": "kontor", "AWS_SECRET_ACCESS_KEY": "only tests know it", "AWS_REGION": "eu-central-1"}


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[dict[str, str]]:
    """What a process must know to use it."""
    program = shutil.which("weed", path=str(Path(os.sys.executable).parent))  # type: ignore[attr-defined]
    assert program is not None
    for left in reversed(range(_TIMES)):
        with _bucket_server(program) as (process, given, log):
            if _make_bucket(given, process):
                yield given
                return
            # Somebody may have taken one of its ports in the meantime.
            assert left, log.read_text(errors="replace")[-2000:]


@contextmanager
def _bucket_server(program: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str], Path]]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        (Path(folder) / "access.json").write_text(json.dumps(_identities()))
        command = [program, "server", "-ip=127.0.0.1", f"-dir={folder}", "-filer", "-s3"]
        command += [f"-s3.config={folder}/access.json", "-volume.max=4", "-master.volumeSizeLimitMB=64"]
        # What listens on a port that cannot be chosen twice stays away: two processes of tests may be here at once.
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += [f"-{name}={port}" for name, port in ports.items()]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([*tied.to_us(15), *command], stdout=log, stderr=log, cwd=folder)  # type: ignore[arg-type]
        try:
            address = f"http://127.0.0.1:{ports['s3.port']}"
            yield process, {**_ACCESS, "AWS_ENDPOINT_URL": address}, Path(folder) / "log"
        finally:
            process.kill()
            process.wait()


def _identities() -> dict[str, object]:
    credentials = {"accessKey": _ACCESS["AWS_ACCESS_KEY_ID"], "secretKey": _ACCESS["AWS_SECRET_ACCESS_KEY"]}
    may = ["Admin", "Read", "List", "Write"]
    return {"identities": [{"name": "kontor", "credentials": [credentials], "actions": may}]}


def _make_bucket(given: dict[str, str], process: subprocess.Popen[bytes]) -> bool:
    """The server makes it with the first thing that is put into it, once it is up; False if it has ended instead."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            store = lazily.module("obstore.store").S3Store(
                "kontor", config=_config(given), client_options={"allow_http": True}, retry_config={"max_retries": 0}
            )
            lazily.module("obstore").put(store, "ready", b"yes")
            return True
        except lazily.module("obstore.exceptions").BaseError:
            if process.poll() is not None:
                return False
            assert time.monotonic() < deadline
            time.sleep(0.3)


def _config(given: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return Folder(tmp_path / "files")
    for name, value in request.getfixturevalue("bucket_server").items():
        monkeypatch.setenv(name, value)
    return Bucket(f"s3://kontor/{tmp_path.name}", nearby=tmp_path / "nearby")


def keep(store: Store, key: str, content: bytes) -> None:
    store.place(key).write_bytes(content)
    store.keep(key)


def test_what_was_kept_is_found_and_listed_and_can_be_removed(store: Store) -> None:
    keep(store, KEY, b"content")
    keep(store, OTHER, b"more")

    found = store.path(KEY).read_bytes()
    listed = {(one.name, one.size) for one in store.listed("0190-firm")}
    store.remove(KEY)
    store.remove(KEY)

    assert found == b"content"
    assert listed == {("0190-file", 7), ("0190-other", 4)}
    assert {one.name for one in store.listed("0190-firm")} == {"0190-other"}
    with pytest.raises(NotFound):
        store.path(KEY)


def test_a_firm_without_files_has_none(store: Store) -> None:
    assert list(store.listed("0190-nobody")) == []


def test_a_process_on_another_machine_fetches_what_it_does_not_have(
    bucket_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket_server.items():
        monkeypatch.setenv(name, value)
    content = os.urandom(3_000_000)
    keep(Bucket(f"s3://kontor/{tmp_path.name}", nearby=tmp_path / "here"), KEY, content)

    there = Bucket(f"s3://kontor/{tmp_path.name}", nearby=tmp_path / "there")

    assert there.path(KEY).read_bytes() == content
    assert [path.name for path in (tmp_path / "there" / "0190-firm").iterdir()] == ["0190-file"]


def test_what_was_fetched_long_ago_leaves_this_machine_and_can_be_fetched_again(
    bucket_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket_server.items():
        monkeypatch.setenv(name, value)
    bucket = Bucket(f"s3://kontor/{tmp_path.name}", nearby=tmp_path / "here")
    keep(bucket, KEY, b"content")

    bucket.forget_fetched(before=clock.now() + timedelta(minutes=1))

    assert list((tmp_path / "here" / "0190-firm").iterdir()) == []
    assert bucket.path(KEY).read_bytes() == b"content"


def test_a_store_that_is_away_is_said_so_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (_ACCESS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(FilesSilent):
        Bucket("s3://kontor", nearby=tmp_path).path(KEY)


def test_a_wrong_secret_opens_nothing(
    bucket_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (bucket_server | {"AWS_SECRET_ACCESS_KEY": "a guess"}).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(FilesSilent):
        keep(Bucket("s3://kontor", nearby=tmp_path), KEY, b"content")


def test_a_place_that_works_is_tried_out_and_nothing_is_left_there(store: Store) -> None:
    store.try_out()

    assert list(store.listed("trial")) == []
