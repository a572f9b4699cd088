"""The operations of the control API that a vendor's console has: applications, accounts, and what a policy refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.console import Console
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.serving.control import schemas
from refreshproof.mock_servers.serving.control.call import AT, Call, Operation, Problem, account_of, provider_now
from refreshproof.mock_servers.serving.control.values import account_row, application_row

STATE_TO_REPLACE = "a-value-bound-to-the-user"
"""What the console's authorization URL has for state: whoever distributes the address puts their own there."""


def _list_applications(call: Call) -> Any:
    return [application_row(application) for application in _console(call).apps(call.query["search"])]


def _register(call: Call) -> Any:
    members = {"client_secret": None, "redirect_uris": (), **call.body, "updated_at": call.clock.now()}
    _check_certificate(members.get("certificate"))
    application = Application(**_typed(members))
    call.provider.provider.register(application)
    return application_row(application)


def _check_certificate(certificate: str | None) -> None:
    """Raise ValueError for what is no certificate of an RSA key."""
    if certificate is None:
        return
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # here: few servers are given one
    from cryptography.x509 import load_pem_x509_certificate

    try:
        key = load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("certificate: expected an X.509 certificate of an RSA key, in PEM")


def _create(call: Call) -> Any:
    application = _console(call).create(**call.body, now=call.clock.now())
    return {"client_id": application.client_id, "client_secret": application.client_secret}


def _read(call: Call) -> Any:
    return application_row(_application(call))


def _update(call: Call) -> Any:
    changed = replace(_application(call), **_typed(call.body))
    return application_row(_console(call).save(changed, call.clock.now()))


def _delete(call: Call) -> Any:
    _console(call).delete(_application(call).client_id, call.clock.now())
    return {"ok": True}


def _rotate_secret(call: Call) -> Any:
    client_id = _application(call).client_id
    return {"client_id": client_id, "client_secret": _console(call).rotate_secret(client_id, call.clock.now())}


def _authorization_url(call: Call) -> Any:
    url = _console(call).authorization_url(_application(call).client_id, STATE_TO_REPLACE)
    return {"url": call.provider.addresses.local_url(url)}


def _list_accounts(call: Call) -> Any:
    return [account_row(account) for account in call.provider.provider.state.accounts.values()]


def _register_account(call: Call) -> Any:
    provider, members = call.provider.provider, dict(call.body)
    sites, known = members.get("sites"), [site.id for site in provider.profile.sites]
    unknown = sorted(set(sites or ()) - set(known))
    if unknown:
        raise ValueError(f"sites: unknown {unknown[0]!r}; there are {', '.join(known) or 'none'}")
    members["sites"] = None if sites is None else tuple(sites)
    account = Account(**members | {"permissions": frozenset(members.get("permissions", ()))})
    with provider.lock:
        provider.state.accounts[account.name] = account
    return account_row(account)


def _policy(call: Call) -> Any:
    refusal = call.body["refusal"]
    call.provider.provider.enforce(account_of(call), refusal and Cause(refusal))
    return {"ok": True}


def _console(call: Call) -> Console:
    return Console(provider_now(call))


def _application(call: Call) -> Application:
    try:
        return _console(call).app(call.path["client_id"])
    except ValueError as error:
        raise Problem(404, str(error)) from None


def _typed(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an application with the types that a record has."""
    types = {"redirect_uris": tuple, "scopes": frozenset, "refusal": Cause}
    return {
        name: types[name](value) if name in types and value is not None else value for name, value in members.items()
    }


_APPLICATION = f"{AT}/applications/{{client_id}}"

CONSOLE_OPERATIONS: tuple[Operation, ...] = (
    Operation(name="list_applications", method="GET", path=f"{AT}/applications",
              summary="List the applications, or those whose name holds a text",
              act=_list_applications, query=schemas.SEARCH, answer=schemas.listed(schemas.REGISTERED)),
    Operation(name="register_application", method="POST", path=f"{AT}/applications", status=201,
              summary="Register an application, or replace the one of that client_id",
              act=_register, body=schemas.APPLICATION, answer=schemas.REGISTERED),
    Operation(name="create_application", method="POST", path=f"{AT}/console/applications", status=201,
              summary="Create an application as an owner does: private, with a client_id and secret of its own, "
              "which no other operation tells",
              act=_create, body=schemas.NEW_APPLICATION, answer=schemas.CREDENTIALS),
    Operation(name="read_application", method="GET", path=_APPLICATION, summary="Read an application",
              act=_read, answer=schemas.REGISTERED),
    Operation(name="update_application", method="PATCH", path=_APPLICATION,
              summary=(
                  "Change an application: status, sharing, redirect URIs, scopes; other scopes void earlier consent"
              ),
              act=_update, body=schemas.APPLICATION_CHANGE, answer=schemas.REGISTERED),
    Operation(name="delete_application", method="DELETE", path=_APPLICATION,
              summary="Delete an application, where the vendor asks for that only if no grant to it stands",
              act=_delete, answer=schemas.DONE),
    Operation(name="rotate_secret", method="POST", path=f"{_APPLICATION}/secret",
              summary="Replace the secret and tell the new one this once; the old one fails at once",
              act=_rotate_secret, answer=schemas.CREDENTIALS),
    Operation(name="read_authorization_url", method="GET", path=f"{_APPLICATION}/authorization-url",
              summary="Return the authorization URL to distribute; its state is to be replaced",
              act=_authorization_url, answer=schemas.ADDRESS),
    Operation(name="list_accounts", method="GET", path=f"{AT}/accounts", summary="List the users",
              act=_list_accounts, answer=schemas.listed(schemas.ACCOUNT)),
    Operation(name="register_account", method="POST", path=f"{AT}/accounts", status=201,
              summary="Add a user, or replace the one of that name",
              act=_register_account, body=schemas.NEW_ACCOUNT, answer=schemas.ACCOUNT),
    Operation(name="policy", method="POST", path=f"{AT}/user/policy",
              summary="Let a policy refuse a user's refreshes, or lift it with null",
              act=_policy, body=schemas.POLICY, answer=schemas.DONE),
)  # fmt: skip
"""The console's operations, a part of `control_operations.OPERATIONS`."""
