"""What a user may import from `refreshproof.reports` is written down here; all else is private."""

import subprocess
import sys

import refreshproof.reports as package

WRITTEN = """
ANOMALIES Apart Baseline Cause Coverage Dimension Entry ExchangeView ExitCode Explored FORMATS Fact FlawedClient
Format Grade Grading Harm Headline Identity KILL_FORMATS Keyword Kill KillKind KillMatrix Note NoteKind Outcome Proof
ProviderInfo Report RequirementInfo Result Run Server Skew Standing Story Subject SurveyInfo SurveyValue TokenLife
Transition Trouble Trust anomaly_in_words causes counts exit_code findings from_dict gates grade headline kill_schema
kills_from_dict print_console proof_in_words proof_of schema stale stale_in_words standing to_dict unjudged
"""


def test_the_public_names_are_those_written_down() -> None:
    assert sorted(package.__all__) == WRITTEN.split()


def test_every_public_name_is_there() -> None:
    assert all(getattr(package, name) is not None for name in package.__all__)


def test_the_values_bring_no_library_of_a_format() -> None:
    code = "import sys; from refreshproof.reports import Result, exit_code; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"jinja2", "jsonschema", "rich"} & set(loaded)
