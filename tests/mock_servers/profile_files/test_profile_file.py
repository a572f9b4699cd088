"""Profile files: a vendor of one's own as TOML, what is said of a wrong one, and the built-in vendors as such files."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kit.provider import Bench
from refreshproof.mock_servers.dates import instant_of
from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.profile.causes import STANDARD_ERRORS, Cause
from refreshproof.mock_servers.profile.view_options import OPTIONS
from refreshproof.mock_servers.profile_files.file import LARGEST_FILE, ProfileFileError, read_vendor
from refreshproof.mock_servers.profile_files.schema import schema
from refreshproof.mock_servers.profile_files.text import text_of
from refreshproof.mock_servers.provider.views import VIEWS
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.vendor import Vendor

HEAD = 'name = "mine"\ntitle = "My vendor"\n'
LIKE_ATLASSIAN = f'extends = "atlassian"\n{HEAD}'
OWN = f"""{HEAD}
issuer = "https://sso.example.org"
scopes = ["read"]
[[endpoints]]
view = "authorization"
url = "https://sso.example.org/authorize"
[[endpoints]]
view = "token"
url = "https://sso.example.org/token"
methods = ["POST"]
[[endpoints]]
view = "resource"
url = "https://api.example.org/things/{{id}}"
options = {{scopes = ["read"], document = {{things = [1, 2]}}}}
"""


def read(tmp_path: Path, text: str) -> Vendor:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_vendor(path)


@pytest.mark.parametrize("name", VENDORS)
def test_a_built_in_vendor_written_as_a_file_reads_as_the_same_vendor(name: str, tmp_path: Path) -> None:
    assert read(tmp_path, text_of(VENDORS[name])) == VENDORS[name]


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_written_as_a_file_shows_the_source_of_every_field_that_has_one(name: str) -> None:
    text, profile = text_of(VENDORS[name]), VENDORS[name].profile
    missing = {
        dotted for dotted, source in profile.sources.items()
        if "." not in dotted and dotted and hasattr(profile, dotted) and f"# {source.where} (" not in text
    }  # fmt: skip
    assert missing == set()


def test_a_file_that_says_nothing_more_is_the_vendor_it_extends_under_its_own_name(tmp_path: Path) -> None:
    vendor = read(tmp_path, LIKE_ATLASSIAN)
    assert (vendor.name, vendor.title) == ("mine", "My vendor")
    assert vendor.profile == replace(ATLASSIAN, name="mine", title="My vendor")


def test_a_file_needs_no_vendor_to_extend(tmp_path: Path) -> None:
    vendor = read(tmp_path, OWN)
    bench = Bench(vendor.profile)
    token = bench.login()
    assert bench.refresh(token["refresh_token"]).status == 200
    things = bench.get("https://api.example.org/things/7", token["access_token"])
    assert things.document == {"things": [1, 2]}


def test_a_table_is_laid_over_and_any_other_value_takes_the_place_of_the_one_there_was(tmp_path: Path) -> None:
    text = f"""{LIKE_ATLASSIAN}
scopes = ["offline_access"]
[refresh]
window = 3
inactivity_ttl = "@none"
[authorization.required]
audience = "@none"
prompt = "login"
[errors.refresh_token_reused]
status = 400
[errors.unknown_token]
status = 404
"""
    profile = read(tmp_path, text).profile
    assert profile.scopes == ("offline_access",)
    assert profile.refresh == replace(ATLASSIAN.refresh, window=3, inactivity_ttl=None)
    required = {name: value for name, value in ATLASSIAN.authorization.required.items() if name != "audience"}
    assert profile.authorization.required == required | {"prompt": "login"}
    assert profile.errors[Cause.REFRESH_TOKEN_REUSED] == replace(
        ATLASSIAN.errors[Cause.REFRESH_TOKEN_REUSED], status=400
    )
    assert profile.errors[Cause.UNKNOWN_TOKEN] == replace(STANDARD_ERRORS[Cause.UNKNOWN_TOKEN], status=404)
    assert set(profile.errors) == {*ATLASSIAN.errors, Cause.UNKNOWN_TOKEN}


def test_a_vendor_that_extends_one_with_known_scopes_knows_its_own_as_well(tmp_path: Path) -> None:
    profile = read(tmp_path, f'{LIKE_ATLASSIAN}\nscopes = ["things:read"]\n').profile
    assert Bench(profile).login(scope="things:read read:me")["scope"] == "things:read read:me"


def test_a_file_says_when_a_refresh_token_is_spent_and_which_scopes_there_are(tmp_path: Path) -> None:
    text = f"""{LIKE_ATLASSIAN}
