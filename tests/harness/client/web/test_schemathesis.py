"""The REST API keeps what its OpenAPI document says: what is allowed is accepted, what is forbidden refused, every
answer is described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from kit.client_engine import World
from kit.schemathesis_run import run
from refreshproof.harness.client import RestApi
from refreshproof.harness.client.web.documents import PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADMINISTRATOR = "an-administrator-s-credential"
DESCRIPTION = "/rest/oauth2-client/latest/openapi.json"
AUTHORIZED = {"openapi": {"administrator": {"bearer": ADMINISTRATOR}}}
STORED = World().configuration.id

GOOD = {
    f"GET {PATH}": 200,
    f"POST {PATH}": 201,
    f"GET {PATH}get-redirect-uri": 200,
    f"GET {PATH}{{id}}": 200,
    f"PUT {PATH}{{id}}": 204,
    f"DELETE {PATH}{{id}}": 204,
}
"""Every operation, and how it answers when all is well."""


def anew(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The API over a world of its own for each request: no name is taken, and the configuration STORED is there."""
    return RestApi(World().engine, ADMINISTRATOR)(environ, start_response)


def holds(**options: Any) -> None:
    found = run(anew, DESCRIPTION, auth=AUTHORIZED, parameters={"path.id": STORED}, **options)
    assert found.failures == []
    assert found.statuses.keys() == GOOD.keys()
    for operation, status in GOOD.items():
        assert status in found.statuses[operation]


def test_any_request_of_the_administrator_is_answered_as_the_document_says() -> None:
    holds(phases=["fuzzing"], examples=3)


@pytest.mark.slow
def test_every_border_of_every_schema_is_where_the_document_says() -> None:
    holds(phases=["coverage", "fuzzing"], examples=40)


def test_without_the_administrator_s_credential_every_operation_is_refused() -> None:
    found = run(anew, DESCRIPTION, phases=["fuzzing"], examples=3)
    assert found.failures == []
    assert found.statuses.keys() == GOOD.keys()
    assert set().union(*found.statuses.values()) <= {401, 403}


@pytest.mark.slow
def test_sequences_of_requests_find_what_was_stored_and_nothing_that_was_deleted() -> None:
    api = RestApi(World().engine, ADMINISTRATOR)
    # A name or a suffix may be taken by what was stored before.
    accepts = {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404"]}}
    found = run(api, DESCRIPTION, phases=["stateful"], examples=30, auth=AUTHORIZED, checks=accepts)
    assert found.failures == []
    assert {204, 404} <= found.statuses[f"DELETE {PATH}{{id}}"]
