"""Recordings of two writers are judged alike; what a writer left out is told, and what is no recording is refused."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.har_samples import ME, SECRET, TOKEN, chromium, code_exchange, mitmproxy, story, token
from kit.wire import saved
from refreshproof.harness.judging.judging import judge
from refreshproof.mock_servers.strict_files import FileError
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.recording.document import har_of, providers_of, recordings_of
from refreshproof.scenarios.recording.har_shape import read_har
from refreshproof.scenarios.recording.traffic import NothingRecordedError, recorded_at
from refreshproof.scenarios.requirements import CATALOGUE

ATLASSIAN = VENDORS["atlassian"]
Entry = dict[str, Any]


def outcomes(document: Any, folder: Path, *names: str) -> dict[str, str]:
    """Judge a recording at Atlassian; return what was found, and why where nothing was."""
    cells = judge(recorded_at(read_har(saved(document, folder)), [ATLASSIAN]), names or ("rotation-replace",))
    return {cell.requirement: cell.why if cell.outcome == "not_observable" else cell.outcome for cell in cells}


@pytest.mark.parametrize("writer", [chromium, mitmproxy])
@pytest.mark.parametrize(("stale", "found"), [(True, "violated"), (False, "satisfied")])
def test_a_browser_and_a_proxy_are_read_alike(
    writer: Callable[..., Any], stale: bool, found: str, tmp_path: Path
) -> None:
    assert outcomes(writer(*story(stale=stale)), tmp_path) == {"rotation-replace": found}


def test_users_are_told_apart_by_their_tokens(tmp_path: Path) -> None:
    """Another user's refresh in between is no answer to this one's."""
    both = [*story("ann", stale=False), *story("bob", stale=False, minute=30)]
    assert outcomes(mitmproxy(*both), tmp_path) == {"rotation-replace": "satisfied"}
    both = [*story("ann", stale=False), *story("bob", stale=True, minute=30)]
    cells = judge(recorded_at(read_har(saved(mitmproxy(*both), tmp_path)), [ATLASSIAN]), ("rotation-replace",))
    assert [(cell.outcome, cell.examples) for cell in cells] == [("violated", 2)]


def test_an_answer_counts_as_read_when_what_it_brought_is_used(tmp_path: Path) -> None:
    """A process that died before it could read or store an answer sends the same again, as it must."""
    refreshes = [one for one in story(stale=True) if one["request"]["url"] == TOKEN]
    told = outcomes(mitmproxy(*refreshes), tmp_path)["rotation-replace"]
    assert "had read an answer before it sent what it sent; if it had: The next refresh presented" in told


def test_a_request_that_two_recorders_have_written_was_sent_once(tmp_path: Path) -> None:
    twice = [*story(stale=False), *story(stale=False)]
    assert outcomes(mitmproxy(*twice), tmp_path, "rotation-old-never-reused") == {
        "rotation-old-never-reused": "satisfied"
    }


def test_a_code_that_may_never_have_arrived_was_not_sent_twice(tmp_path: Path) -> None:
    """Where no answer came nobody knows whether the request had left."""
    lost, sent = (code_exchange(second) for second in (1, 2))
    lost["response"]["status"] = 0
    found = outcomes(mitmproxy(lost, sent), tmp_path, "exchange-code-sent-once")
    assert "what the server did" in found["exchange-code-sent-once"]
    lost["response"]["status"] = -1
    assert outcomes(mitmproxy(lost, sent), tmp_path, "exchange-code-sent-once") == found
    lost["response"]["status"] = 500
    found = outcomes(mitmproxy(lost, sent), tmp_path, "exchange-code-sent-once")
    assert found == {"exchange-code-sent-once": "violated"}


def without_bodies(entry: Entry) -> None:
    del entry["response"]["content"]["text"]


def without_content(entry: Entry) -> None:
    del entry["response"]["content"]


def without_post_data(entry: Entry) -> None:
    entry["request"].pop("postData", None)
    entry["request"]["bodySize"] = 180


def with_masked_tokens(entry: Entry) -> None:
    for holder, name in ((entry["request"].get("postData", {}), "text"), (entry["response"]["content"], "text")):
        document = json.loads(holder.get(name, "{}"))
        hidden = {key: "[REDACTED]" for key in document if key.endswith("_token")}
        if hidden:
            holder[name] = json.dumps(document | hidden)


@pytest.mark.parametrize(
    ("omit", "reason"),
    [
        (without_bodies, "bodies that the recorder left out"),
        (without_content, "bodies that the recorder left out"),
        (without_post_data, "bodies that the recorder left out"),
    ],
)
def test_a_body_that_was_left_out_is_not_observable(omit: Callable[[Entry], None], reason: str, tmp_path: Path) -> None:
    entries = story(stale=False)
    for one in entries[2:4]:
        omit(one)
    found = outcomes(mitmproxy(*entries), tmp_path, "rotation-replace", "refresh-request-shape")
    assert reason in found["rotation-replace"]


def test_equal_masks_are_no_equal_tokens(tmp_path: Path) -> None:
    entries = story(stale=True)
    for one in entries:
        with_masked_tokens(one)
    found = outcomes(mitmproxy(*entries), tmp_path, "rotation-replace", "rotation-old-never-reused")
    assert "violated" not in found.values()
    assert "satisfied" not in found.values()


@pytest.mark.parametrize("left", [[], [{"name": "authorization", "value": "[redacted]"}]])
def test_a_stripped_authorization_header_is_not_observable(left: list[dict[str, str]], tmp_path: Path) -> None:
    entries = story(stale=False)
    for one in entries:
        if one["request"]["url"] == ME:
            one["request"]["headers"] = list(left)
    (recording,) = recorded_at(read_har(saved(mitmproxy(*entries), tmp_path)), [ATLASSIAN])
    (cell,) = judge([recording], ("resource-bearer-header-once",))
    assert cell.outcome == "not_observable"
    assert "Authorization" in cell.why
    assert any("without the credentials" in note for note in recording.notes)


def test_what_is_kept_holds_aliases_only_and_judges_the_same_again(tmp_path: Path) -> None:
    path = saved(mitmproxy(*story(stale=True)), tmp_path)
    recordings = recorded_at(read_har(path), [ATLASSIAN])
    kept = json.dumps(har_of(recordings, "0"))
    hidden = [token(kind, number) for kind in ("at", "rt") for number in range(1, 5)]
    assert not [secret for secret in (*hidden, SECRET, "cookie-of-the-user", "ann@example.com") if secret in kept]
    again = recordings_of(read_har(saved(json.loads(kept), tmp_path, "again.har")), {"atlassian": ATLASSIAN})
    assert list(judge(again, ("rotation-replace",))) == list(judge(recordings, ("rotation-replace",)))
    assert again == recordings


def test_a_file_without_the_vendors_hosts_names_those_it_has(tmp_path: Path) -> None:
    har = read_har(saved(mitmproxy(*story(stale=False)), tmp_path))
    with pytest.raises(NothingRecordedError, match=r"api\.atlassian\.com, auth\.atlassian\.com; expected .*google"):
        recorded_at(har, [VENDORS["google"]])


def changed(*place: Any, to: Any) -> Any:
    """Return a recording with something else at a place."""
    document = copy.deepcopy(mitmproxy(*story(stale=False)))
    inner: Any = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = to
    return document


ENTRY = ("log", "entries", 1)
WRONG = {
    "no log": ({"entries": []}, "found no member log; expected a HAR 1.2"),
    "no object": ([], "found no member log"),
    "another version": (changed("log", "version", to="1.1"), "log.version: found '1.1'; expected '1.2'"),
    "entries": (changed("log", "entries", to={}), "log.entries: found dict; expected an array"),
    "an entry": (changed(*ENTRY, to="x"), r"log.entries\[1\]: found str; expected an object"),
    "no zone": (
        changed(*ENTRY, "startedDateTime", to="2026-11-30T10:00:00"),
        "expected a date of ISO 8601 with a zone",
    ),
    "no date": (changed(*ENTRY, "startedDateTime", to="yesterday"), r"log.entries\[1\].startedDateTime: found 'yester"),
    "time": (changed(*ENTRY, "time", to="long"), r"log.entries\[1\].time: found 'long'; expected milliseconds"),
    "address": (changed(*ENTRY, "request", "url", to="/me"), r"request.url: found '/me'; expected an absolute address"),
    "port": (changed(*ENTRY, "request", "url", to="https://h:x/"), "expected an absolute address"),
    "no request": (changed(*ENTRY, "request", to=None), r"log.entries\[1\].request: found NoneType; expected an obj"),
    "status": (changed(*ENTRY, "response", "status", to=-2), "response.status: found -2; expected a status of HTTP"),
    "headers": (changed(*ENTRY, "request", "headers", to=[{}]), r"request.headers\[0\].name: found nothing"),
    "base64": (
        changed(*ENTRY, "response", "content", to={"text": "%", "encoding": "base64"}),
        r"response.content.text: found what is no base64; expected base64",
    ),
    "encoding": (
        changed(*ENTRY, "response", "content", to={"text": "x", "encoding": "rot13"}),
        r"response.content.encoding: found 'rot13'; expected 'base64'",
    ),
}


@pytest.mark.parametrize(("document", "complaint"), WRONG.values(), ids=WRONG)
def test_what_is_no_har_is_refused_by_file_and_place(document: Any, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=complaint) as raised:
        read_har(saved(document, tmp_path))
    assert str(raised.value).startswith(str(tmp_path))


def test_a_truncated_file_is_no_json(tmp_path: Path) -> None:
    path = saved(mitmproxy(*story(stale=False)), tmp_path)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(FileError, match="not JSON"):
        read_har(path)


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e300,
    "",
    "x",
    "[REDACTED]",
    "http://[",
    "AT1",
    [],
    {},
    [1],
    {"a": 1},
    99**20,
    TOKEN,
)


def places(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands in a document."""
    members: Any = document.items() if isinstance(document, dict) else enumerate(document)
    for name, one in members:
        yield (*place, name)
        if isinstance(one, dict | list):
            yield from places(one, (*place, name))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_stands_in_a_recording_is_judged_or_refused_by_place(seed: int, tmp_path: Path) -> None:
    """And what is judged is judged the same again from what is kept of it."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    refused: list[str] = []
    ours = har_of(recorded_at(read_har(saved(mitmproxy(*story(stale=True)), tmp_path)), [ATLASSIAN]), "0")
    for _ in range(40):
        document = copy.deepcopy(chance.choice([chromium(*story(stale=True)), mitmproxy(*story(stale=False)), ours]))
        place = chance.choice(list(places(document)))
        inner: Any = document
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = chance.choice(ODD)
        try:
            har = read_har(saved(document, tmp_path))
            asked = {"atlassian": ATLASSIAN}
            found = recordings_of(har, asked) if providers_of(har) else recorded_at(har, [ATLASSIAN])
        except (FileError, NothingRecordedError) as error:
            refused.append(str(error))
            continue
        again = recordings_of(read_har(saved(har_of(found, "0"), tmp_path, "again.har")), asked)
        assert list(judge(again, tuple(CATALOGUE))) == list(judge(found, tuple(CATALOGUE)))
    assert refused
    assert all(error.startswith(str(tmp_path)) for error in refused)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = saved(mitmproxy(*story(stale=False)), tmp_path)
    path.write_text("\ufeff" + path.read_text(), encoding="utf-8")
    assert len(read_har(path).entries) == 6
