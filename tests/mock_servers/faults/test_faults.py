"""Faults: which requests they strike, what each does to the server and to the answer, and the misbehaving vendors."""

import json
import re
import subprocess
import sys
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.dumb_client import Play, at, play
from refreshproof.mock_servers.faults import memory
from refreshproof.mock_servers.faults.body import CONVERSIONS, ENCODINGS, STAMPS
from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.faults.request import DEMANDS
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.misbehaving import MISBEHAVING
from refreshproof.mock_servers.vendors.vendor import Vendor, well_behaved
from refreshproof.mock_servers.wire import WireRequest, WireResponse


def _vendor(*faults: FaultSpec) -> Vendor:
    return Vendor(name="faulty", title="Faulty", profile=GENERIC, faults=faults)


def _faulty(fault: str, grant_type: str | None = None, view: str | None = "token", **parameters: Any) -> Play:
    return play(_vendor(FaultSpec(fault=fault, parameters=parameters, view=view, grant_type=grant_type)))


def _token(game: Play) -> WireResponse:
    return game.exchange(game.code())


def test_an_unknown_fault_is_refused_by_name_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'explode'; known are accept_late, .*, truncate"):
        build(FaultSpec(fault="explode"))


RIGHT: dict[str, dict[str, Any]] = {
    "accept_late": {"seconds_": 5}, "busy": {"seconds_": 5}, "convert": {"name": "scope", "to": "array"},
    "cut": {"at": 3}, "deepen": {"levels": 3}, "delay": {"seconds_": 0.5}, "demand": {"parameter": "audience"},
    "document": {"content": {}}, "drip": {"seconds_": 1}, "drop": {"how": "hang"}, "encode": {"to": "xml"},
    "frame": {"how": "chunked"}, "header": {"name": "Age", "value": "1"}, "member": {"name": "scope"},
    "nest": {"under": "data"}, "only_if_asked": {"parameter": "expires_in", "name": "expires_in"}, "pad": {"size": 3},
    "prefix": {"text": " "}, "redirect_to": {"code": 302, "location": "/"}, "refresh_at": {"suffix": "/refresh"},
    "relabel": {"code": 201}, "remember": {"seconds_": 5}, "rename": {"names": {"scope": "scp"}},
    "rename_callback": {"names": {"code": "kode"}}, "rename_parameter": {"name": "client_id", "to": "appid"},
    "rewrite": {"old": "a", "new": "b"}, "outrun": {"seconds_": 2}, "stamp": {"name": "at"},
    "status": {"code": 503}, "too_early": {"last": 30}, "truncate": {"at": 3},
}  # fmt: skip
"""What the faults that need parameters can be told; the others need none."""

PARAMETERS = [(fault, name) for fault, function in FAULTS.items() for name in signature(function).parameters]


@pytest.mark.parametrize(("fault", "name"), PARAMETERS)
def test_every_parameter_of_every_fault_is_refused_where_its_type_is_wrong(fault: str, name: str) -> None:
    right = RIGHT.get(fault, {})
    build(FaultSpec(fault=fault, parameters=right))
    for wrong in (object(), {name: object()}, [object()], b"bytes"):
        with pytest.raises(ValueError, match=rf"^fault '{fault}': {name}.*: found .*(; expected|expected) "):
            build(FaultSpec(fault=fault, parameters={**right, name: wrong}))


