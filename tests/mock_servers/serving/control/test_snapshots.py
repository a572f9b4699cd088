"""A vendor that is served is kept in the server under a number, and put back with all that stands around it: faults,
journal, whoever is logged in, and virtual time."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from kit.serving import ORIGIN, TOKEN, Browser, authorization_url, log_in, options, parameters, post, token_form
from refreshproof.mock_servers.provider.provider import CLIENT_SECRET
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.control_port import Control
from refreshproof.mock_servers.serving.served.served import MOST_SNAPSHOTS
from refreshproof.mock_servers.serving.sockets.clock import CLOCKS, TimeMode
from refreshproof.mock_servers.wire import HOUR, WireRequest

Act: TypeAlias = tuple[str, int]
HEADERS = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))


class Lab:
    """One vendor being served, its control API, and a client that keeps every refresh token it is given."""

    def __init__(self, name: str = "generic", time: TimeMode = "virtual", **changes: Any) -> None:
        chosen = options(name, **changes)
        self.one = Served(chosen.vendors[0], chosen, ORIGIN)
        self.clock = CLOCKS[time]()
        self.control = Control({name: self.one}, self.clock, TOKEN)
        self.at = f"/v1/providers/{name}"
        self.held: list[str] = []

    def call(self, method: str, path: str, body: Any = None, status: tuple[int, ...] = (200, 201)) -> Any:
        url = f"http://127.0.0.1:8002{path if path.startswith('/v1') else self.at + path}"
        request = WireRequest(method=method, url=url, headers=HEADERS, body=json.dumps(body).encode())
        response = self.control.answer(request)
        assert response.status in status, response.document
        return response.document

    def log_in(self) -> None:
        self.held.append(log_in(self.one)["refresh_token"])

    def refresh(self, token: str) -> Any:
        url = self.one.addresses.local_url(self.one.vendor.profile.url("token"))
        answer = post(self.one, url, token_form("refresh_token", refresh_token=token), self.clock.now())
        self.one.delivered(answer, answer.drop is None)
        if isinstance(answer.document, dict) and answer.document.get("refresh_token"):
            self.held.append(answer.document["refresh_token"])
        return answer.status, answer.headers, answer.drop, self.one.provider.vault.redact(answer.body.decode())

    def told(self) -> list[Any]:
        return [self.call("GET", path) for path in ("/faults", "/ledger", "/journal", "/snapshot")]


def _queue(lab: Lab, number: int) -> Any:
    return lab.call("POST", "/faults", {"fault": "busy", "parameters": {"seconds_": 9}, "times": number % 3 or None,
                                        "probability": 0.6, "seed": number})  # fmt: skip


ACTS: dict[str, Callable[[Lab, int], Any]] = {
    "refresh": lambda lab, number: lab.refresh(lab.held[-1 - number % len(lab.held)]),
    "wait": lambda lab, number: lab.call("POST", "/v1/clock/advance", {"seconds": number}),
    "queue": _queue,
    "clear": lambda lab, number: lab.call("DELETE", "/faults"),
    "withdraw": lambda lab, number: lab.call("POST", "/user/withdrawals", {"account": "alice"}),
}
STORIES = st.lists(
    st.tuples(st.sampled_from([*ACTS, *["refresh"] * 5]), st.integers(0, 3) | st.sampled_from([61, 3600])), max_size=12
)


@given(
    name=st.sampled_from(["lost-response", "null-refresh-token", "generic", "atlassian"]),
    before=STORIES,
    then=STORIES,
)
def test_whatever_is_done_to_a_vendor_that_was_put_back_is_answered_as_it_was_the_first_time(
    name: str, before: list[Act], then: list[Act]
) -> None:
    lab = Lab(name)
    lab.log_in()
    for kind, number in before:
        ACTS[kind](lab, number)
    held, snapshot = tuple(lab.held), lab.call("POST", "/snapshots")["snapshot"]
    told = []
    for _ in range(3):
        lab.call("POST", "/restore", {"snapshot": snapshot})
        lab.held = list(held)
        told.append(([ACTS[kind](lab, number) for kind, number in then], lab.told()))
    assert told[0] == told[1] == told[2]


def test_virtual_time_goes_back_with_the_vendor_and_real_time_does_not() -> None:
    for mode, back in (("virtual", True), ("real", False)):
        lab = Lab(time=mode)  # type: ignore[arg-type]
        kept = lab.call("POST", "/snapshots")
        later = lab.call("POST", "/v1/clock/advance", {"seconds": 3600})["now"]
        answer = lab.call("POST", "/restore", {"snapshot": kept["snapshot"]})
        assert (answer["clock"]["now"] < later) is back
        assert later >= kept["clock"]["now"] + HOUR


def test_who_had_logged_in_is_logged_in_again_and_who_logs_in_later_is_not() -> None:
    lab = Lab(user="pages")

    def logged_in(account: str) -> Browser:
        browser = Browser(lab.one)
        browser.open(authorization_url(lab.one))
        browser.submit(account=account, password="x")
        return browser

    def answers(*browsers: Browser) -> list[list[str]]:
        asked = authorization_url(lab.one, prompt="none")
        return [sorted(parameters(browser.open(asked).header("location"))) for browser in browsers]

    early = logged_in("alice")
    for browser in (early, logged_in("bob")):
        browser.submit(answer="consent", scope="read")
    snapshot = lab.call("POST", "/snapshots")["snapshot"]
    late = logged_in("bob")
    assert answers(early, late) == [["code", "iss", "state"]] * 2
    lab.call("POST", "/restore", {"snapshot": snapshot})
    assert answers(early, late) == [["code", "iss", "state"], ["error", "error_description", "iss", "state"]]


def test_a_snapshot_that_is_not_kept_is_refused_with_those_that_are() -> None:
    lab = Lab()
    refused = lab.call("POST", "/restore", {"snapshot": 1}, status=(422,))
    assert refused == {"error": "snapshot is 1; there are none"}
    for number in range(1, MOST_SNAPSHOTS + 2):
        assert lab.call("POST", "/snapshots")["snapshot"] == number
    assert "snapshot is 1; there are 2, 3, " in lab.call("POST", "/restore", {"snapshot": 1}, status=(422,))["error"]
    lab.call("POST", "/reset")
    assert lab.call("POST", "/restore", {"snapshot": 2}, status=(422,))["error"] == "snapshot is 2; there are none"
    assert lab.call("POST", "/snapshots")["snapshot"] == MOST_SNAPSHOTS + 2


def test_nothing_secret_comes_out_with_a_snapshot_nor_after_its_return() -> None:
    lab = Lab()
    lab.log_in()
    kept = lab.call("POST", "/snapshots")
    lab.refresh(lab.held[0])
    told = [kept, lab.call("POST", "/restore", {"snapshot": kept["snapshot"]})]
    lab.refresh(lab.held[1])
    text = json.dumps([*told, lab.told()])
    assert not any(secret in text for secret in (*lab.held, CLIENT_SECRET))
