"""A baseline after a run: what is fixed goes with its comment, what is new comes, everything else stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from refreshproof.harness.baseline.known import BaselineError
from refreshproof.harness.baseline.renewal import PartialRunError, Renewed, renewed
from refreshproof.reports import (
    Keyword,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Subject,
    Trouble,
)

REPLACE, KEEP, BEARER = "rotation-replace", "rotation-keep-when-absent", "resource-bearer-header-once"
WRITTEN = f"""\
# what we know

# the first is ours
[[known]]
subject = "mine"   # as in the report
requirement = "{REPLACE}"
provider = "google"
anomaly = "A1"

# the second is theirs
[[known]]
subject = "mine"
requirement = "{KEEP}"
provider = "google"
anomaly = "A12"
reason = "theirs"

# of another client
[[known]]
subject = "other"
requirement = "{REPLACE}"
provider = "google"
anomaly = "A1"
# the end
"""
Renew = Callable[..., Renewed]


def report_of(**outcomes: tuple[Outcome, str | None]) -> Report:
    names = {"replace": REPLACE, "keep": KEEP, "bearer": BEARER}
    return Report(
        run=Run(started=0, seed=0, duration_seconds=0, virtual_seconds=0, version="0", python="3"),
        subject=Subject(name="mine", version="1.4"),
        providers=(ProviderInfo(name="google"),),
        requirements=tuple(
            RequirementInfo(id=one, keyword=Keyword.MUST, statement="s", source="s", effect="e", fix="f", family="f")
            for one in names.values()
        ),
        results=tuple(
            Result(requirement=names[name], provider="google", outcome=outcome, keyword=Keyword.MUST, anomaly=anomaly)
            for name, (outcome, anomaly) in outcomes.items()
        ),
    )


BROKE, HELD = Outcome.VIOLATED, (Outcome.SATISFIED, None)


@pytest.fixture
def renew(tmp_path: Path) -> Renew:
    def renew(report: Report, text: str | None = WRITTEN, **more: str | date) -> Renewed:
        file = tmp_path / "known.toml"
        if text is not None:
            file.write_text(text)
        about = {"today": date(2026, 11, 30), "reason": "", "link": "", "expires": None} | more
        return renewed(file, report, **about)  # type: ignore[arg-type]

    return renew


def test_nothing_changes_where_nothing_has_changed(renew: Renew) -> None:
    new = renew(report_of(replace=(BROKE, "A1"), keep=(BROKE, "A12"), bearer=HELD))
    assert (new.text, new.added, new.removed) == (WRITTEN, (), ())


def test_what_is_fixed_goes_with_the_comment_above_it(renew: Renew) -> None:
    new = renew(report_of(replace=HELD, keep=(BROKE, "A12")))
    assert [one.requirement for one in new.removed] == [REPLACE]
    assert new.text == "# what we know\n\n\n" + WRITTEN[WRITTEN.index("# the second") :]
    lone = "# about all\n\n" + WRITTEN[WRITTEN.index("[[known]]") : WRITTEN.index("# the second")]
    assert renew(report_of(replace=HELD), text=lone).text == "# about all\n"
    new = renew(report_of(replace=(BROKE, "A1"), keep=HELD))
    assert new.text == WRITTEN[: WRITTEN.index("# the second")] + "\n" + WRITTEN[WRITTEN.index("# of another") :]


def test_what_was_not_played_stays(renew: Renew) -> None:
    assert renew(report_of(bearer=HELD)).text == WRITTEN
    assert renew(report_of(replace=(Outcome.BLOCKED, None), keep=(BROKE, "A12"))).removed == ()


def test_what_is_new_comes_with_reason_link_and_day(renew: Renew) -> None:
    found = report_of(replace=(BROKE, "A1"), keep=(BROKE, "A12"), bearer=(Outcome.NOT_EXERCISED, None))
    new = renew(found, reason='as "told"', link="https://issues.example/1", expires=date(2027, 1, 31))
    assert new.text == WRITTEN + (
        f'\n[[known]]\nsubject = "mine"\nrequirement = "{BEARER}"\nprovider = "google"\nversions = ">=1.4"\n'
        'reason = "as \\"told\\""\nlink = "https://issues.example/1"\nexpires = 2027-01-31\n'
    )


def test_another_anomaly_takes_the_place_of_the_one_that_was_known(renew: Renew) -> None:
    new = renew(report_of(replace=(BROKE, "A0"), keep=(BROKE, "A12")))
    assert [(one.requirement, one.anomaly) for one in new.removed] == [(REPLACE, "A1")]
    assert [(one.requirement, one.anomaly) for one in new.added] == [(REPLACE, "A0")]


def test_the_first_is_written_with_a_word_on_what_it_is(renew: Renew) -> None:
    new = renew(report_of(replace=(BROKE, "A1")), text=None)
    assert new.text.startswith("# Findings of `refreshproof run` that are known")
    assert renew(report_of(replace=(BROKE, "A1")), text=new.text).text == new.text


@pytest.mark.parametrize("how", ["incomplete", "interrupted", "broken", "stopped"])
def test_a_partial_run_is_refused(how: str, renew: Renew) -> None:
    report = report_of(replace=(Outcome.SUBJECT_ERROR if how == "broken" else BROKE, None))
    run = replace(report.run, interrupted=how == "interrupted")
    run = replace(run, troubles=(Trouble(where="client", what="x"),) if how == "stopped" else ())
    with pytest.raises(PartialRunError, match="finish one first"):
        renew(replace(report, run=run, complete=how != "incomplete"))


def test_a_text_that_cannot_be_edited_is_told(renew: Renew) -> None:
    text = f'known = [{{subject = "mine", requirement = "{REPLACE}", provider = "google", anomaly = "A1"}}]\n'
    with pytest.raises(BaselineError, match="edit it by hand"):
        renew(report_of(replace=HELD), text=text)
