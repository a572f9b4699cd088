"""What CI systems read, reduced to what they insist on: each reader takes a report's text and raises for what its
consumer would refuse, and returns the shape of what it found without the words.

The schemas hold the constraints of https://github.com/ctrf-io/ctrf (MIT, schema/ctrf.schema.json), of SARIF 2.1.0
(https://docs.oasis-open.org/sarif/sarif/v2.1.0/) and of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that
bear on what is written here, in our own words. Others' programs read JUnit and HAR besides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import jsonschema
from haralyzer import HarParser
from junitparser import Error, Failure, JUnitXml, Skipped
from markdown_it import MarkdownIt

from refreshproof.reports import from_dict

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
STATUSES = ("passed", "failed", "pending", "skipped", "other")


def _strict(required: Mapping[str, Any], **allowed: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **allowed},
        "additionalProperties": False,
    }


def _list(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


CTRF = _strict(
    {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "results": _strict(
            {
                "tool": _strict({"name": TEXT}, version=TEXT),
                "summary": _strict(
                    dict.fromkeys(("tests", *STATUSES), COUNT) | {"start": COUNT, "stop": COUNT}, suites=COUNT
                ),
                "tests": _list(
                    _strict(
                        {"name": TEXT, "status": {"enum": [*STATUSES]}, "duration": COUNT},
                        suite=_list(TEXT, minItems=1),
                        message={"type": "string"},
                        trace={"type": "string"},
                        tags=_list({"type": "string"}),
                        extra={"type": "object"},
                    )
                ),
            },
            extra={"type": "object"},
        ),
    },
    timestamp={"type": "string", "format": "date-time"},
    generatedBy={"type": "string"},
)
MESSAGE = _strict({"text": TEXT})
RULE = _strict(
    {"id": TEXT},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri={"type": "string", "format": "uri", "pattern": "^https://[!-~]+$"},
    properties={"type": "object"},
)
ARTIFACT = _strict({"uri": {"type": "string", "pattern": "^[!-~]+$"}}, uriBaseId=TEXT)
PLACE = _strict({"physicalLocation": _strict({"artifactLocation": ARTIFACT, "region": {"required": ["startLine"]}})})
SARIF = _strict(
    {
        "version": {"const": "2.1.0"},
        "runs": _list(
            _strict(
                {"tool": _strict({"driver": _strict({"name": TEXT, "version": TEXT, "rules": _list(RULE)})})},
                results=_list(
                    _strict(
                        {"message": MESSAGE, "ruleId": TEXT, "ruleIndex": COUNT, "locations": _list(PLACE, minItems=1)},
                        level={"enum": ["none", "note", "warning", "error"]},
                        partialFingerprints={"type": "object", "additionalProperties": TEXT},
                        suppressions=_list(
                            _strict({"kind": {"enum": ["inSource", "external"]}}, justification={"type": "string"})
                        ),
                    )
                ),
                columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                automationDetails=_strict({"id": {"type": "string"}}),
                invocations=_list(_strict({"executionSuccessful": {"type": "boolean"}}, startTimeUtc=TEXT)),
            )
        ),
    },
    **{"$schema": {"type": "string", "format": "uri"}},
)
GITLAB = _list(
    _strict(
        {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": _strict({"path": TEXT, "lines": _strict({"begin": {"type": "integer", "minimum": 1}})}),
        }
    )
)
SHIELDS = _strict(
    {"schemaVersion": {"const": 1}, "label": TEXT, "message": TEXT},
    color={"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    isError={"type": "boolean"},
)
NUMBER = {"type": "number"}
PAIRS = _list(_strict({"name": TEXT, "value": {"type": "string"}}))
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$"}
MESSAGE_SIZES = {"headersSize": {"type": "integer", "minimum": -1}, "bodySize": {"type": "integer", "minimum": -1}}
HAR_MESSAGE = {"httpVersion": TEXT, "cookies": _list({}), "headers": PAIRS, **MESSAGE_SIZES}
HAR = _strict(
    {
        "log": _strict(
            {
                "version": {"const": "1.2"},
                "creator": _strict({"name": TEXT, "version": TEXT}),
                "pages": _list(
                    _strict({"startedDateTime": MOMENT, "id": TEXT, "title": TEXT, "pageTimings": {"type": "object"}})
                ),
                "entries": _list(
                    _strict(
                        {
                            "pageref": TEXT,
                            "startedDateTime": MOMENT,
                            "time": {"type": "number", "minimum": 0},
                            "request": _strict(
                                {
                                    "method": {"enum": ["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS"]},
                                    "url": {"type": "string", "format": "uri", "pattern": "^https?://"},
                                    "queryString": PAIRS,
                                    **HAR_MESSAGE,
                                },
                                postData=_strict({"mimeType": {"type": "string"}, "params": PAIRS}),
                            ),
                            "response": _strict(
                                {
                                    "status": {"type": "integer", "minimum": 0, "maximum": 999},
                                    "statusText": {"type": "string"},
                                    "content": _strict(
                                        {"size": COUNT, "mimeType": {"type": "string"}, "text": {"type": "string"}}
                                    ),
                                    "redirectURL": {"type": "string"},
                                    **HAR_MESSAGE,
                                }
                            ),
                            "cache": {"const": {}},
                            "timings": _strict(dict.fromkeys(("send", "wait", "receive"), NUMBER)),
                        },
                        comment={"type": "string"},
                        _refreshproof={"type": "object"},
                    )
                ),
            },
            _refreshproof={"type": "object"},
        )
    }
)
COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<text>.*)")


def _json(schema: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        document = json.loads(text)
        jsonschema.validate(document, schema)
        return _shape(document)

    return read


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def read_sarif(text: str) -> Any:
    """Read results.sarif; what the schema cannot say is that a rule is found by its number, and rules are unique."""
    for run in json.loads(text)["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(set(rules)) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert "](" not in result["message"]["text"], "a link"
            assert not re.search(r"(?<!\{)\{\d", result["message"]["text"]), "a placeholder"
    return _json(SARIF)(text)


def read_gitlab(text: str) -> Any:
    """Read gl-code-quality-report.json; a fingerprint stands for one issue."""
    prints = [issue["fingerprint"] for issue in json.loads(text)]
    assert len(set(prints)) == len(prints)
    return _json(GITLAB)(text)


def read_ctrf(text: str) -> Any:
    """Read ctrf-report.json; the summary counts the tests."""
    results = json.loads(text)["results"]
    found = [test["status"] for test in results["tests"]]
    assert {name: results["summary"][name] for name in STATUSES} == {name: found.count(name) for name in STATUSES}
    assert results["summary"]["tests"] == len(found)
    return _json(CTRF)(text)


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner of GitHub Actions does: kind, properties, text."""
    found = []
    for line in text.splitlines():
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        pairs = (one.partition("=") for one in command["properties"].split(","))
        properties = {name: _unescaped(value) for name, _, value in pairs}
        assert set(properties) <= {"file", "line", "title"}
        found.append((command["kind"], properties, _unescaped(command["text"])))
    return found


