"""The command line: what it prints, what it writes, how it ends, and how it answers a mistake."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from refreshproof.harness.cli.command import COMMANDS, cli, main
from refreshproof.harness.run.telling.sources import in_words
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports import FORMATS, KILL_FORMATS, KillKind, kill_schema, kills_from_dict, schema
from refreshproof.scenarios.requirements import CATALOGUE

PLACE = '"provider": "generic", "requirement": "rotation-replace"'
QUICK = ("--provider", "atlassian", "--requirement", "rotation-replace", "--jobs", "1", "--seed", "7")


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command; returns exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_a_run_of_the_engine_is_as_expected_and_writes_the_usual_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "run", *QUICK, "--examples", "5", "--out", tmp_path / "report")
    assert code == 0
    begun, explored = err.splitlines()
    assert begun == "reference engine 0.1.0 at atlassian, seed 7"
    assert re.fullmatch(r"\d+ lives at atlassian explored; so far nothing found", explored)
    assert out.splitlines()[0] == "reference engine 0.1.0 at atlassian: 1 PASS"
    assert out.splitlines()[-1] == f"Report: {tmp_path / 'report' / 'index.html'} (5 files)"
    names = {one.filename for one in FORMATS.values() if one.by_default} | {"journal.jsonl"}
    assert {path.name for path in (tmp_path / "report").iterdir()} == names
    jsonschema.validate(json.loads((tmp_path / "report" / "results.json").read_text()), schema())


def test_a_run_of_a_miniature_fails_and_its_story_can_be_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "run", "miniature:rotation-replace", *QUICK, "--examples", "0", "--out", tmp_path)
    assert code == 1
    assert "FAIL" in out
    saved = tmp_path / "scenarios" / "rotation-replace--atlassian.json"
    code, out, err = call(capsys, "replay", saved)
    assert code == 1
    assert "played on miniature:rotation-replace" in out
    assert "rotation-replace at atlassian: violated (A1: a spent token or code is presented)" in out
    assert err == ""
    code, out, _ = call(capsys, "replay", saved, "--subject", "engine")
    assert code == 0
    assert "rotation-replace at atlassian: satisfied" in out


def test_a_replay_says_that_a_weaker_way_shows_again_and_ends_as_one_that_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "expiry-never-present-expired"
    options = ("-p", "generic", "-r", rule, "--jobs", "1", "--examples", "0", "--out", tmp_path)
    code, out, _ = call(capsys, "run", "kit.innocents_unusual:WaitsForRefusals", *options)
    assert (code, "1 WARN" in out) == (0, True)
    saved = tmp_path / "scenarios" / f"{rule}--generic.json"
    assert json.loads(saved.read_text())["shows"] == "alternative"
    code, out, _ = call(capsys, "replay", saved)
    assert code == 1
    assert f"{rule} at generic: the weaker way again, which is allowed and not the best. " in out
    code, out, _ = call(capsys, "replay", saved, "--subject", "engine")
    assert (code, f"{rule} at generic: satisfied" in out) == (0, True)
    document = {name: value for name, value in json.loads(saved.read_text()).items() if name != "shows"}
    saved.write_text(json.dumps(document))
    code, out, _ = call(capsys, "replay", saved)
    assert (code, "the violation no more, but a weaker way" in out) == (0, True)
    saved.write_text(json.dumps(document | {"shows": "nothing"}))
    code, _, err = call(capsys, "replay", saved)
    assert (code, "shows is 'nothing'; allowed: 'alternative', or nothing" in err) == (4, True)


def test_the_same_seed_gives_the_same_results_under_any_number_of_jobs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = []
    for jobs in ("1", "2"):
        folder = tmp_path / jobs
        chosen = ("--provider", "generic", "--provider", "atlassian", "--requirement", "rotation-replace")
        call(capsys, "run", "miniature:rotation-replace", *chosen, "--seed", "3", "--jobs", jobs, "--out", folder)
        found = json.loads((folder / "results.json").read_text())["results"]
        assert all(str(folder) in one.pop("replay") for one in found), "the command names the folder"
        results.append((found, (folder / "journal.jsonl").read_bytes()))
    assert results[0] == results[1]


def test_help_tells_of_every_command_what_the_command_says_of_itself() -> None:
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in COMMANDS}
    own = {name: "" if one is None else one.get_short_help_str(1_000) for name, one in found.items()}
    assert own == {name: summary for name, (_, summary) in COMMANDS.items()}


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "providers"], ["list", "faults"]])
def test_what_is_told_of_the_program_takes_no_import_of_what_plays(arguments: list[str]) -> None:
    """Everybody waits for it."""
    code = (
        "import sys; from refreshproof.harness.cli.command import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([one for one in sys.modules if one.startswith(('hypothesis', 'refreshproof.scenarios.play'))])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("run", "nobody"), 4, "there is no subject 'nobody'"),
        (("run", "miniature:rotation-replaced"), 4, "did you mean miniature:rotation-replace"),
        (("run", "json:nothing"), 4, "has no attribute 'nothing'"),
        (("run", "--provider", "gogle"), 4, "nothing is named 'gogle'; did you mean google?"),
        (("run", "--provider", "zzzz"), 4, "nothing is named 'zzzz'; `refreshproof list providers` names them"),
        (("run", "--provider", "-*"), 5, "--provider -* leaves nothing; `refreshproof list providers`"),
        (("run", "-p", "generic", "-p", "-gogle"), 4, "nothing is named 'gogle'; did you mean google?"),
        (("run", "--requirement", "x-*"), 5, "--requirement x-* leaves nothing; `refreshproof list requirements`"),
        (("run", "--requirement", "rotation-replac"), 4, "did you mean rotation-replace?"),
        (("run", "--examples", "-1"), 4, "-1 is not in the range"),
        (("explain", "rotation-replac"), 4, "did you mean rotation-replace?"),
        (("explain", "xyzzy"), 4, "there is no requirement 'xyzzy'; `refreshproof list requirements` names them"),
        (("run", "xy"), 4, "there is no subject 'xy'; `refreshproof list subjects` names them."),
        (("profile", "show", "xx"), 4, "there is no built-in vendor 'xx'; `refreshproof list providers` names them"),
        (("kill-matrix", "rotation-replac"), 4, "no miniature 'rotation-replac'; did you mean rotation-replace?"),
        (("replay", "/nowhere.json"), 4, "No such file"),
        (("fly",), 4, "No such command 'fly'"),
    ],
)
def test_a_mistake_is_answered_with_what_was_found_and_what_there_is(
    arguments: tuple[str, ...], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out, err = call(capsys, *arguments)
    assert ended == code
    assert message in " ".join(err.split())
    assert "Traceback" not in err + out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object, found list"),
        ('{"scenario": 1, "steps": []}', "provider is None"),
        ('{"scenario": 1, "steps": [], "seed": Infinity}', "found Infinity; expected a finite number"),
        ('{"scenario": 1, "steps": [], "steps": []}', "the key 'steps' stands twice"),
        (f'{{"scenario": 1, "steps": [["call"]], {PLACE}}}', "steps[0]: step is None; allowed are"),
        ('{"scenario": 1, "steps": [], "provider": "generic", "requirement": "x"}', "requirement is 'x'"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_wrong_scenario_file_is_a_message_and_not_a_traceback(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.json").write_text(text)
    code, _, err = call(capsys, "replay", tmp_path / "s.json")
    assert code == 4
    assert message in " ".join(err.split())


def listed(capsys: pytest.CaptureFixture[str], what: str) -> list[dict[str, Any]]:
    code, out, err = call(capsys, "list", what, "--json")
    assert (code, err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(out)
    return rows


def test_lists_are_json_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["name"] for row in listed(capsys, "providers")] == list(VENDORS)
    assert [row["id"] for row in listed(capsys, "requirements") if "excluded" not in row] == list(CATALOGUE)
    assert {"engine", "miniature:rotation-replace"} <= {row["name"] for row in listed(capsys, "subjects")}
    assert listed(capsys, "misbehaviours")


@pytest.mark.parametrize("what", ["providers", "requirements", "subjects", "misbehaviours"])
def test_lists_are_tables_for_people(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "list", what)
    assert code == 0
    assert len(out.splitlines()) > 5


@pytest.mark.parametrize("requirement", CATALOGUE)
def test_every_requirement_can_be_explained(requirement: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "explain", requirement)
    one = CATALOGUE[requirement]
    assert code == 0
    told = (one.statement, in_words(one.source), one.effect, one.fix, f"miniature:{requirement}")
    assert all(text in out for text in told)
    assert not re.search(r"\bseed 00|\bmisb |\bs\d+\.\d", out), "keys of the catalogue, which nobody has"


def test_a_login_without_a_configuration_says_how_to_store_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "client", "--database", f"sqlite:///{tmp_path}/client.db", "login")
    assert code == 4
    assert err == "Error: no client configuration is stored; `refreshproof client configure FILE` stores one\n"


def test_a_block_that_repeats_itself_is_told_once_with_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "explain", "accept-oddity-keeps-pair")
    told = """
    1. Alice logs in and consents.
    2 to 33. 8 times:
       - The next refresh request meets the fault member (name ... in turn:
           'expires_in', value '3600').
