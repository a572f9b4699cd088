"""A client in another process, for tests: the protocol of `exec:` and an OAuth client on the standard library alone.

Arguments spoil it: keeps-first never takes a new refresh token, deaf knows every command, stuck never answers a call,
dies ends at one, late has a clock of its own, babbles answers with words, brags claims too much.
"""

import base64
import hashlib
import http.client
import json
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

FLAWS = sys.argv[1:]

Answer = dict[str, Any]


class Failed(Exception):
    """What the answer to the harness says of an error."""

    def __init__(self, **about: Any) -> None:
        super().__init__(about)
        self.about = about


class Client:
    def __init__(self) -> None:
        self.now, self.logins = 0.0, 0
        self.token: dict[str, Any] = {}

    def start(self, registration: dict[str, Any], resource: str, **_: Any) -> Answer:
        self.registration, self.resource, self.token = registration, resource, {}
        capabilities = ["refresh", "restart", *(["parallel"] if "brags" in FLAWS else [])]
        return {"subject": {"name": "foreign client", "version": "3", "capabilities": capabilities}}

    def clock(self, **_: Any) -> Answer:
        return {"now": 0 if "late" in FLAWS else self.now}

    def authorize(self, **_: Any) -> Answer:
        self.logins += 1
        self.state, self.verifier = f"state-{self.logins}", f"{self.logins:043}"
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code", "state": self.state, "client_id": self.registration["client_id"],
            "redirect_uri": self.registration["redirect_uri"], "scope": " ".join(self.registration["scopes"]),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "code_challenge_method": "S256",
        }  # fmt: skip
        asked |= self.registration["authorization_parameters"]
        return {"url": f"{self.registration['authorization_endpoint']}?{urlencode(asked)}"}

    def callback(self, url: str, **_: Any) -> Answer:
        found = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if found.get("state") != self.state or "code" not in found:
            raise Failed(**{"class": "oauth_error", "oauth_error": found.get("error")})
        form = {"redirect_uri": self.registration["redirect_uri"], "code_verifier": self.verifier}
        self.ask(grant_type="authorization_code", code=found["code"], **form)
        return {"refreshable": "refresh_token" in self.token}

    def call(self, **_: Any) -> Answer:
        if "dies" in FLAWS:
            sys.exit(9)
        while "stuck" in FLAWS:
            sys.stdin.read()
        if not self.token:
            raise Failed(**{"class": "reauth_required"})
        if self.now >= self.token["expires_at"] - 60:
            self.refresh()
        request = urllib.request.Request(self.resource)  # noqa: S310 - a loopback address
        request.add_header("Authorization", f"Bearer {self.token['access_token']}")
        return {"status": fetch(request)[0]}

    def refresh(self, **_: Any) -> Answer:
        first = self.token["refresh_token"]
        self.ask(grant_type="refresh_token", refresh_token=first)
        if "keeps-first" in FLAWS:
            self.token["refresh_token"] = first
        return {}

    def restart(self, **_: Any) -> Answer:
        return {}

    def ask(self, **form: str) -> None:
        form |= {name: self.registration[name] for name in ("client_id", "client_secret")}
        status, body = fetch(self.registration["token_endpoint"], urlencode(form).encode())
        try:
            answer = json.loads(body)
        except ValueError:
            raise Failed(**{"class": "http_status", "status": status}) from None
        if status != 200:
            kind = "invalid_grant" if answer["error"] == "invalid_grant" else "oauth_error"
            raise Failed(**{"class": kind, "status": status, "oauth_error": answer["error"]})
        self.token = self.token | answer | {"expires_at": self.now + answer["expires_in"]}


def fetch(request: urllib.request.Request | str, data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, data, timeout=10) as response:  # noqa: S310 - a loopback address
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(**{"class": "transport", "message": type(error).__name__}) from None


def main() -> None:
    client, deaf = Client(), "deaf" in FLAWS
    for line in sys.stdin:
        if "babbles" in FLAWS:
            print("hello", flush=True)
            continue
        sent = json.loads(line)
        client.now = sent["now"]
        work = getattr(client, sent["cmd"], None)
        try:
            answer = {"ok": True, **work(**sent)} if work else {"ok": True} if deaf else {"unsupported": True}
        except Failed as failure:
            answer = {"ok": False, "error": failure.about}
        print(json.dumps({"id": sent["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
