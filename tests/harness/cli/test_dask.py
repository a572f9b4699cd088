"""What stands in the way of a run on a cluster is told before anything is played: what was found, what is allowed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from distributed.security import Security

from kit.dask_cluster import cluster
from refreshproof.harness.cli.command import main
from refreshproof.harness.work import dask_cluster
from refreshproof.reports.verdict import ExitCode

QUICK = ("run", "tiny", "-p", "generic", "-r", "rotation-replace", "--examples", "0")


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What is said of a mistake, in one line."""
    with pytest.raises(SystemExit) as end:
        main([*QUICK, *map(str, arguments)])
    printed = capsys.readouterr()
    assert end.value.code == ExitCode.USAGE
    assert "Traceback" not in printed.err
    assert printed.out == ""
    return " ".join(printed.err.replace("\n", " ").split())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "tcp://a b:1", "tcp://:1"],
)
def test_what_is_no_address_of_a_scheduler(address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert (
        f"Invalid value for --dask: {address}: this is no address of a scheduler; expected tcp://HOST:PORT or "
        "tls://HOST:PORT, as tcp://127.0.0.1:8786"
    ) in told(capsys, "--dask", address, "--out", tmp_path)


def test_a_password_in_an_address_is_not_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = told(capsys, "--dask", "tcp://somebody:password@127.0.0.1:8786", "--out", tmp_path)
    assert "tcp://127.0.0.1:8786: this is no address of a scheduler" in said
    assert "password" not in said


def test_jobs_and_a_cluster_are_two_places(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = told(capsys, "--dask", "tcp://127.0.0.1:8786", "--jobs", "2", "--out", tmp_path)
    assert "--jobs counts processes of this machine, and --dask names others; choose one of them" in said


@pytest.mark.sockets
def test_no_scheduler_at_the_address(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        said = told(capsys, "--dask", address, "--out", tmp_path)
    assert f"{address}: no scheduler answers there within 5 s; start one with `dask scheduler`" in said


def _speaks_first(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _says_nothing(listener: socket.socket) -> None:
    """Leave whoever calls in the queue."""


@pytest.mark.sockets
@pytest.mark.parametrize("speaks", [_speaks_first, _says_nothing])
def test_what_listens_there_is_not_of_dask(
    speaks: Callable[[socket.socket], object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(dask_cluster, "PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        peer = threading.Thread(target=speaks, args=(other,))
        peer.start()
        said = told(capsys, "--dask", address, "--out", tmp_path)
        peer.join()
    assert f"{address}: no scheduler answers there within 1 s; start one with `dask scheduler`" in said


@pytest.mark.parametrize(
    ("file", "found"),
    [(None, "Dask knows of no certificate for TLS"), ("none.pem", "Dask cannot read its certificates for TLS")],
)
def test_tls_without_certificates(
    file: str | None,
    found: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    path = file and str(tmp_path / file)
    known = Security(tls_ca_file=path, tls_client_cert=path, tls_client_key=path)
    monkeypatch.setattr(dask_cluster, "Security", lambda: known)
    said = told(capsys, "--dask", "tls://127.0.0.1:8786", "--out", tmp_path)
    assert f"tls://127.0.0.1:8786: {found}" in said
    assert "name them as ca-file, client.cert and client.key of distributed.comm.tls in Dask's configuration" in said


@pytest.mark.slow
@pytest.mark.sockets
def test_a_scheduler_without_workers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with cluster(tmp_path, 0) as none:
        said = told(capsys, "--dask", none.address, "--out", tmp_path)
    assert f"{none.address}: no worker is there; start some with `dask worker {none.address}`" in said
