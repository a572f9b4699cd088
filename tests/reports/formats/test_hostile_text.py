"""Whatever a client says: no format is led astray by it. Its shape is the one that harmless words give."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ci_readers import READERS
from kit.fuzzing import inputs
from kit.sample_report import sample_report
from refreshproof.reports import FORMATS, Apart, Baseline, Entry, Fact, Note, Outcome, Report, TokenLife, findings

ATTACKS = (
    "<script>alert(1)</script>", "]]></failure>", "&lt;&#0;", "](javascript:alert(1))", "![x](https://x.example/y)",
    "```\n# x\n", "\n\n# heading\n\n", "| a | b |", "\n::error::x", "%0A::error::x", "::set-output name=x::y", "{0}",
    "{{ 7 * 7 }}", "{% raw %}", "\x00\x07\x1b[31m", "\ud800", "\udfff\ud800", "\u202e\u2066", "\ufffe", "\x85\u2028",
    "'\"`",    "<!--", "<?xml?>", "~~~", "<details>", "\r\n", "[/bold]", "[red]", "a,b:c=d", "..\\..\\x", "https://x.example",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), min_size=1, max_size=3).map("".join)
HARMLESS = "word"
SAMPLE = sample_report()


def spoken(report: Report, word: str) -> Report:
    """Put a word wherever a client, a vendor's file or a baseline may bring in words of its own."""
    said = f"a{word}z"
    first = next(one for one in findings(report) if one.outcome is Outcome.VIOLATED)
    assert first.story is not None
    requirement = next(one for one in report.requirements if one.id == first.requirement)
    provider = next(one for one in report.providers if one.name == first.provider)
    trouble = replace(
        report.run.troubles[0], where=said, what=said, exception=said, file=f"{said}.py", step=said, fault=said,
        operation=said, provider=said, also=(said,), saved=said, replay=said,
    )  # fmt: skip
    story = replace(
        first.story, expected=said, happened=said, prose=(said,), pytest=said,
        scenario={"subject": f"{said.replace(':', '')}.py:X", "steps": [said]}, exchanges=(), skews=(),
        notes=(Note(at=first.story.started, text=said, kind="crash", lines=(said,)),),
        tokens=(TokenLife(alias=said, kind="access", issued_at=first.story.started, ending=said),),
    )  # fmt: skip
    fact = Fact(field=said, value=said, trust="unverified", where=said, seen=said, topic=said, label=said)
    finding = replace(
        first, provider=said, requirement=said, why=said, anomaly=said, replay=said, scenario=said, cause=said,
        story=story, rests_on=(said,),
    )  # fmt: skip
    entry = Entry(requirement=said, provider=said, anomaly=said, reason=said, link="https://x.example/1")
    return replace(
        report,
        run=replace(report.run, troubles=(trouble,), folder=said, command=(said,), platform=said, python=said),
        subject=replace(report.subject, name=said, version=said),
        requirements=(replace(requirement, id=said, statement=said, source=said, effect=said, fix=said, family=said),),
        providers=(replace(provider, name=said, summary=said, facts=(fact,)),),
        unselected=(said,),
        results=(finding,),
        survey=(),
        apart=Apart(set=said, requirements=(replace(requirement, id=said),), results=(finding,), reasons={said: said}),
        baseline=Baseline(file=said, entries=(entry,)),
    )


def shown(name: str, report: Report) -> str:
    """Return the text of a format as its file holds it."""
    return FORMATS[name].render(report).encode("utf-8", "backslashreplace").decode()


@cache
def harmless(name: str) -> Any:
    """Return the shape of a format of harmless words."""
    return READERS[name](shown(name, spoken(SAMPLE, HARMLESS)))


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@inputs(12)
@given(word=HOSTILE)
def test_hostile_words_change_nothing_but_words(name: str, word: str) -> None:
    text = shown(name, spoken(SAMPLE, word))
    assert READERS[name](text) == harmless(name)
    if name != "json":
        assert not [sign for sign in text if ord(sign) < 32 and sign not in "\t\n"]
