"""Shards of one run: put together they are the run, and what does not belong together is refused."""

from dataclasses import replace

import pytest

from refreshproof.reports import Report
from refreshproof.reports.merging import ContradictionError, UnlikeError, merged, missing


def shard(report: Report, *providers: str) -> Report:
    """The part of a report at some providers."""
    return replace(
        report,
        providers=tuple(one for one in report.providers if one.name in providers),
        results=tuple(one for one in report.results if one.provider in providers),
        survey=tuple(one for one in report.survey if one.provider in providers),
    )


def shards(report: Report) -> dict[str, Report]:
    first, *others = (provider.name for provider in report.providers)
    return {"one": shard(report, first), "two": shard(report, *others)}


def test_the_shards_of_a_run_are_the_run(sample_report: Report) -> None:
    whole = merged(shards(sample_report))
    assert whole.providers == sample_report.providers
    assert sorted(whole.results, key=str) == sorted(sample_report.results, key=str)
    assert (whole.survey, whole.complete) == (sample_report.survey, True)
    assert whole.run.troubles == sample_report.run.troubles
    assert whole.run.virtual_seconds == 2 * sample_report.run.virtual_seconds
    assert whole.run.explored is not None
    assert (whole.run.explored.lives, whole.run.explored.dimensions[2].count) == (450, 62)
    assert [one.times for one in whole.coverage[0].transitions] == [24, 0, 0]


def test_what_no_shard_has_is_named(sample_report: Report) -> None:
    parts = shards(sample_report)
    parts["two"] = replace(parts["two"], results=parts["two"].results[1:])
    gone = sample_report.results[1]
    whole = merged(parts, [("rotation-replace-always", "zoom")])
    assert not whole.complete
    assert missing(whole, [("rotation-replace-always", "zoom")]) == (
        ("rotation-replace-always", "zoom"),
        (gone.requirement, gone.provider),
    )


def test_an_overlap_is_fine_where_both_say_the_same(sample_report: Report) -> None:
    parts = {**shards(sample_report), "again": sample_report}
    assert len(merged(parts).results) == len(sample_report.results)
    first = sample_report.results[0]
    parts["again"] = replace(sample_report, results=(replace(first, why="Another reason."),))
    with pytest.raises(ContradictionError, match=f"{first.requirement} at {first.provider} is judged differently: "):
        merged(parts)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 3}, "one and two have another seed: 20261122, and 3; shards of one run have the same"),
        ({"version": "9"}, "one and two have another version of Refreshproof: 0.1.0, and 9; shards"),
        ({"at": "2027-03-31"}, "one and two have another date: none, and from 2027-03-31 on; shards"),
        ({"grading": "strict"}, "one and two have another grading: default, and strict; shards"),
    ],
)
def test_what_is_no_shard_of_the_same_run_is_refused(
    changes: dict[str, object], told: str, sample_report: Report
) -> None:
    parts = shards(sample_report)
    parts["two"] = replace(parts["two"], run=replace(parts["two"].run, **changes))  # type: ignore[arg-type]
    with pytest.raises(UnlikeError, match=told):
        merged(parts)
    parts["two"] = replace(shards(sample_report)["two"], subject=replace(sample_report.subject, version="3"))
    with pytest.raises(UnlikeError, match=r"another subject: example-client 2\.4\.1, and example-client 3"):
        merged(parts)