[refresh]
spent_before = "scope"
[authorization]
known_scopes = ["things:*"]
pkce = "refused"
"""
    profile = read(tmp_path, text).profile
    assert (profile.refresh.spent_before, profile.authorization.pkce) == ("scope", "refused")
    assert profile.authorization.known_scopes == ("things:*",)


def test_a_file_says_what_a_revocation_ends_and_what_the_scope_of_a_refresh_does(tmp_path: Path) -> None:
    text = f"""{LIKE_ATLASSIAN}
[refresh]
rotation = "once_per_login"
inactivity_from = "issue"
tells_on_replay = "whole_life"
rotation_scope = "offline_access"
of_any_client = true
[token_request]
scope_on_refresh = "narrows_for_good"
wider_scope = "cut"
blank_scope = "empty"
repeated_parameters = "tolerated"
basic_encoding = "percent_encoded"
[revocation]
refresh_token_ends = "refresh_tokens"
hint = "obeyed"
other_clients_tokens = "ignored"
[lifetimes]
refreshed_access_token = 60
[issuance]
used_code = "refused"
[errors.missing_grant_type]
status = 400
text = "No grant."
[errors.wrong_secret]
status_by_post = 400
"""
    vendor = read(tmp_path, text)
    profile = vendor.profile
    assert (profile.refresh.rotates, profile.refresh.renews_again) == (False, False)
    assert (profile.revocation.hint, profile.revocation.superseded_ends) == ("obeyed", "family")
    assert profile.reply(Cause.MISSING_GRANT_TYPE).text == "No grant."
    assert read(tmp_path, text_of(vendor)) == vendor


def test_a_refusal_that_is_not_set_apart_is_answered_like_its_kind(tmp_path: Path) -> None:
    text = f"{LIKE_ATLASSIAN}\n[errors.missing_parameter]\nstatus = 422\n"
    profile = read(tmp_path, text).profile
    assert {profile.reply(one).status for one in (Cause.MISSING_REFRESH_TOKEN, Cause.MISSING_GRANT_TYPE)} == {422}


def test_a_source_goes_with_the_value_it_was_for(tmp_path: Path) -> None:
    text = f"""{LIKE_ATLASSIAN}
