"""The console's operations in the control API, with its Python client: applications, secrets, users, policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.serving import CALLBACK, TOKEN, options
from kit.sockets import Client
from kit.sockets import client as client
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.serving import Server
from refreshproof.mock_servers.serving.control.client import ControlClient, ControlError
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.control.routes import find
from refreshproof.mock_servers.serving.control_port import Control
from refreshproof.mock_servers.wire import WireRequest

pytestmark = pytest.mark.sockets


@pytest.fixture
def atlassian() -> Iterator[Any]:
    with Server(options("atlassian")) as server, ControlClient(server.control, TOKEN) as control:
        yield control.provider("atlassian")


class Recording(ControlClient):
    """Notes the name of every operation that it calls."""

    def __init__(self, origin: str, token: str) -> None:
        super().__init__(origin, token)
        self.called: set[str] = set()

    def call(self, method: str, path: str, body: Any = None, **query: int | str) -> Any:
        self.called.add(find(method, path)[0].name)
        return super().call(method, path, body, **query)


def test_the_client_has_a_method_for_every_operation(client: Client) -> None:
    with Recording(client.server.control, TOKEN) as control:
        generic = control.provider("generic")
        control.set_date("2040-01-01T00:00:00Z")
        assert control.advance(60) == control.now()
        assert [kind["fault"] for kind in control.fault_kinds()][:2] == ["accept_late", "busy"]
        assert [row["name"] for row in control.providers()] == ["generic"]
        assert generic.describe()["origin"] == client.origin
        with pytest.raises(ControlError):
            control.make("generic", "generic")
        with pytest.raises(ControlError):
            generic.end()
        assert generic.set_date("2041-01-01T00:00:00Z") < generic.advance(1) == generic.now() == control.now()
        generic.fault("drop", parameters={"how": "hang"})
        assert generic.faults()
        generic.clear_faults()
        generic.break_handshakes(1)
        generic.decide(account="bob")
        assert [one["account"] for one in generic.decisions()] == ["bob"]
        generic.clear_decisions()
        assert generic.decisions() == []
        generic.change_password("alice")
        generic.restore_password("alice")
        generic.withdraw("alice")
        generic.sign_out()
        generic.policy("alice", "admin_policy")
        generic.register_account("carol")
        assert [row["name"] for row in generic.accounts()] == ["alice", "bob", "carol"]
        generic.register("mine", redirect_uris=[CALLBACK])
        created = generic.create_application("Mine", "alice")
        assert generic.rotate_secret(created["client_id"]) != created["client_secret"]
        assert generic.update_application("mine", name="Ours") == generic.application("mine")
        assert generic.authorization_url("mine").startswith(f"{client.origin}/authorize?client_id=mine&")
        generic.delete_application("mine")
        assert [row["name"] for row in generic.applications()] == ["", "Mine"]
        assert (generic.ledger(), generic.journal()) == ([], [])
        generic.restore(generic.keep())
        generic.reset()
        control.reset()
        verdict = control.judge()
        assert (verdict["exit_code"], "serve --judge" in verdict["verdict"]) == (5, True)
        assert generic.snapshot()["families"] == []
    assert control.called == {one.name for one in OPERATIONS}


def test_an_application_goes_from_private_to_shared_as_its_owner_wants(atlassian: Any) -> None:
    """D-33, D-36, D-37: private and not reviewed at first, renamed and shared without another client_id."""
    created = atlassian.create_application("Incidents", "alice")
    before = atlassian.application(created["client_id"])
    assert (before["shared"], before["approved"], before["scopes"], before["redirect_uris"]) == (False, False, [], [])
    assert before["app_id"] != before["client_id"]
    after = atlassian.update_application(created["client_id"], name="Other", shared=True, scopes=["read:me"])
    changed = {"name": "Other", "shared": True, "scopes": ["read:me"], "updated_at": after["updated_at"]}
    assert after == {**before, **changed}


def test_the_authorization_url_is_the_local_one_with_all_that_the_vendor_asks_for(atlassian: Any) -> None:
    """D-66: and a state that whoever distributes it replaces."""
    url = urlsplit(atlassian.authorization_url(CLIENT_ID))
    assert f"{url.scheme}://{url.netloc}" == atlassian.describe()["origin"]
    assert parse_qs(url.query)["audience"] == ["api.atlassian.com"]
    assert parse_qs(url.query)["state"] == ["a-value-bound-to-the-user"]


def test_the_old_secret_fails_as_soon_as_there_is_a_new_one(client: Client) -> None:
    """D-33."""
    token = client.log_in()["refresh_token"]
    client.vendor.rotate_secret(CLIENT_ID)
    assert client.refresh(token).status_code == 401


def test_a_policy_refuses_a_user_with_its_cause_in_the_ledger_until_it_is_lifted(client: Client) -> None:
    token = client.log_in()["refresh_token"]
    client.vendor.policy("alice", "multi_factor_required")
    assert client.refresh(token).status_code == 400
    assert client.last()["cause"] == "multi_factor_required"
    client.vendor.policy("alice", None)
    assert client.refresh(token).status_code == 200


def test_a_user_has_the_sites_they_were_given_and_is_decided_for_those_only(atlassian: Any) -> None:
    first, *_ = (site["id"] for site in atlassian.describe()["sites"])
    assert atlassian.register_account("carol", sites=[first])["sites"] == [first]
    atlassian.decide(account="carol", site=first)
    with pytest.raises(ControlError, match=rf"^422: site is 'elsewhere'; carol has {first}$"):
        atlassian.decide(account="carol", site="elsewhere")
    with pytest.raises(ControlError, match=r"^422: sites: unknown 'elsewhere'; there are"):
        atlassian.register_account("dave", sites=["elsewhere"])


@pytest.mark.parametrize("client_id", ["none", "a/b", "ü?#"])
def test_an_application_that_there_is_not_is_named(client: Client, client_id: str) -> None:
    with pytest.raises(ControlError) as caught:
        client.vendor.application(client_id)
    assert caught.value.status == 404
    client.vendor.register(client_id)
    assert client.vendor.application(client_id)["client_id"] == client_id


def test_a_change_of_nothing_or_of_what_is_fixed_is_refused(client: Client) -> None:
    for changes in ({}, {"client_secret": "mine"}, {"kind": "spa"}, {"refusal": "unknown_client"}):
        with pytest.raises(ControlError, match="422"):
            client.vendor.update_application(CLIENT_ID, **changes)


def test_a_bug_of_ours_is_answered_with_its_type_and_ends_no_server() -> None:
    headers = (("Authorization", f"Bearer {TOKEN}"),)
    request = WireRequest(method="GET", url="http://127.0.0.1/v1/clock", headers=headers)
    response = Control({}, cast(Any, None), TOKEN).answer(request)
    assert (response.status, response.document) == (500, {"error": "refreshproof: internal error (AttributeError)"})
