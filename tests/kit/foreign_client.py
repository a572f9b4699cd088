"""A client in another process, for tests: the protocol of `exec:` and an OAuth client on the standard library alone.

It keeps its tokens in the folder that it is given, and marks a refresh as under way there. Arguments spoil it:
keeps-first never takes a new refresh token, follows goes where a redirect leads and takes everything along, in-memory
leaves the folder empty, deaf knows every command, late has a clock of its own, babbles answers with words, brags claims
too much. What comes at a call: stuck never answers, dies ends, drips sends a byte at a time, floods sends a line that
never ends, asleep closes its output. The flaws of WRONG answer one command with a line of their own.
"""

import base64
import hashlib
import http.client
import itertools
import json
import os
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

FLAWS = sys.argv[1:]

Answer = dict[str, Any]

WRONG: dict[str, tuple[str, str]] = {
    "list-claimed": ("start", '{"ok": true, "subject": {"capabilities": [["refresh"]]}}'),
    "word-claimed": ("start", '{"ok": true, "subject": {"capabilities": "refresh"}}'),
    "half-a-name": ("start", '{"ok": true, "subject": {"name": "half \\ud800"}}'),
    "long-name": ("start", '{"ok": true, "subject": {"name": "' + "n" * 200 + '"}}'),
    "no-subject": ("start", '{"ok": true, "subject": []}'),
    "no-number": ("clock", '{"ok": true, "now": NaN}'),
    "no-url": ("authorize", '{"ok": true, "url": 7}'),
    "no-status": ("call", '{"ok": true, "status": "200"}'),
    "status-of-lists": ("call", '{"ok": true, "status": [200]}'),
    "no-truth": ("callback", '{"ok": true, "refreshable": "yes"}'),
    "no-class": ("call", '{"ok": false, "error": {"class": "sad"}}'),
    "no-error": ("call", '{"ok": false}'),
    "garbage": ("call", "Traceback: \u0007 of eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"),
    "deep": ("call", "[" * 100_000),
}
"""By flaw: the command, and the line that comes in the place of its answer."""


class Failed(Exception):
    """What the answer to the harness says of an error."""

    def __init__(self, **about: Any) -> None:
        super().__init__(about)
        self.about = about


class Client:
    def __init__(self) -> None:
        self.now, self.logins = 0.0, 0
        self.token: dict[str, Any] = {}

    def start(self, registration: dict[str, Any], resource: str, store: str, **_: Any) -> Answer:
        self.registration, self.resource, self.token = registration, resource, {}
        self.store = Path(store) / "tokens.json"
        if self.store.exists():
            self.token = json.loads(self.store.read_text(encoding="utf-8"))
        capabilities = ["refresh", "restart", *(["pages"] if "brags" in FLAWS else [])]
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
        ENDINGS.get(FLAWS[0] if FLAWS else "", lambda: None)()
        if "refresh_token" not in self.token:
            raise Failed(**{"class": "reauth_required"})
        if self.now >= self.token["expires_at"] - 60:
            self.refresh()
        request = urllib.request.Request(self.resource)  # noqa: S310 - a loopback address
        request.add_header("Authorization", f"Bearer {self.token['access_token']}")
        return {"status": fetch(request)[0]}

    def refresh(self, **_: Any) -> Answer:
        first = self.token["refresh_token"]
        if self.token.get("under_way"):  # an earlier life asked, and nobody saw the answer: once more, and no oftener
            self.keep(under_way=False)
        else:
            self.keep(under_way=True)
        try:
            self.ask(grant_type="refresh_token", refresh_token=first)
        except Failed as failure:
            if failure.about["class"] == "invalid_grant":
                self.token = {}
            self.keep(under_way=False)
            raise
        self.keep(under_way=False, **({"refresh_token": first} if "keeps-first" in FLAWS else {}))
        return {}

    def keep(self, **changes: Any) -> None:
        self.token |= changes
        if "in-memory" not in FLAWS:
            beside = self.store.with_suffix(".new")  # its process may die in the middle of a write
            beside.write_text(json.dumps(self.token), encoding="utf-8")
            beside.replace(self.store)

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
        self.keep(**answer, expires_at=self.now + answer["expires_in"])


class Staying(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects: they are answers like others."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(Staying)


def fetch(request: urllib.request.Request | str, data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with OPENER.open(request, data, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        if "follows" in FLAWS and error.headers.get("location"):
            headers = request.headers if isinstance(request, urllib.request.Request) else {}
            return fetch(urllib.request.Request(error.headers["location"], headers=headers), data)  # noqa: S310 - ours
        return error.code, error.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(**{"class": "transport", "message": type(error).__name__}) from None


def stuck() -> None:
    while True:
        sys.stdin.read()


def dies() -> None:
    print("I am unwell, and my token is 1//0gAbCdEfGhIjKlMnOpQrStUv", file=sys.stderr, flush=True)
    sys.exit(9)


def drips() -> None:
    for _ in itertools.count():
        print("x", end="", flush=True)
        threading.Event().wait(0.5)


def floods() -> None:
    while True:
        print("x" * 65_536, end="", flush=True)


def asleep() -> None:
    os.close(1)
    stuck()


ENDINGS = {"stuck": stuck, "dies": dies, "drips": drips, "floods": floods, "asleep": asleep}
"""What comes at a call, by flaw."""


def main() -> None:
    client, deaf = Client(), "deaf" in FLAWS
    for line in sys.stdin:
        if "babbles" in FLAWS:
            print("hello", flush=True)
            continue
        sent = json.loads(line)
        client.now = sent["now"]
        command, line_ = next((WRONG[flaw] for flaw in FLAWS if flaw in WRONG), ("", ""))
        if sent["cmd"] == command:
            print(line_.replace("{", '{"id": %d, ' % sent["id"], 1), flush=True)  # noqa: UP031 - braces
            continue
        work = getattr(client, sent["cmd"], None)
        try:
            answer = {"ok": True, **work(**sent)} if work else {"ok": True} if deaf else {"unsupported": True}
        except Failed as failure:
            answer = {"ok": False, "error": failure.about}
        print(json.dumps({"id": sent["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
