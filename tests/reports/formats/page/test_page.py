"""index.html: well-formed, self-contained, safe to open, complete without JavaScript."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import pytest

from kit.page import ATTACK, Page
from refreshproof.reports import (
    Baseline,
    Entry,
    Grade,
    Harm,
    Keyword,
    NoteKind,
    Outcome,
    Report,
    Server,
    Trust,
    causes,
    findings,
    from_dict,
    grade,
    to_dict,
)
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.page.strip import NEVER_LOGGED_IN
from refreshproof.reports.formats.words.legend import UNJUDGED

UNSURE = {"atlassian", "strict-single-use"}
FIXED = {*Keyword, *Outcome, *Grade, *Harm, "default", "access", "refresh"}
FIXED |= {*get_args(NoteKind), *get_args(Server), *get_args(Trust)}


@pytest.fixture(scope="module")
def html(sample_report: Report) -> str:
    """The sample report's page."""
    return render_page(sample_report)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """The same, parsed."""
    return Page(html)


@pytest.fixture(scope="module")
def hostile(sample_report: Report) -> Page:
    """The page of a report each of whose texts tries to break out."""
    return Page(render_page(from_dict(_poisoned(to_dict(sample_report)))))


def _poisoned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_poisoned(member) for member in value]
    return value + ATTACK if isinstance(value, str) and value not in FIXED else value


def test_no_text_of_a_report_becomes_markup(page: Page, hostile: Page) -> None:
    def shape(page: Page) -> list[tuple[str, set[str]]]:
        """All elements but the lines of text in pictures: a longer text has more of them."""
        return [(tag, set(attributes)) for tag, attributes in page.elements if tag != "text"]

    assert shape(hostile) == shape(page)
    lines = [{*attributes} for tag, attributes in hostile.elements if tag == "text"]
    assert {name for names in lines for name in names} == {"class", "x", "y", "text-anchor", "transform"}


def test_every_text_of_a_report_is_shown(html: str, sample_report: Report) -> None:
    shown = Page(html).text
    for result in findings(sample_report):
        assert any(result.why in text for text in shown), result.why
    assert any("def test_rotation_lost_response(oauth_world):" in text for text in shown)
    assert any('"do": "authorize"' in text for text in shown)
    assert any("client_secret=SECRET1" in text for text in shown)


def test_control_characters_do_not_reach_the_page(sample_report: Report) -> None:
    text = render_page(from_dict(_poisoned(to_dict(sample_report))))
    assert "\x1b" not in text
    assert "\x00" not in text


def test_nothing_is_loaded_from_anywhere(page: Page, html: str) -> None:
    assert page.values("src") == []
    assert not page.all("link")
    assert "@import" not in html
    assert "url(" not in html
    assert {tag for tag, attributes in page.elements if "href" in attributes} == {"a", "use"}
    assert all((use["href"] or "").startswith("#shape-") for use in page.all("use"))


def test_links_out_are_https_and_tell_nobody_where_they_came_from(page: Page) -> None:
    outward = [a for a in page.all("a") if not (a["href"] or "").startswith("#")]
    assert outward
    assert all((a["href"] or "").startswith("https://") and a["rel"] == "noopener noreferrer" for a in outward)