@pytest.mark.parametrize(
    ("fault", "parameters", "trouble"),
    [
        ("drop", {"when": "now"}, "how: missing; also when: unknown parameter; Allowed: how"),
        ("drop", {"how": "gently"}, """how: found "gently" (string); expected 'refused', 'before_headers', """),
        ("convert", {"name": "scope", "to": "morse"}, """to: found "morse" (string); expected 'string', """),
        ("status", {"code": "503"}, 'code: found "503" (string); expected a valid integer'),
        ("status", {"code": True}, "code: found true (boolean); expected a valid integer"),
        ("status", {"code": 600}, "code: found 600 (integer); expected less than or equal to 599"),
        ("status", {"code": 503, "retry_after": "date:soon"}, "retry_after: found 'date:soon'; expected date: and 0 "),
        ("status", {"code": 401, "challenge": "a\nb"}, "challenge: found 'a\\nb'; expected Latin-1 on one line"),
        ("header", {"name": "Age", "value": "\u20ac"}, "value: found '\u20ac'; expected Latin-1 on one line"),
        ("html", {"content_type": "a\r\nb"}, "content_type: found 'a\\r\\nb'; expected Latin-1 on one line"),
        ("html", {"body": "\ud800"}, "body: found half of a surrogate pair; expected Unicode"),
        ("redirect_to", {"code": 302, "location": "\x00"}, "location: found '\\x00'; expected Latin-1 on one line"),
        ("delay", {"seconds_": -0.1}, "seconds_: found -0.1 (number); expected greater than or equal to 0"),
        ("delay", {"seconds_": float("nan")}, "seconds_: found NaN (number); expected "),
        ("cut", {"at": 1.0}, "at: found 1.0 (number); expected a valid integer"),
        ("pad", {"size": 10**9}, "size: found 1000000000 (integer); expected less than or equal to 100000000"),
        ("rename", {"names": {"scope": 1}}, "names.scope: found 1 (integer); expected a valid string"),
        ("member", {"name": "scope", "value": {1, 2}}, 'value: found "{1, 2}" (set); expected JSON data'),
        ("parameters_in_query", {"method": "BREW"}, """method: found "BREW" (string); expected 'GET', 'POST' or """),
    ],
)
def test_a_wrong_parameter_is_told_with_what_was_found_and_what_is_allowed(
    fault: str, parameters: dict[str, Any], trouble: str
) -> None:
    with pytest.raises(ValueError, match=f"^fault '{fault}': {re.escape(trouble)}"):
        build(FaultSpec(fault=fault, parameters=parameters))


@pytest.mark.parametrize(
    ("selection", "trouble"),
    [
        ({"view": "tokn"}, "view: found \"tokn\" (string); expected 'authorization', "),
        ({"grant_type": 1}, "grant_type: found 1 (integer); expected a valid string"),
        ({"skip": -1}, "skip: found -1 (integer); expected greater than or equal to 0"),
        ({"times": "2"}, 'times: found "2" (string); expected a valid integer'),
        ({"every": 0}, "every: found 0 (integer); expected greater than or equal to 1"),
    ],
)
def test_a_spec_that_selects_no_request_there_can_be_is_refused(selection: dict[str, Any], trouble: str) -> None:
    with pytest.raises(ValueError, match=f"^fault 'duplicate': {re.escape(trouble)}"):
        build(FaultSpec(fault="duplicate", **selection))


