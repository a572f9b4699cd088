"""The console in HTML without a socket: who may see it, what each form does, and that it tells no secret."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys

import pytest

from kit.console import ORIGIN, Page, Person
from kit.serving import FORM, TOKEN, log_in, options
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.serving.announcement import announcement
from refreshproof.mock_servers.serving.console.desk import NEWEST
from refreshproof.mock_servers.serving.control.operations import OPERATIONS
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.wire import DAY, HOUR, SECOND, WireRequest

AT = "/console/generic"


@pytest.fixture
def person() -> Person:
    one = Person("generic", "atlassian")
    one.log_in()
    return one


def _application(person: Person, client_id: str = CLIENT_ID) -> Application:
    return person.vendors["generic"].provider.state.applications[client_id]


# Who may see it.


def test_whoever_has_not_logged_in_sees_the_login_page_and_can_do_nothing() -> None:
    stranger = Person("generic")
    for path in ("/console", AT, f"{AT}?fault=drop"):
        stranger.open(path)
        assert [form.action for form in stranger.page.forms] == ["/console"]
    response = stranger.send("POST", f"{AT}/reset", b"", FORM, ("Origin", ORIGIN))
    assert (response.status, response.header("location")) == (303, "/console")
    stranger.cookie = "refreshproof-console-8009=guessed"
    assert stranger.send("GET", AT).status == 303


def test_the_token_opens_it_and_another_does_not() -> None:
    person = Person("generic")
    for wrong in (TOKEN[:-1], "", "é"):
        assert person.log_in(wrong).status == 403
        assert 'role="alert"' in person.html
        assert person.cookie == ""
    assert person.log_in(f" {TOKEN} ").status == 200
    assert person.form("advance_clock")


def test_the_cookie_is_no_token_is_out_of_reach_of_scripts_and_goes_to_the_console_alone() -> None:
    person = Person("generic")
    person.open("/console")
    response = person.send("POST", "/console", f"token={TOKEN}".encode(), FORM, ("Origin", ORIGIN))
    cookie = response.header("set-cookie") or ""
    assert TOKEN not in cookie
    assert cookie.endswith("; Path=/console; HttpOnly; SameSite=Lax")
    assert cookie.startswith("refreshproof-console-8009=")


def test_an_address_that_only_begins_like_the_consoles_is_the_control_apis(person: Person) -> None:
    assert person.send("GET", "/consolegeneric").status == 401


def test_logging_out_ends_it(person: Person) -> None:
    assert "Log out" in person.page.text
    person.send("POST", "/console", b"leave=yes", FORM, ("Origin", ORIGIN))
    assert person.send("GET", AT).status == 303


@pytest.mark.parametrize("origin", [None, "null", "http://127.0.0.1:8001", "https://evil.example"])
def test_a_form_of_another_page_is_refused_although_the_browser_sends_the_cookie(
    person: Person, origin: str | None
) -> None:
    headers = (FORM,) if origin is None else (FORM, ("Origin", origin))
    response = person.send("POST", f"{AT}/advance_clock", b"seconds=60", *headers)
    assert response.status == 403
    assert person.clock.now() == VIRTUAL_START


def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(person: Person) -> None:
    request = WireRequest(method="GET", url=f"http://rebound.example:8009{AT}", headers=(("Cookie", person.cookie),))
    assert person.control.answer(request).status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/console/none"), ("POST", f"{AT}/none"), ("POST", f"{AT}/read_ledger"), ("GET", f"{AT}/reset"),
     ("PUT", AT), ("POST", AT)],
)  # fmt: skip
def test_there_is_nothing_else_there(person: Person, method: str, path: str) -> None:
    assert person.send(method, path, b"", FORM, ("Origin", ORIGIN)).status == 404


# What can be done.


FOR_TEST_PROCESSES = {"make_provider", "end_provider", "set_own_clock", "advance_own_clock"}
"""What those call who share a server, each for a provider that is theirs alone."""


def test_every_operation_that_changes_something_has_a_form() -> None:
    person = Person("generic", https=True)
    person.log_in()
    log_in(person.vendors["generic"])
    person.vendors["generic"].provider.change_password("alice")
    person.submit("keep_snapshot")
    person.open(f"{AT}?fault=drop")
    forms = {form.action.removeprefix(f"{AT}/") for form in person.page.forms}
    assert {one.name for one in OPERATIONS if one.method != "GET"} - forms == FOR_TEST_PROCESSES


@pytest.mark.parametrize(
    ("held", "changes", "passed"),
    [
        ({"seconds": "3600"}, {}, HOUR),
        ({"seconds": "86400"}, {}, DAY),
        ({"seconds": "2592000"}, {}, 30 * DAY),
        ({"seconds": ""}, {"seconds": "1.5"}, 3 * SECOND // 2),
    ],
)
def test_the_clock_is_advanced(person: Person, held: dict[str, str], changes: dict[str, str], passed: int) -> None:
    response = person.submit("advance_clock", held, **changes)
    assert response.status == 200
    assert person.clock.now() == VIRTUAL_START + passed


def test_the_clock_is_set_and_shown(person: Person) -> None:
    person.submit("set_clock", date="2040-01-01T12:00:00Z")
    assert "2040-01-01 12:00:00" in person.page.text


@pytest.mark.parametrize(("seconds", "status"), [("-1", 422), ("soon", 422), ("1e400", 422)])
def test_what_is_refused_is_explained_and_changes_nothing(person: Person, seconds: str, status: int) -> None:
    response = person.submit("advance_clock", {"seconds": ""}, seconds=seconds)
    assert response.status == status
    assert re.search(r'role="alert">Refused: seconds', person.html)
    assert person.clock.now() == VIRTUAL_START


def test_after_a_form_the_browser_is_sent_back_to_where_it_stood(person: Person) -> None:
    response = person.send("POST", f"{AT}/advance_clock", b"seconds=60&section=time", FORM, ("Origin", ORIGIN))
    assert (response.status, response.header("location")) == (303, f"{AT}#time")
    response = person.send("POST", f"{AT}/advance_clock", b"seconds=60&section=//x", FORM, ("Origin", ORIGIN))
    assert response.header("location") == AT


def test_a_new_secret_is_shown_once_and_only_it_works(person: Person) -> None:
    token = log_in(person.vendors["generic"])["refresh_token"]
    person.submit("rotate_secret", {"client_id": CLIENT_ID})
    secret = _application(person).client_secret or ""
    assert secret != CLIENT_SECRET
    assert secret in person.page.text
    assert person.refresh("generic", token).status == 401
    person.open(AT)
    assert secret not in person.html


def test_an_application_is_changed(person: Person) -> None:
    person.submit(
        "update_application",
        {"client_id": CLIENT_ID},
        name="Mine",
        redirect_uris="https://a.example/\r\nhttps://b.example/",
        scopes="read",
        status="testing",
        refusal="secret_expired",
        shared="false",
    )
    app = _application(person)
    assert (app.name, app.redirect_uris, app.scopes) == (
        "Mine", ("https://a.example/", "https://b.example/"), frozenset({"read"})
    )  # fmt: skip
    assert (app.status, app.refusal, app.shared, app.any_loopback) == ("testing", Cause.SECRET_EXPIRED, False, True)
    assert "not shared: alice only" in person.page.text


def test_a_change_form_that_nobody_touched_changes_nothing(person: Person) -> None:
    before = _application(person)
    person.submit("update_application", {"client_id": CLIENT_ID})
    assert _application(person).updated_at == VIRTUAL_START
    assert {**vars(_application(person)), "updated_at": 0} == vars(before)


def test_an_application_is_created_with_a_secret_that_is_shown_once_and_is_deleted(person: Person) -> None:
    person.submit("create_application", name="Incidents", owner="bob")
    app = next(one for one in person.vendors["generic"].provider.state.applications.values() if one.name == "Incidents")
    assert app.client_secret
    assert app.client_secret in person.page.text
    assert (app.owner, app.shared, app.scopes) == ("bob", False, frozenset())
    person.open(AT)
    person.submit("delete_application", {"client_id": app.client_id})
    assert app.client_id not in person.page.text


def test_an_application_is_registered_as_the_client_knows_it(person: Person) -> None:
    person.submit("register_application", client_id="mine", client_secret="s3cret-of-mine", redirect_uris="https://x/")
    app = _application(person, "mine")
    assert (app.client_secret, app.redirect_uris, app.scopes) == ("s3cret-of-mine", ("https://x/",), None)
    assert "s3cret-of-mine" not in person.html


def test_a_refusal_of_the_vendors_console_is_shown() -> None:
    person = Person("atlassian")
    person.log_in()
    log_in(person.vendors["atlassian"])
    assert person.submit("delete_application", {"client_id": CLIENT_ID}).status == 422
    assert "installed by alice" in person.page.text


def test_a_revoked_grant_ends_the_client_and_the_journal_says_why(person: Person) -> None:
    token = log_in(person.vendors["generic"])["refresh_token"]
    person.open(AT)
    person.submit("withdraw", {"account": "alice"})
    assert "withdraw" not in "".join(form.action for form in person.page.forms)
    assert person.refresh("generic", token).status == 400
    person.open(AT)
    newest = person.page.text.partition("Journal")[2]
    assert "refresh token revoked" in newest[: newest.index("200")]


def test_a_password_is_changed_and_changed_back(person: Person) -> None:
    accounts = person.vendors["generic"].provider.state.accounts
    person.submit("password", {"account": "alice", "action": "change"})
    assert accounts["alice"].password_version == 1
    person.submit("password", {"account": "alice", "action": "restore"})
    assert accounts["alice"].password_version == 0


def test_a_policy_refuses_a_user_until_it_is_lifted(person: Person) -> None:
    token = log_in(person.vendors["generic"])["refresh_token"]
    person.submit("policy", {"account": "alice"}, refusal="admin_policy")
    assert person.refresh("generic", token).status == 400
    person.submit("policy", {"account": "alice"}, refusal="")
    assert person.refresh("generic", token).status == 200


def test_a_fault_is_chosen_then_given_its_parameters_and_strikes(person: Person) -> None:
    token = log_in(person.vendors["generic"])["refresh_token"]
    person.open(f"{AT}?fault=status")
    assert "Answer a status without acting" in person.page.text
    form = {"parameters.code": "503", "parameters.retry_after": "30", "times": "2"}
    person.submit("queue_fault", {"fault": "status"}, **form)
    assert "code=503" in person.page.text
    assert person.refresh("generic", token).header("retry-after") == "30"
    person.open(AT)
    assert "1 of 2 strikes" in person.page.text
    person.submit("clear_faults")
    assert person.refresh("generic", token).status == 200


def test_a_fault_whose_parameters_are_wrong_is_offered_again(person: Person) -> None:
    person.open(f"{AT}?fault=status")
    assert person.submit("queue_fault", {"fault": "status"}, **{"parameters.code": "x"}).status == 422
    assert "Refused: fault 'status': code" in person.page.text
    assert person.form("queue_fault", fault="status")


def test_every_fault_has_a_form_of_its_own(person: Person) -> None:
    names = {value for tag, given in person.page.tags if tag == "option" for value in [given["value"]]}
    for kind in person.control.carry_out(next(one for one in OPERATIONS if one.name == "list_fault_kinds"), {}, {}):
        assert kind["fault"] in names
        person.open(f"{AT}?fault={kind['fault']}")
        fields = dict(person.form("queue_fault", fault=kind["fault"]).fields)
        assert {f"parameters.{name}" for name in kind["parameters"]["properties"]} <= fields.keys()


def test_handshakes_are_broken_where_there_are_any(person: Person) -> None:
    assert not [form for form in person.page.forms if form.action.endswith("/break_handshakes")]
    secure = Person("generic", https=True)
    secure.log_in()
    secure.submit("break_handshakes", fail="2")
    assert secure.vendors["generic"].broken_handshakes == 2


def test_the_next_answer_is_queued_a_user_added_and_one_logged_out(person: Person) -> None:
    person.submit("decide", account="bob", answer="deny", scopes="*")
    provider = person.vendors["generic"].provider
    assert provider.user.waiting
    person.submit("clear_decisions")
    assert not provider.user.waiting
    person.submit("register_account", name="carol", permissions="admin")
    assert provider.state.accounts["carol"].permissions == {"admin"}
    person.submit("sign_out")
    assert not provider.state.signed_in


def test_a_provider_is_put_back_as_it_stood(person: Person) -> None:
    person.submit("keep_snapshot")
    token = log_in(person.vendors["generic"])["refresh_token"]
    person.submit("advance_clock", {"seconds": "3600"})
    person.submit("restore_snapshot", {"snapshot": "1"})
    assert person.clock.now() == VIRTUAL_START
    assert person.refresh("generic", token).status == 400


def test_a_provider_is_begun_anew_or_every_one(person: Person) -> None:
    for name in ("generic", "atlassian"):
        log_in(person.vendors[name])
    person.submit("reset")
    left = {name: len(one.provider.state.families) for name, one in person.vendors.items()}
    assert left == {"generic": 0, "atlassian": 1}
    person.submit("reset_all")
    assert not person.vendors["atlassian"].provider.state.families


# What is shown.


def test_the_newest_requests_come_first_and_only_so_many() -> None:
    person = Person("generic")
    one = person.vendors["generic"]
    token = log_in(one)["refresh_token"]
    for _ in range(NEWEST):
        person.refresh("generic", token)
    person.refresh("generic", "an-unknown-refresh-token")
    person.log_in()
    numbers = [int(given["id"][9:]) for tag, given in person.page.tags if given.get("id", "").startswith("exchange-")]
    assert numbers == list(range(one.journal.count - 1, one.journal.count - 1 - NEWEST, -1))
    assert person.page.text.partition("Ledger: ")[2].split("400 ")[1].startswith("unknown refresh token")


@pytest.mark.parametrize("name", ["google", "microsoft", "atlassian"])
def test_no_page_tells_a_secret_or_a_token(name: str) -> None:
    person = Person(name)
    tokens = log_in(person.vendors[name])
    person.refresh(name, tokens.get("refresh_token", "unknown-refresh-token"))
    person.log_in()
    vault = person.vendors[name].provider.vault
    assert "RT1" in person.page.text
    assert vault.leaks(person.html) == []
    assert TOKEN not in person.html
    assert CLIENT_SECRET not in person.html


def test_what_clients_and_owners_write_is_shown_and_never_run(person: Person) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    person.submit("create_application", name=evil, owner=evil)
    person.open(AT)
    person.submit("register_account", name=evil)
    person.vendors["generic"].handle(
        WireRequest(method="GET", url=f"http://127.0.0.1:8001/{evil}", headers=(("X", evil),)), VIRTUAL_START
    )
    person.submit("advance_clock", {"seconds": ""}, seconds=evil)
    person.open(AT)
    assert evil in person.page.text
    assert "<img" not in person.html


def test_pages_load_nothing_run_only_their_own_script_and_can_be_framed_by_nobody(person: Person) -> None:
    policy = person.response.header("content-security-policy") or ""
    scripts = re.findall(r"<script>(.*?)</script>", person.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1
    assert f"script-src 'sha256-{digest}';" in policy
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "connect-src 'self'"):
        assert rule in policy
    assert not [
        given for _, given in person.page.tags if "src" in given or any(name.startswith("on") for name in given)
    ]
    assert "no-store" in (person.response.header("cache-control") or "")


def test_every_field_has_a_label_every_id_is_unique_and_every_button_says_what_it_is_for(person: Person) -> None:
    log_in(person.vendors["generic"])
    person.open(f"{AT}?fault=status")
    tags = person.page.tags
    ids = [given["id"] for _, given in tags if "id" in given]
    assert len(ids) == len(set(ids))
    labelled = {given["for"] for tag, given in tags if tag == "label" and "for" in given}
    fields = [
        given for tag, given in tags
        if tag in ("select", "textarea") or (tag == "input" and given.get("type") not in ("hidden", "checkbox"))
    ]  # fmt: skip
    assert {given.get("id") for given in fields} == labelled
    for name in ("aria-describedby", "aria-labelledby", "list"):
        assert {given[name] for _, given in tags if name in given} <= set(ids)
    assert len(re.findall(r"<label[^>]*><input type=\"checkbox\"", person.html)) == len(
        [1 for _, given in tags if given.get("type") == "checkbox"]
    )
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", person.html, re.DOTALL)
    assert all(Page(button).text.strip() for button in buttons)
    assert len(re.findall("<h1>", person.html)) == 1


def test_each_provider_has_a_page_and_a_link_to_it(person: Person) -> None:
    links = {given["href"]: "aria-current" in given for tag, given in person.page.tags if tag == "a"}
    assert links["/console/generic"]
    assert not links["/console/atlassian"]
    person.open("/console/atlassian")
    assert "Atlassian Cloud" in person.page.text.partition("Clock")[0]


# How one comes to it.


def test_the_address_is_printed_with_the_token_where_no_server_sees_it() -> None:
    person, chosen = Person("generic"), options("generic")
    text = announcement(chosen, tuple(person.vendors.values()), control=ORIGIN, token=TOKEN, ca_file=None)
    assert f"console  {ORIGIN}/console#{TOKEN}\n" in text


def test_a_server_that_nobody_looks_at_imports_no_templates() -> None:
    program = "import sys; from refreshproof.mock_servers.serving import server; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "refreshproof.mock_servers.serving.server" in loaded
    assert not loaded & {"jinja2", "refreshproof.mock_servers.serving.console.desk"}
