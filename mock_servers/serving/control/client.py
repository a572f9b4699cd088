"""A small typed client of the control API, for tests in Python; any other language has the OpenAPI document.

`Control("http://127.0.0.1:8003", token)` is a context manager; a call that is refused raises `ControlError` with what
the server said.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

TWICE = ("GET", "PUT")
"""Methods of requests that may be sent again."""


class ControlError(Exception):
    """A call that the server refused; `status` is HTTP's, the text is the server's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


class ControlClient:
    """The control API of one server."""

    def __init__(self, origin: str, token: str) -> None:
        # Where hundreds share a server, an answer may take its time.
        self._http = httpx.Client(
            base_url=origin, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def call(self, method: str, path: str, body: Any = None, **query: int | str) -> Any:
        """Call an operation; returns its JSON value, raises `ControlError`."""
        response = self._answer(method, path, json=body, params=query or None)
        document = response.json()
        if response.is_error:
            raise ControlError(response.status_code, str(document.get("error", "")))
        return document

    def _answer(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """Send a request. A connection that has rested may be closed at the moment in which it is taken again: what may
        be asked twice is (RFC 9110 s9.2.2)."""
        try:
            return self._http.request(method, path, **asked)
        except httpx.RemoteProtocolError:
            if method not in TWICE:
                raise
            return self._http.request(method, path, **asked)

    def now(self) -> int:
        """Return the server's time in microseconds since the epoch."""
        return int(self.call("GET", "/v1/clock")["now"])

    def advance(self, seconds: float) -> int:
        """Let seconds pass; returns the new time."""
        return int(self.call("POST", "/v1/clock/advance", {"seconds": seconds})["now"])

    def judge(self) -> dict[str, Any]:
        """Judge what clients have done, at a server that was started to judge; returns the verdict."""
        verdict: dict[str, Any] = self.call("POST", "/v1/judgement")
        return verdict

    def set_date(self, date: str) -> int:
        """Set the clock to an ISO 8601 date with a zone; returns the new time."""
        return int(self.call("PUT", "/v1/clock", {"date": date})["now"])

    def providers(self) -> list[dict[str, Any]]:
        """Return the providers and their endpoints."""
        return list(self.call("GET", "/v1/providers"))

    def make(self, name: str, vendor: str) -> ControlledProvider:
        """Make another provider of a served vendor, at a port and with a time of its own."""
        self.call("POST", "/v1/providers", {"name": name, "vendor": vendor})
        return self.provider(name)

    def fault_kinds(self) -> list[dict[str, Any]]:
        """Return the faults that can be queued, with the schemas of their parameters."""
        return list(self.call("GET", "/v1/faults"))

    def provider(self, name: str) -> ControlledProvider:
        """Return the operations on one provider."""
        return ControlledProvider(self, name)

    def reset(self) -> None:
        """Begin every provider of the start anew, and the server's clock."""
        self.call("POST", "/v1/reset")


class ControlledProvider:
    """One provider behind the control API."""

    def __init__(self, client: ControlClient, name: str) -> None:
        self._client = client
        self._path = f"/v1/providers/{name}"

    def describe(self) -> dict[str, Any]:
        """Return the provider: its addresses, scopes and sites."""
        return dict(self._client.call("GET", self._path))

    def end(self) -> None:
        """End the provider, if it was made."""
        self._client.call("DELETE", self._path)

    def now(self) -> int:
        """Return the provider's time in microseconds since the epoch."""
        return int(self._client.call("GET", f"{self._path}/clock")["now"])

    def advance(self, seconds: float) -> int:
        """Let seconds pass at the provider, and only there if it was made; returns the new time."""
        return int(self._client.call("POST", f"{self._path}/clock/advance", {"seconds": seconds})["now"])

    def set_date(self, date: str) -> int:
        """Set the provider's clock to an ISO 8601 date with a zone; returns the new time."""
        return int(self._client.call("PUT", f"{self._path}/clock", {"date": date})["now"])

    def fault(self, fault: str, *, parameters: dict[str, Any] | None = None, **selection: Any) -> dict[str, Any]:
        """Queue a fault; `selection` is view, grant_type, client_id, skip, times, every, probability, seed."""
        body = {"fault": fault, "parameters": parameters or {}, **selection}
        return dict(self._client.call("POST", f"{self._path}/faults", body))

    def faults(self) -> list[dict[str, Any]]:
        """Return the queued faults."""
        return list(self._client.call("GET", f"{self._path}/faults"))

    def clear_faults(self) -> None:
        """Forget the queued faults."""
        self._client.call("DELETE", f"{self._path}/faults")

    def break_handshakes(self, number: int) -> None:
        """Let the next TLS handshakes fail."""
        self._client.call("PUT", f"{self._path}/handshakes", {"fail": number})

    def decide(self, **decision: Any) -> None:
        """Queue the user's next answer: account, answer (consent or deny), scopes, site, seconds."""
        self._client.call("POST", f"{self._path}/user/decisions", decision)

    def decisions(self) -> list[dict[str, Any]]:
        """Return the user's queued answers."""
        return list(self._client.call("GET", f"{self._path}/user/decisions"))

    def clear_decisions(self) -> None:
        """Forget the user's queued answers."""
        self._client.call("DELETE", f"{self._path}/user/decisions")

    def withdraw(self, account: str, client_id: str | None = None) -> None:
        """Let a user withdraw their consent."""
        self._client.call("POST", f"{self._path}/user/withdrawals", {"account": account, "client_id": client_id})

    def change_password(self, account: str) -> None:
        """Change a user's password."""
        self._client.call("POST", f"{self._path}/user/password", {"account": account, "action": "change"})

    def restore_password(self, account: str) -> None:
        """Change a user's password back."""
        self._client.call("POST", f"{self._path}/user/password", {"account": account, "action": "restore"})

    def sign_out(self) -> None:
        """Log the user out at a vendor with a login page of its own."""
        self._client.call("POST", f"{self._path}/user/sign-out")

    def policy(self, account: str, refusal: str | None) -> None:
        """Let a policy refuse a user's refreshes for a cause such as admin_policy, or lift it with None."""
        self._client.call("POST", f"{self._path}/user/policy", {"account": account, "refusal": refusal})

    def accounts(self) -> list[dict[str, Any]]:
        """Return the users."""
        return list(self._client.call("GET", f"{self._path}/accounts"))

    def register_account(self, name: str, **members: Any) -> dict[str, Any]:
        """Add a user: kind, sites, permissions."""
        return dict(self._client.call("POST", f"{self._path}/accounts", {"name": name, **members}))

    def register(self, client_id: str, **members: Any) -> dict[str, Any]:
        """Register an application: client_secret, owner, kind, project, and what `update_application` changes."""
        return dict(self._client.call("POST", f"{self._path}/applications", {"client_id": client_id, **members}))

    def create_application(self, name: str, owner: str, kind: str = "web") -> dict[str, str]:
        """Create an application as an owner does: private; returns its client_id and client_secret."""
        body = {"name": name, "owner": owner, "kind": kind}
        return dict(self._client.call("POST", f"{self._path}/console/applications", body))

    def applications(self, search: str = "") -> list[dict[str, Any]]:
        """Return the applications, or those whose name holds a text."""
        return list(self._client.call("GET", f"{self._path}/applications", search=search))

    def application(self, client_id: str) -> dict[str, Any]:
        """Return one application."""
        return dict(self._client.call("GET", self._application(client_id)))

    def update_application(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """Change name, description, redirect_uris, scopes, status, refusal, shared, approved, refresh_tokens ..."""
        return dict(self._client.call("PATCH", self._application(client_id), changes))

    def rotate_secret(self, client_id: str) -> str:
        """Replace an application's secret; returns the new one."""
        return str(self._client.call("POST", f"{self._application(client_id)}/secret")["client_secret"])

    def authorization_url(self, client_id: str) -> str:
        """Return the authorization URL to distribute; its state is to be replaced."""
        return str(self._client.call("GET", f"{self._application(client_id)}/authorization-url")["url"])

    def delete_application(self, client_id: str) -> None:
        """Delete an application."""
        self._client.call("DELETE", self._application(client_id))

    def ledger(self, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """Return ledger entries from a number on."""
        return list(self._client.call("GET", f"{self._path}/ledger", since=since, limit=limit))

    def journal(self, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """Return exchanges from a number on, redacted."""
        return list(self._client.call("GET", f"{self._path}/journal", since=since, limit=limit))

    def snapshot(self) -> dict[str, Any]:
        """Return all that the provider keeps, by aliases."""
        return dict(self._client.call("GET", f"{self._path}/snapshot"))

    def keep(self) -> int:
        """Keep the provider as it stands, in the server; returns the number for `restore`."""
        return int(self._client.call("POST", f"{self._path}/snapshots")["snapshot"])

    def restore(self, snapshot: int) -> None:
        """Put the provider back as it stood, and virtual time with it; what was issued since is void."""
        self._client.call("POST", f"{self._path}/restore", {"snapshot": snapshot})

    def reset(self) -> None:
        """Begin the provider anew."""
        self._client.call("POST", f"{self._path}/reset")

    def _application(self, client_id: str) -> str:
        return f"{self._path}/applications/{quote(client_id, safe='')}"