def test_what_needs_no_fault_imports_no_pydantic() -> None:
    """A server of well-behaved vendors starts without it: pydantic takes longer to import than they to start."""
    program = (
        "import sys; from refreshproof.mock_servers.provider.provider import Provider; "
        "from refreshproof.mock_servers.vendors import VENDORS; import refreshproof.mock_servers.serving; "
        "vendor = VENDORS['google']; vendor.handler(Provider(vendor.profile)); sys.exit('pydantic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_fault_says_in_a_sentence_what_it_does_and_takes_plain_data() -> None:
    for name, fault in FAULTS.items():
        assert fault.__name__ == name
        assert (fault.__doc__ or "").split("\n")[0].endswith("."), name
        for parameter in signature(fault).parameters.values():
            assert parameter.annotation != parameter.empty, name


@given(skip=st.integers(0, 5), times=st.none() | st.integers(0, 4), every=st.none() | st.integers(1, 6))
def test_a_spec_strikes_the_requests_its_numbers_name(skip: int, times: int | None, every: int | None) -> None:
    """The model: a list of requests with `skip` let pass, then rounds in which the first `times` are struck."""
    spec = FaultSpec(fault="status", parameters={"code": 500}, skip=skip, times=times, every=every)
    size = 40
    if every is None:
        struck = [True] * (size if times is None else times)
    else:
        struck = [number < (1 if times is None else times) for number in range(every)] * size
    expected = ([False] * skip + struck + [False] * size)[:size]
    assert [spec.strikes(number) for number in range(size)] == expected


def test_a_spec_counts_only_the_requests_it_is_for() -> None:
    spec = FaultSpec(fault="status", parameters={"code": 503}, skip=1, times=1)
    game = play(_vendor(spec))
    first = game.login()
    second = game.refresh(first["refresh_token"]).document
    assert game.call(second["access_token"]).status == 200
    assert [game.refresh(second["refresh_token"]).status for _ in range(2)] == [503, 200]


def test_the_first_fault_is_the_innermost() -> None:
    game = play(
        _vendor(
            FaultSpec(fault="member", parameters={"name": "scope", "value": "inner"}, grant_type=None),
            FaultSpec(fault="member", parameters={"name": "scope", "value": "outer"}, grant_type=None),
        )
    )
    assert game.login()["scope"] == "outer"


def test_a_fault_counts_its_requests_also_where_an_outer_one_answers_for_the_server() -> None:
    game = play(
        _vendor(
            FaultSpec(fault="status", parameters={"code": 502}, skip=1, times=1),
            FaultSpec(fault="status", parameters={"code": 503}, times=1),
        )
    )
    token = game.login()["refresh_token"]
    assert [game.refresh(token).status for _ in range(3)] == [503, 502, 200]


def test_two_plays_of_one_vendor_count_apart() -> None:
    vendor = _vendor(FaultSpec(fault="status", parameters={"code": 503}, times=1))
    for game in (play(vendor), play(vendor)):
        assert game.refresh(game.login()["refresh_token"]).status == 503


ANSWERING: dict[str, dict[str, Any]] = {
    "status": {"code": 503}, "html": {}, "error_body": {}, "refuse_connection": {}, "lose_request": {},
    "redirect_to": {"code": 302, "location": "$url/"},
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERING)
def test_a_fault_that_answers_for_the_server_leaves_it_untouched(name: str) -> None:
    game = _faulty(name, grant_type="refresh_token", **ANSWERING[name])
    token = game.login()["refresh_token"]
    before = game.provider.ledger.entries
    assert game.refresh(token).entry is None
    assert game.provider.ledger.entries == before


ACTING: dict[str, dict[str, Any]] = {
    "drop": {"how": "hang"}, "delay": {"seconds_": 9}, "drip": {"seconds_": 1}, "truncate": {"at": 3}, "cut": {"at": 3},
    "relabel": {"code": 201}, "header": {"name": "Age", "value": "1"}, "prefix": {"text": " "}, "pad": {"size": 9},
    "nest": {"under": "data"}, "document": {"content": {}}, "deepen": {"levels": 500}, "encode": {"to": "utf-16"},
    "member": {"name": "scope", "remove": True}, "rename": {"names": {"scope": "scp"}}, "stamp": {"name": "at"},
    "convert": {"name": "expires_in", "to": "words"}, "rewrite": {"old": "{", "new": "[{"},
}  # fmt: skip


@pytest.mark.parametrize("name", ACTING)
def test_a_fault_of_the_answer_lets_the_server_act_and_changes_what_arrives(name: str) -> None:
    game, plain = _faulty(name, grant_type="refresh_token", **ACTING[name]), play()
    answer = game.refresh(game.login()["refresh_token"])
    honest = plain.refresh(plain.login()["refresh_token"])
    assert game.last.issued == ("AT2", "RT2")
    assert answer.entry == game.last.number
    assert answer != honest


@pytest.mark.parametrize(
    "name", sorted({"member", "convert", "nest", "encode", "rename", "document", "stamp", "relabel", "pad"})
)
def test_a_fault_of_a_success_leaves_refusals_alone(name: str) -> None:
    game, plain = _faulty(name, **ACTING[name]), play()
    assert game.refresh("unknown-token-0123456789").body == plain.refresh("unknown-token-0123456789").body


@pytest.mark.parametrize(
    ("to", "value"),
    [
        ("string", "3600"), ("float", 3600.27), ("milliseconds", 3_600_000), ("sixfold", 21_600),
        ("duration", "0:01:00"), ("with_letters", "3600abc"), ("words", "60 minutes"), ("array", ["3600"]),
        ("commas", "3600"),
        ("object", {"token": 3600}), ("lower", "3600"),
    ],
)  # fmt: skip
def test_a_conversion_gives_a_value_its_form(to: str, value: object) -> None:
    assert _token(_faulty("convert", name="expires_in", to=to)).document["expires_in"] == value
    assert to in CONVERSIONS


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("seconds", 1_900_003_600), ("milliseconds", 1_900_003_600_000), ("text of milliseconds", "1900003600000"),
        ("iso", "2030-03-17T18:46:40.0000000Z"),
    ],
)  # fmt: skip
def test_a_stamp_tells_the_expiry_by_the_servers_clock(form: str, value: object) -> None:
    assert _token(_faulty("stamp", name="expires_at", form=form, ahead=True)).document["expires_at"] == value
    assert form in STAMPS


