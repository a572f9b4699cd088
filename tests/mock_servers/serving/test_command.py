"""Starting a server and steering it: what it prints and refuses, its control client, and the example for curl."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.ports import PATIENCE
from kit.serving import TOKEN, options
from kit.sockets import Client, address
from kit.sockets import client as client
from refreshproof.harness.cli.command import main
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient, ControlError
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import SECOND

pytestmark = pytest.mark.sockets

README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[3])) / "README.md"
MARK = "<!-- executed by tests/mock_servers/serving/test_command.py -->\n```sh\n"
CURL_EXAMPLE = README.read_text().partition(MARK)[2].partition("```")[0]


def test_the_client_of_the_control_api_has_every_operation(client: Client) -> None:
    vendor = client.vendor
    client.control.set_date("2040-01-01T00:00:00Z")
    assert vendor.register("mine", any_loopback=True)["client_id"] == "mine"
    kept = vendor.keep()
    vendor.register("later")
    vendor.restore(kept)
    assert {row["client_id"] for row in vendor.applications()} == {"refreshproof-client", "mine"}
    vendor.fault("drop", parameters={"how": "hang"})
    vendor.clear_faults()
    vendor.decide(answer="deny")
    vendor.change_password("alice")
    vendor.restore_password("alice")
    vendor.withdraw("alice")
    vendor.sign_out()
    vendor.reset()
    client.control.reset()
    assert vendor.snapshot()["ledger_entries"] == 0
    assert [row["name"] for row in client.control.providers()] == ["generic"]
    with pytest.raises(ControlError, match='422: fault: found "no-such"'):
        vendor.fault("no-such")


def test_the_control_api_is_not_at_the_vendors_port(client: Client) -> None:
    answer = httpx.get(
        f"{client.origin}/v1/clock", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=PATIENCE
    )
    assert answer.status_code == 404


def test_the_example_for_curl_works(client: Client) -> None:
    client.log_in()
    if shutil.which("curl") is None:
        client.control.advance(3600)
        client.vendor.fault("drop", parameters={"how": "before_headers"})
        client.vendor.withdraw("alice")
    else:
        environment = {"TOKEN": TOKEN, "CONTROL": client.server.control, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["bash", "-euc", CURL_EXAMPLE], env=environment, capture_output=True, text=True, check=True
        )
        assert '"view":"authorization"' in done.stdout
        assert '"error"' not in done.stdout
    assert client.control.now() == VIRTUAL_START + 3600 * SECOND
    assert [row["fault"] for row in client.vendor.faults()] == ["drop"]
    assert client.vendor.snapshot()["grants"][0]["revoked"] is True


def test_a_port_that_is_taken_is_named(client: Client) -> None:
    port = address(client.origin)[1]
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1 port {port}"):
        Server(options("generic", port=port))


def test_only_a_server_that_was_asked_to_binds_beyond_loopback_and_it_warns() -> None:
    with Server(options("generic", host="0.0.0.0")) as server:  # noqa: S104 - this is the test
        assert "WARNING" in server.announcement()
        assert server.origin("generic").startswith("http://127.0.0.1:")
        assert server.control.startswith("http://127.0.0.1:")
        # Every address of 127/8 is this machine's own, so one of them stands for another network card's.
        socket.create_connection(("127.0.0.2", address(server.origin("generic"))[1])).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", address(server.control)[1]))
    with Server(options("generic")) as server:
        assert "WARNING" not in server.announcement()


def test_the_control_api_can_be_reached_from_elsewhere_by_its_token_where_that_was_asked_for() -> None:
    with Server(options("generic", control_host="127.0.0.2", names=("idp.test",))) as server:
        assert server.control.startswith("http://127.0.0.2:")
        with ControlClient(server.control, server.token) as control:
            assert [row["name"] for row in control.providers()] == ["generic"]
        assert "WARNING" not in server.announcement()
    with Server(options("generic", control_host="0.0.0.0", names=("idp.test",))) as server:  # noqa: S104 - this is the test
        port = server.control.rpartition(":")[2]
        assert server.control == f"http://idp.test:{port}"
        assert "WARNING  the control API at 0.0.0.0" in server.announcement()
        authorization = {"Authorization": f"Bearer {server.token}"}
        asked = [
            httpx.get(
                f"http://127.0.0.1:{port}/v1/clock", headers={"Host": host, **given}, trust_env=False, timeout=PATIENCE
            ).status_code
            for host, given in (("idp.test", authorization), ("idp.test", {}), ("evil.test", authorization))
        ]
        assert asked == [200, 401, 403]


@pytest.mark.parametrize(
    "changes",
    [{"port": 70_000}, {"port": -1}, {"token": "short"}, {"vendors": ()}],
    ids=lambda changes: next(iter(changes)),
)
def test_options_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    settings = {"vendors": options("generic").vendors, **changes}
    with pytest.raises(ValueError, match=r"port|token|provider"):
        type(options("generic"))(**settings)
    with pytest.raises(ValueError, match=r"unknown provider 'gogle'; did you mean google\? known are google"):
        options("gogle")


SERVE = """
from refreshproof.mock_servers.serving import ServeOptions, serve, vendors_named
from refreshproof.mock_servers.vendors import VENDORS
serve(ServeOptions(vendors=vendors_named(("google", "atlassian"), VENDORS), https=True, token={token!r}))
"""


def _announced(process: subprocess.Popen[str]) -> str:
    """What a server prints before it answers, up to the line with the example for curl."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("curl"):
            break
    return text