[refresh]
window = 3
on_breach = "nothing"
[sources."refresh.window"]
where = "our wiki"
seen = "2026-11-22"
"""
    sources = read(tmp_path, text).profile.sources
    assert sources["refresh.window"].where == "our wiki"
    assert "refresh.on_breach" not in sources
    assert sources["refresh.rotation"] == ATLASSIAN.sources["refresh.rotation"]


def test_faults_are_inherited_unless_the_file_has_its_own(tmp_path: Path) -> None:
    like = f'extends = "lost-response"\n{HEAD}'
    assert read(tmp_path, like).faults == VENDORS["lost-response"].faults
    assert read(tmp_path, f"{like}faults = []").faults == ()
    own = (
        f'{like}[[faults]]\nfault = "member"\nparameters = {{name = "scope", value = "@none"}}\ngrant_type = "@none"\n'
    )
    assert read(tmp_path, own).faults == (
        FaultSpec(fault="member", parameters={"name": "scope", "value": None}, grant_type=None),
    )


def test_an_endpoint_can_have_other_rules_than_the_rest(tmp_path: Path) -> None:
    text = (
        OWN
        + '[[endpoints]]\nview = "token"\nurl = "https://sso.example.org/v1"\noverrides.lifetimes.access_token = 5\n'
    )
    profile = read(tmp_path, text).profile
    assert profile.at(profile.endpoints[-1]).lifetimes.access_token == 5
    assert profile.lifetimes.access_token == 3600


def test_a_vendor_from_a_file_can_be_sent_to_another_process(tmp_path: Path) -> None:
    vendor = read(tmp_path, text_of(VENDORS["microsoft"]).replace('name = "microsoft"', 'name = "mine"'))
    assert pickle.loads(pickle.dumps(vendor)) == vendor  # noqa: S301 - our own bytes


WRONG = [
    ("", "name: missing; expected a string matching ^[a-z0-9][a-z0-9-]*$"),
    (HEAD, "endpoints: missing; expected an array"),
    (HEAD + "issuer", "not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
    (HEAD + "a = ?", "not TOML: Invalid value (at line 3, column 5)"),
    ('name = "../x"\ntitle = "x"', 'name: found "../x" (string); expected a string matching'),
    ('extends = "atlasian"\n' + HEAD, 'extends: found "atlasian" (string); did you mean atlassian'),
    (LIKE_ATLASSIAN + "[refrsh]", "refrsh: unknown key; did you mean refresh"),
    (LIKE_ATLASSIAN + "refresh.windw = 1", "refresh.windw: unknown key; did you mean window? Allowed: rotation, "),
    (
        LIKE_ATLASSIAN + 'refresh.window = "3"',
        'refresh.window: found "3" (string); expected an integer at least 0 or "@none"',
    ),
    (LIKE_ATLASSIAN + "refresh.window = 0.5", "refresh.window: found 0.5 (number); expected an integer at least 0"),
    (LIKE_ATLASSIAN + "refresh.window = -1", "refresh.window: found -1 (integer); expected an integer at least 0"),
    (LIKE_ATLASSIAN + "refresh.window = true", "refresh.window: found true (boolean); expected an integer"),
    (LIKE_ATLASSIAN + "refresh = 1", "refresh: found 1 (integer); expected a table"),
    (
        LIKE_ATLASSIAN + 'refresh.rotation = "alway"',
        "did you mean always? Allowed: never, always, sometimes, near_expiry",
    ),
    (LIKE_ATLASSIAN + 'refresh.spent_before = "end"', 'refresh.spent_before: found "end" (string); Allowed: answer, '),
    (
        LIKE_ATLASSIAN + 'refresh.inactivity_from = "login"',
        'refresh.inactivity_from: found "login" (string); Allowed: use, issue',
    ),
    (
        LIKE_ATLASSIAN + 'revocation.hint = "obey"',
        'revocation.hint: found "obey" (string); did you mean obeyed? Allowed: ignored, obeyed, ',
    ),
    (
        LIKE_ATLASSIAN + 'token_request.without_grant_type = "client_credentials"',
        'without_grant_type: found "client_credentials" (string); allowed are its grants, authorization_code',
    ),
    (LIKE_ATLASSIAN + 'refresh.rotation = "@none"', 'refresh.rotation: found "@none" (string); Allowed: never, '),
    (
        LIKE_ATLASSIAN + "refresh.cap_per_user = 0",
        "refresh.cap_per_user: found 0 (integer); expected an integer at least 1",
    ),
    (LIKE_ATLASSIAN + "errors.reused.status = 400", "errors.reused: unknown key; "),
    (
        LIKE_ATLASSIAN + "errors.used_code.status = 99",
        "errors.used_code.status: found 99 (integer); expected an integer at least 200 and at most 599",
    ),
    (
        LIKE_ATLASSIAN + 'response.members = ["acess_token"]',
        'response.members[0]: found "acess_token" (string); did you mean',
    ),
    (LIKE_ATLASSIAN + 'response.headers = [["a"]]', "response.headers[0]: found an array of 1"),
    (LIKE_ATLASSIAN + "device.interval = 3", "device.address: missing"),
    (
        LIKE_ATLASSIAN + "lifetimes.access_token = 5\nlifetimes.access_token_longest = 4",
        "lifetimes.access_token_longest: found 4, below access_token = 5",
    ),
    (LIKE_ATLASSIAN + 'issuer = "example.org"', 'issuer: found "example.org" (string); expected an absolute URL'),
    (LIKE_ATLASSIAN + "seen = 2026-11-22", 'seen: found "2026-11-22" (date); write it as a string'),
    (LIKE_ATLASSIAN + "refresh.window = inf", "refresh.window: found Infinity (number); write it"),
    (LIKE_ATLASSIAN + 'sources."refresh.window".where = 1', 'sources."refresh.window".where: found 1 (integer)'),
    (
        LIKE_ATLASSIAN + "[id_token]\nlifetime = 60",
        "response.members: id_token is missing, without which the table id_token brings none",
    ),
    (
        LIKE_ATLASSIAN + "endpoints = []",
        'endpoints: none has view = "authorization"; a vendor needs authorization, token, ',
    ),
    (
        OWN.replace("{scopes", "{scops"),
        "endpoints[2].options.scops: unknown key; did you mean scopes? Allowed: scopes, document, identity",
    ),
    (
        OWN.replace('"resource"', '"resorce"'),
        'endpoints[2].view: found "resorce" (string); did you mean resource? Allowed: ',
    ),
    (OWN.replace('view = "resource"', "view = 3"), "endpoints[2].view: found 3 (integer); expected"),
    (OWN.replace('view = "resource"', ""), "endpoints[2].view: missing"),
    (
        OWN.replace('"https://api', '"//api'),
        'endpoints[2].url: found "//api.example.org/things/{id}" (string); expected',
    ),
    (OWN.replace("{id}", "{id}/{id}"), "endpoints[2].url: found "),
    (
        OWN + '[[endpoints]]\nview = "page"\nurl = "https://a.example/"',
        "endpoints[3].options: missing; expected a table",
    ),
    (
        OWN + '[[endpoints]]\nview = "device_verification"\nurl = "https://a.example/"',
        "device: missing; an endpoint of the",
    ),
    (
        OWN + '[[faults]]\nfault = "dorp"',
        'faults[0].fault: found "dorp" (string); did you mean drop or drip? Allowed: accept_late, ',
    ),
    (OWN + '[[faults]]\nfault = "drop"\nparameters.when = 1', "faults[0].parameters.when: unknown key; "),
    (
        OWN + '[[faults]]\nfault = "drop"\nparameters.how = "hangs"',
        "did you mean hang? Allowed: refused, before_headers",
    ),
    (OWN + '[[faults]]\nfault = "busy"', "faults[0].parameters: missing; expected a table"),
    (
        OWN + '[[faults]]\nfault = "html"\nevery = 0',
        "faults[0].every: found 0 (integer); expected an integer at least 1",
    ),
    (OWN + '[[faults]]\nfault = "html"\nview = "tokn"', 'faults[0].view: found "tokn" (string); did you mean token'),
    ("a = " + "[" * 900 + "]" * 900, "nested deeper than 16"),
    (".".join("a" * 900) + " = 1", "a.a.a: nested deeper than 16"),
    ("a." * 2_000 + "a = 1", "line 1 has 4005 bytes; at most 2000 are read"),
    ("#\n" * LARGEST_FILE, f"found more than {LARGEST_FILE} bytes; at most {LARGEST_FILE} are read"),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_told_where_it_is_wrong_what_was_found_and_what_is_allowed(
    text: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ProfileFileError, match=f"mine.toml: .*{re.escape(complaint)}"):
        read(tmp_path, text)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ProfileFileError) as refused:
        read(tmp_path, LIKE_ATLASSIAN + "a = 1\nrefresh.window = -1\nresponse.scope = 2\n")
    keys = [line.split(": ")[1] for line in str(refused.value).splitlines()]
    assert keys == ["a", "refresh.window", "response.scope"]


@pytest.mark.parametrize(("data", "complaint"), [(b"\xff", "not UTF-8 at byte 0"), (None, "No such file or directory")])
def test_a_file_that_cannot_be_read_is_named(data: bytes | None, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ProfileFileError, match=f"^{re.escape(str(path))}: {complaint}"):
        read_vendor(path)


def test_the_schema_is_one_of_draft_2020_12() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(dict(schema()))


def test_the_schema_knows_every_view_and_every_fault_with_its_parameters() -> None:
    branches: dict[str, Any] = {
        name: schema()["properties"][name]["items"]["properties"] for name in ("endpoints", "faults")
    }
    assert branches["endpoints"]["view"]["enum"] == list(VIEWS)
    assert branches["faults"]["fault"]["enum"] == list(FAULTS)
    assert schema()["$defs"]["parameters_of_drop"]["required"] == ["how"]


def test_the_options_of_every_view_are_known() -> None:
    assert list(OPTIONS) == list(VIEWS)


ANNOUNCED = """
[[announced]]
effective = "2027-04-01"
what = "A window of a minute."
source = {where = "https://example.org/news", seen = "2026-11-30"}
fields = {"refresh.window" = 60, lifetimes = {access_token = 300}}
"""
LIKE_GENERIC = f'extends = "generic"\n{HEAD}'


def test_a_file_announces_changes_and_the_vendor_has_them_on_their_day(tmp_path: Path) -> None:
    vendor = read(tmp_path, LIKE_GENERIC + ANNOUNCED)
    assert vendor.at(instant_of("2027-03-31")).profile.refresh.window == 0
    met = vendor.at(instant_of("2027-04-01")).profile
    assert (met.refresh.window, met.lifetimes.access_token) == (60, 300)
    assert read(tmp_path, text_of(vendor)) == vendor


def test_what_a_file_says_of_a_field_its_vendors_announcements_do_not_change(tmp_path: Path) -> None:
    text = f'extends = "zendesk-endless"\n{HEAD}\n[lifetimes]\naccess_token = 900\n'
    after = read(tmp_path, text).future().profile
    assert (after.lifetimes.access_token, after.issuance.ever, after.title) == (900, True, "My vendor")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('"refresh.window"', '"refresh.windw"', "announced[0].fields: refresh.windw: no field 'windw'; allowed are"),
        ("= 60", '= "long"', 'announced[0].fields: refresh.window: found "long" (string); '),
        ('"refresh.window" = 60', '"name" = "other"', 'announced[0].fields."name": no vendor changes that'),
        ('"refresh.window" = 60', "scopes = 1", "announced[0].fields: scopes: found 1 (integer); "),
        ("2027-04-01", "soon", 'announced[0].effective: found "soon" (string); expected a day such as 2027-04-01'),
        ("2027-04-01", "2027-02-30", 'announced[0].effective: found "2027-02-30" (string); expected a day'),
        ("what =", "wat =", "announced[0].wat: unknown key; did you mean what?"),
        ("source =", "sauce =", "announced[0].source: missing"),
        ("300", "300, access_token_longest = 9", "announced[0].fields: lifetimes.access_token_longest: found 9, below"),
    ],
)
def test_a_wrong_announcement_is_named_with_what_is_allowed(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ProfileFileError) as refused:
        read(tmp_path, LIKE_GENERIC + ANNOUNCED.replace(right, wrong))
    assert told in str(refused.value)


def test_announcements_stand_in_the_order_of_their_days(tmp_path: Path) -> None:
    with pytest.raises(ProfileFileError, match=r"announced\[1\].effective: found .* expected 2027-04-01 or later"):
        read(tmp_path, LIKE_GENERIC + ANNOUNCED + ANNOUNCED.replace("2027-04-01", "20270331"))