def _unescaped(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def read_github(text: str) -> Any:
    """Read annotations.txt; the runner shows ten."""
    found = commands(text)
    assert len(found) <= 10
    return [(kind, sorted(properties)) for kind, properties, _ in found]


CASES = {"failures": (Failure,), "errors": (Error,), "skipped": (Skipped,)}


def read_junit(text: str) -> Any:
    """Read junit.xml as GitLab, GitHub's actions and Jenkins do: every case has a name and a class, at most one ending,
    and the suites count them."""
    document = JUnitXml.fromstring(text.encode())
    for suite in document:
        cases = list(suite)
        assert all(case.name and case.classname and case.time is not None for case in cases)
        assert all(len(case.result) <= 1 for case in cases)
        endings = [type(one) for case in cases for one in case.result]
        assert suite.tests == len(cases)
        assert {name: getattr(suite, name) for name in CASES} == {
            name: sum(issubclass(one, kinds) for one in endings) for name, kinds in CASES.items()
        }
    assert document.tests == sum(suite.tests for suite in document)
    return read_xml(text)


def read_har(text: str) -> HarParser:
    """Read a HAR; each entry is of a page that there is, its parts last as long as it does, and time only goes on."""
    document = json.loads(text)
    jsonschema.validate(document, HAR)
    log = document["log"]
    began = [entry["startedDateTime"] for entry in log["entries"]]
    assert began == sorted(began)
    for entry in log["entries"]:
        assert entry["pageref"] in {page["id"] for page in log["pages"]}
        assert entry["time"] == sum(entry["timings"].values())
    return HarParser(document)


def read_xml(text: str) -> Any:
    """Read an XML document."""
    root = ElementTree.fromstring(text.encode())  # noqa: S314 - our own text
    return [(one.tag, sorted(one.attrib)) for one in root.iter()]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def read_html(text: str) -> Any:
    """Read a page."""
    tags = _Tags()
    tags.feed(text)
    return tags.found


def read_markdown(text: str) -> Any:
    """Read Markdown with tables, as GitHub does."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [
        (token.type, [one.type for one in token.children or () if one.type not in ("text", "softbreak")])
        for token in tokens
    ]


def read_results(text: str) -> Any:
    """Read results.json."""
    document = json.loads(text)
    from_dict(document)
    if document["apart"]:  # whose keys are words
        document["apart"]["reasons"] = list(document["apart"]["reasons"].values())
    return _shape(document)


READERS: Mapping[str, Callable[[str], Any]] = {
    "badge": read_xml,
    "ctrf": read_ctrf,
    "github": read_github,
    "gitlab": read_gitlab,
    "html": read_html,
    "json": read_results,
    "junit": read_junit,
    "markdown": read_markdown,
    "sarif": read_sarif,
    "shields": _json(SHIELDS),
}
"""A reader for every format."""