def test_the_command_says_what_to_set_and_ends_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE.format(token=TOKEN)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        text = _announced(process)
        line = next(line for line in text.splitlines() if line.startswith("export "))
        control, token = (word.partition("=")[2] for word in shlex.split(line)[1:])
        assert token == TOKEN
        with ControlClient(control, TOKEN) as client:
            origins = {row["name"]: row["origin"] for row in client.providers()}
            for name, origin in origins.items():
                assert f"{name}  " in text
                assert f"{origin}/" in text
        for wanted in (
            "client secret",
            "redirect URIs",
            "any on loopback",
            "REQUESTS_CA_BUNDLE",
            "audience=api.atlassian.com",
        ):
            assert wanted in text
        ca_file = Path(text.split("trust the CA in ")[1].split(":")[0])
        assert ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert not ca_file.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["google", "--name", "http://idp.test"], "name is 'http://idp.test'; expected a host's name or IPv4 address"),
        (["google"] * 1000, "each provider once, at least one; found google repeated"),
        ([f"p{number}" for number in range(1000)], "unknown provider 'p0'; known are google"),
        (["generic", "--https", "--ca-file", "no-such-folder/ca.pem"], "no-such-folder/ca.pem: No such file"),
        (["generic", "--port", "65535"], "2 ports from there must lie within 1 and 65535"),
        (["generic", "--ledger-keep", "5"], "5 is not in the range x>=100"),
        (["generic", "--connections", "0"], "0 is not in the range x>=1"),
        (["generic", "--request-timeout", "nan"], "request_seconds is nan; expected at least"),
    ],
    ids=range(8),
)
def test_a_command_line_that_cannot_be_served_is_told_and_ends_in_4(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    assert ended.value.code == 4
    assert told in " ".join(capsys.readouterr().err.split())


def test_what_is_forgotten_is_told_at_the_start() -> None:
    with Server(options("generic", ledger_keep=5000)) as server:
        assert "the newest 5000 of those that are over" in " ".join(server.announcement().split())
    with Server(options("generic")) as server:
        assert "memory" not in server.announcement()


TAKE_LONG = {"cryptography", "httpx", "hypothesis", "jinja2", "joserfc", "pydantic", "rich", "sqlalchemy", "werkzeug"}


def test_every_vendor_is_served_before_anything_is_imported_that_takes_long() -> None:
    program = "from refreshproof.harness.cli.command import main; main()"
    command = [sys.executable, "-X", "importtime", "-c", program, "serve", "generic", *(VENDORS.keys() - {"generic"})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        origin = _announced(process).partition("\n")[0].split()[-1]
        assert httpx.get(f"{origin}/nothing", trust_env=False, timeout=PATIENCE).status_code == 404
        process.send_signal(signal.SIGTERM)
        imported = {line.rpartition("|")[2].strip() for line in process.communicate()[1].splitlines()}
    assert "refreshproof.mock_servers.serving.sockets.loop" in imported
    assert not TAKE_LONG & imported