"""
    assert told in out
    assert "       - The client calls the API.\n" in out
    _, out, _ = call(capsys, "explain", "rotation-replace")
    assert len(out.splitlines()) < 30, "its scenario has 62 steps"


def test_summaries_of_commands_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for group in ((), ("list",), ("client",), ("profile",)):
        assert "..." not in call(capsys, *group, "--help")[1].partition("Commands:")[2]


def test_a_list_into_a_pipe_has_a_line_an_entry(capsys: pytest.CaptureFixture[str]) -> None:
    for what, number in (("requirements", len(CATALOGUE)), ("providers", len(VENDORS))):
        lines = call(capsys, "list", what)[1].splitlines()
        assert len(lines) == number + 1
        assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("width", [20, 50, 200])
def test_no_id_is_cut_however_narrow_the_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("COLUMNS", str(width)), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    _, out, _ = call(capsys, "list", "requirements")
    assert all(name in out for name in CATALOGUE)
    assert "…" not in out


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, *command, "--help")
    assert code == 0
    assert "Usage: refreshproof" in out


@pytest.mark.slow
def test_the_kill_matrix_is_written_and_a_report_beside_it_tells_what_it_has_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "kill-matrix", "authz-google-offline", "--jobs", "1", "--json", "--out", tmp_path)
    assert code == 0
    proof = "1 of 1 clients with one flaw are caught by the check they are named after"
    assert proof in " ".join(err.split())
    assert {path.name for path in tmp_path.iterdir()} == {one.filename for one in KILL_FORMATS.values()}
    assert (tmp_path / "kill-matrix.json").read_text() == out
    [client] = kills_from_dict(json.loads(out)).clients
    assert (client.of(KillKind.CAUGHT), client.unrelated) == (("authz-google-offline",), ())
    call(capsys, "run", *QUICK, "--examples", "0", "--out", tmp_path)
    assert proof in (tmp_path / "summary.md").read_text()
    assert 'href="kill-matrix.html"' in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(("command", "told"), [("run", schema), ("kill-matrix", kill_schema)])
def test_a_command_prints_the_schema_of_what_it_writes(
    command: str, told: Callable[[], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, command, "--schema")
    assert (code, json.loads(out)) == (0, told())


def test_a_file_that_is_no_kill_matrix_is_a_message_and_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kill-matrix.json").write_text('{"schema": 1}')
    code, _, err = call(capsys, "run", *QUICK, "--out", tmp_path)
    assert code == 4
    assert "'run' is a required property" in " ".join(err.split())