def test_the_policy_allows_this_style_sheet_and_this_script_and_nothing_else(html: str) -> None:
    policy = next(meta["content"] for meta in Page(html).all("meta") if meta.get("http-equiv"))
    [style], [script] = (re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script"))
    style_hash, script_hash = (b64encode(sha256(text.encode()).digest()).decode() for text in (style, script))
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_no_element_has_an_inline_style_or_handler(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


@pytest.mark.parametrize("which", ["page", "hostile"])
def test_every_link_into_the_page_arrives(which: str, request: pytest.FixtureRequest) -> None:
    parsed: Page = request.getfixturevalue(which)
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in parsed.values("href") if href.startswith("#")} <= set(ids)


def test_every_cell_links_to_its_own_detail_and_says_its_grade_in_words(page: Page, sample_report: Report) -> None:
    unsure = [r for r in sample_report.results if "refresh.window" in r.rests_on and r.provider in UNSURE]
    assert unsure
    cells = {a["href"]: a["title"] for a in page.all("a") if "cell" in (a.get("class") or "").split()}
    assert cells == {
        f"#{quote(r.requirement)}.{quote(r.provider)}": f"{grade(r)}: {r.requirement} at {r.provider}"
        + (", rests on unverified values" if r in unsure else "")
        for r in sample_report.results
    }


def test_every_finding_has_an_article_with_its_story(page: Page, sample_report: Report) -> None:
    articles = {article["id"] for article in page.all("article") if "witness" in (article["class"] or "")}
    assert articles == {f"{result.requirement}.{result.provider}" for result in findings(sample_report)}
    pictures = [svg for svg in page.all("svg") if svg["class"] == "timeline"]
    assert len(pictures) == sum(result.story is not None for result in sample_report.results)


def test_the_exchanges_that_show_a_violation_stand_out_in_more_than_colour(page: Page, sample_report: Report) -> None:
    told = sum(one.witness for result in sample_report.results if result.story for one in result.story.exchanges)
    arrows = [g for g in page.all("g") if "key" in (g["class"] or "").split()]
    assert told == len(arrows) == page.text["span: shows it"] == page.text["text: shows it"]


def test_red_accuses_and_nothing_else_in_a_picture_is_red(sample_report: Report) -> None:
    css = (files("refreshproof.reports.formats.page") / "templates" / "page.css").read_text()
    rules = [rule for rule in css.splitlines() if rule.startswith((".timeline", ".exchange", ".aside"))]
    red = [rule.partition("{")[0].strip() for rule in rules if "--FAIL" in rule]
    assert red == [".timeline text.broken", ".timeline path.broken"]
    broken = next(one for one in sample_report.results if one.story)
    weaker = replace(broken, outcome=Outcome.ALTERNATIVE, anomaly=None, harm=None, cause=None)
    pictures = {
        one.outcome: Page(render_page(replace(sample_report, results=(one,)))).all("path") for one in (broken, weaker)
    }
    accused = {outcome: sum(path["class"] == "broken" for path in paths) for outcome, paths in pictures.items()}
    assert accused == {Outcome.VIOLATED: 1, Outcome.ALTERNATIVE: 0}


def test_the_overview_leads_from_each_cause_to_its_first_finding_and_all_it_breaks(
    page: Page, sample_report: Report
) -> None:
    found = causes(sample_report)
    for cause in found:
        assert all(page.text[f"a: {name}"] >= 2 for name in cause.rules)  # in the overview and in the matrix
    assert page.text[f"p: {sample_report.requirements[0].effect}"] == len(found) - 1  # one is the adapter's fault
    assert page.text[f"p: {UNJUDGED[Outcome.SUBJECT_ERROR].capitalize()}."] == 2  # there, and at the first glance


def test_only_the_first_story_of_a_cause_is_unfolded(page: Page, sample_report: Report) -> None:
    told = [result for cause in causes(sample_report) for result in cause.results[1:] if result.story]
    assert page.text["summary: Story and replay"] == len(told)


def test_every_finding_has_its_harm_and_its_command_with_a_button_to_copy_it(page: Page, sample_report: Report) -> None:
    broken = [result for result in findings(sample_report) if result.replay]
    assert broken
    first = [cause.head[0].replay for cause in causes(sample_report)[:3]]
    shown = [command for command in (*(result.replay for result in broken), *first) if command]
    for command, times in Counter(shown).items():
        assert page.text[f"code: cd '/home/alice/the project' && {command}"] == times
    told = [result for result in broken if result.story]  # in each: steps, exchanges, JSON, and the test
    assert (
        page.text["button: Copy"] == len(shown) + 4 * len(told) + 2
    )  # and one for the run itself, one for the trouble
    worst = sum(result.harm is Harm.GRANT_LOST for result in broken)
    assert page.text["p: Harm seen: the grant is lost, and only a new login brings it back"] == worst + 1


def test_troubles_stand_before_everything_else(page: Page, html: str, sample_report: Report) -> None:
    sections = [attributes.get("id") for tag, attributes in page.elements if tag == "section"]
    assert sections[0] == "troubles"
    assert page.text["dd: KeyError: 'expires_at'"] == page.text["dd: clients/session.py:88"] == 1
    without = render_page(replace(sample_report, run=replace(sample_report.run, troubles=())))
    assert 'id="troubles"' not in without


def test_what_hypothesis_explored_is_a_table(page: Page) -> None:
    assert page.text["summary: What Hypothesis explored"] == 1
    assert page.text["th: clock of the client"] == page.text["td: 118"] == page.text["td: -1 d to +1 d"] == 1


def test_the_command_to_run_again_can_be_pasted_into_a_shell(sample_report: Report) -> None:
    run = replace(sample_report.run, command=("refreshproof", "run", "-r", "rotation-*"), folder="")
    assert Page(render_page(replace(sample_report, run=run))).text["code: refreshproof run -r 'rotation-*'"] == 1


def test_the_page_has_landmarks_a_language_and_scoped_table_headers(page: Page) -> None:
    tags = Counter(tag for tag, _ in page.elements)
    assert {tag: tags[tag] for tag in ("main", "header", "nav", "footer", "h1")} == dict.fromkeys(
        ("main", "header", "nav", "footer", "h1"), 1
    )
    assert page.all("html") == [{"lang": "en"}]
    assert all(th["scope"] in {"col", "row", "rowgroup"} for th in page.all("th"))


def test_every_picture_has_a_name_or_is_hidden_from_screen_readers(page: Page) -> None:
    assert all(
        svg.get("aria-hidden") == "true" or (svg["role"], bool(svg["aria-label"])) == ("img", True)
        for svg in page.all("svg")
    )


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_only_the_filter_and_the_buttons_to_copy_need_javascript(page: Page) -> None:
    hidden = {attributes.get("id") or attributes["class"] for _, attributes in page.elements if "hidden" in attributes}
    assert hidden == {"filter", "copy"}


def test_a_report_without_results_is_a_page_too(sample_report: Report) -> None:
    text = render_page(replace(sample_report, results=(), providers=(), survey=(), complete=False))
    assert Page(text).text["strong: Incomplete run."] == 1


def test_the_same_report_gives_the_same_page(sample_report: Report, html: str) -> None:
    assert render_page(from_dict(json.loads(json.dumps(to_dict(sample_report))))) == html


def test_the_first_glance_shows_what_broke_and_how_to_repeat_it(page: Page, sample_report: Report) -> None:
    [strip] = [ul for ul in page.all("ul") if ul.get("class") == "strip"]
    assert strip["aria-label"] == "In short"
    assert page.text["span: required rule never exercised"] == page.text["span: logins failed"] == 1
    first = causes(sample_report)[0].head[0]
    assert first.story is not None
    assert page.text[f"p: {first.story.happened}"] >= 1
    assert page.text["span: The same run again"] == 1


def test_a_login_that_never_came_through_is_on_the_strip(sample_report: Report) -> None:
    failed = replace(sample_report.run.troubles[0], where=NEVER_LOGGED_IN)
    told = Page(render_page(replace(sample_report, run=replace(sample_report.run, troubles=(failed,)))))
    assert told.text["span: failed: google, atlassian, short-lived"] == 1
    assert told.text["span: logins failed"] == 0


def test_a_baseline_is_on_the_strip_only_where_there_is_one(page: Page, sample_report: Report) -> None:
    assert page.text["span: known"] == 0
    known = next(one for one in findings(sample_report) if one.outcome is Outcome.VIOLATED)
    entries = (
        Entry(requirement=known.requirement, provider=known.provider, anomaly=known.anomaly),
        Entry(requirement="authz-state-fresh", provider="google", anomaly="A1"),
    )
    told = Page(render_page(replace(sample_report, baseline=Baseline(file="known.toml", entries=entries))))
    assert told.text["span: known"] == told.text["span: fixed, entry stale"] == 1


def test_a_result_leads_to_the_values_that_decided_it_and_their_sources(page: Page, sample_report: Report) -> None:
    rested = [r for r in findings(sample_report) if r.rests_on]
    assert page.text["summary: Profile values that decided, 2"] + page.text[
        "summary: Profile values that decided, 2, some of them unverified"
    ] == len(rested)
    assert page.text["a: the vendor's page on tokens"] >= len(rested)
    assert page.text["span: unverified"] >= 1
    rows = [tr for tr in page.all("tr") if "data-unsure" in tr]
    assert len(rows) == len({r.requirement for r in rested if r.provider in UNSURE})


def test_a_report_without_facts_has_no_filter_for_them(sample_report: Report) -> None:
    bare = replace(sample_report, providers=tuple(replace(one, facts=()) for one in sample_report.providers))
    text = render_page(bare)
    assert "data-unsure" not in text
    assert 'data-only="unsure"' not in text


def test_what_the_client_said_stands_where_it_happened(page: Page, sample_report: Report) -> None:
    stories = sum(result.story is not None for result in sample_report.results)
    assert page.text["text: KeyError: 'expires_at'"] == stories
    assert page.text["pre: KeyError: 'expires_at'\nin clients/session.py, line 88\nWARNING giving up"] == stories


def test_every_vendor_has_a_sheet_and_what_was_left_out_is_named(page: Page, sample_report: Report) -> None:
    sheets = [one["id"] for one in page.all("details") if (one.get("class") or "").startswith("vendor")]
    assert sheets == [f"vendor.{one.name}" for one in sample_report.providers]
    assert page.text["td: 403 invalid_grant"] == len(sheets)
    assert page.text["code: device-poll-interval"] == 1


@pytest.mark.browser
def test_chromium_runs_the_script_under_the_policy(html: str, tmp_path: Path) -> None:
    """The script unhides the filter and counts the rows, which it can do only if the policy lets it run."""
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None, "found no chromium, chromium-browser or google-chrome on PATH"
    switches = [
        "headless",
        "no-sandbox",
        "disable-gpu",
        "no-first-run",
        "disable-background-networking",
        "disable-sync",
    ]
    switches += ["disable-quic", "disable-component-update", "dump-dom", f"user-data-dir={tmp_path / 'profile'}"]
    command = [browser, *(f"--{switch}" for switch in switches), (tmp_path / "index.html").as_uri()]
    dom = Page(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert dom.text["output: 30 of 30 requirements shown"] == 1
    assert not [attributes for _, attributes in dom.elements if "hidden" in attributes]