@pytest.mark.parametrize(("to", "charset"), [("utf-16", "utf-16"), ("latin-1", "iso-8859-1")])
def test_a_body_in_another_character_set_says_so(to: str, charset: str) -> None:
    answer = _token(_faulty("encode", to=to))
    assert answer.header("content-type") == f"application/json; charset={charset}"
    assert json.loads(answer.body.decode(charset))["token_type"] == "Bearer"
    assert to in ENCODINGS


@pytest.mark.parametrize(
    ("rule", "value", "status"),
    [
        ("present", "-", 400), ("present", "", 400), ("present", "x", 200),
        ("absent", "-", 200), ("absent", "", 400), ("absent", "x", 400),
        ("not empty", "-", 200), ("not empty", "", 400), ("not empty", "x", 200),
    ],
)  # fmt: skip
def test_a_demand_is_kept_or_the_request_refused(rule: str, value: str, status: int) -> None:
    game = _faulty("demand", parameter="audience", rule=rule)
    assert game.exchange(game.code(), audience=value).status == status
    assert rule in DEMANDS


def test_deep_nesting_goes_as_deep_as_asked() -> None:
    assert _token(_faulty("deepen", levels=300)).body.count(b"[") == 300


def test_a_retry_after_date_lies_ahead_of_the_servers_clock() -> None:
    """RFC 9110 s10.2.3; START is 2030-03-17 17:46:40 GMT."""
    game = _faulty("status", code=503, retry_after="date:20")
    assert _token(game).header("retry-after") == "Sun, 17 Mar 2030 17:47:00 GMT"


def test_a_memory_is_kept_by_a_fault_and_not_shared() -> None:
    spec = FaultSpec(fault="busy", parameters={"seconds_": 5})
    one, other = play(_vendor(spec)), play(_vendor(spec))
    assert [game.refresh(game.login()["refresh_token"]).status for game in (one, other)] == [200, 200]


def test_a_fault_that_stands_for_days_remembers_the_newest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_REMEMBERED", 2)
    game = _faulty("busy", grant_type="refresh_token", seconds_=60)
    first, *others = (game.login()["refresh_token"] for _ in range(3))
    assert [game.refresh(token).status for token in (first, *others)] == [200, 200, 200]
    told = [game.refresh(token).document["error_description"] for token in (first, others[-1])]
    assert ["already being processed" in text for text in told] == [False, True]


def test_a_cache_forgets_after_its_time() -> None:
    game = _faulty("remember", grant_type="refresh_token", seconds_=60)
    token = game.login()["refresh_token"]
    answers = [game.refresh(token, after=after) for after in (0, 60, 61)]
    assert [answer.header("age") for answer in answers] == [None, "60", None]
    assert [answer.status for answer in answers] == [200, 200, 400]


def test_a_late_replica_lets_through_what_it_has_not_seen_born() -> None:
    """An access token that was issued before the fault began is known everywhere."""
    game = _faulty("accept_late", view="resource", seconds_=5)
    assert game.call(game.login()["access_token"]).status == 200
    assert game.call("garbage-token-0123456789").status == 401
    assert game.last.cause is Cause.UNKNOWN_ACCESS_TOKEN


def test_a_vendor_without_faults_is_its_provider() -> None:
    game = play(well_behaved(GENERIC))
    request = WireRequest(method="GET", url=game.url("metadata"))
    assert game.handler(request, at(0)).document == GENERIC.metadata


# The smallest client that survives all five: it repeats a refresh after trouble, with the newest refresh token it has.
def _patient(game: Play, refreshes: int) -> list[int]:
    """Refresh so many times, each with as many attempts as it needs; returns the attempts each took."""
    held, attempts, now = game.login(), [], 0.0
    for _ in range(refreshes):
        now += 3600
        document: dict[str, Any] = {}
        attempts.append(0)
        while not document.get("access_token"):
            attempts[-1] += 1
            now += 60
            answer = game.refresh(held["refresh_token"], after=now)
            lost = answer.drop is not None or not isinstance(answer.document, dict)
            document = {} if lost else answer.document
        held = held | {name: value for name, value in document.items() if value}
        assert game.call(held["access_token"], after=now).status == 200
    return attempts


ATTEMPTS = {
    "lost-response": [2, 2, 2, 2],
    "error-with-200": [2, 2, 2, 2],
    "maintenance-page": [2, 2, 2, 2],
    "null-refresh-token": [1, 1, 1, 1],
    "retry-after": [2, 2, 2, 2],
}


def test_there_are_five_misbehaving_vendors() -> None:
    assert {vendor.name for vendor in MISBEHAVING} == set(ATTEMPTS)
    assert len({vendor.title for vendor in MISBEHAVING}) == 5


@pytest.mark.parametrize("vendor", MISBEHAVING, ids=lambda vendor: vendor.name)
def test_a_patient_client_survives_a_misbehaving_vendor(vendor: Vendor) -> None:
    assert _patient(play(vendor), 4) == ATTEMPTS[vendor.name]


@pytest.mark.parametrize("vendor", MISBEHAVING, ids=lambda vendor: vendor.name)
def test_the_first_refreshes_of_a_misbehaving_vendor_show_its_pattern(vendor: Vendor) -> None:
    game = play(vendor)
    held = game.login()["refresh_token"]
    seen = []
    for number in range(6):
        answer = game.refresh(held, after=60 * number)
        document = answer.document if isinstance(answer.document, dict) else {}
        seen.append(_shown(answer, document))
        if answer.drop is None:
            held = document.get("refresh_token") or held
    assert seen == PATTERNS[vendor.name]


def _shown(answer: WireResponse, document: dict[str, Any]) -> str:
    if answer.drop is not None:
        return "lost"
    if answer.status != 200:
        return f"{answer.status} {answer.header('retry-after')}"
    if "access_token" not in document:
        return str(document.get("error", "page"))
    return "pair" if document.get("refresh_token") else repr(document.get("refresh_token", "omitted"))


PATTERNS = {
    "lost-response": ["lost", "pair"] * 3,
    "error-with-200": ["temporarily_unavailable", "pair"] * 3,
    "maintenance-page": ["page", "pair"] * 3,
    "null-refresh-token": ["None", "''", "'omitted'"] * 2,
    "retry-after": ["429 30", "pair", "503 Sun, 17 Mar 2030 17:49:10 GMT", "pair", "429 30", "pair"],
}
