"""Sources become addresses that a reader can follow."""

import re

import pytest

from refreshproof.harness.run.reporting import requirement_info
from refreshproof.scenarios.evidence.links import PAGES, SEEDS, links_of
from refreshproof.scenarios.requirements import CATALOGUE

RFC = "https://www.rfc-editor.org/rfc/rfc"
KEY = re.compile(r"\b[AGM]-[A-Z0-9]{2,}\b")


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("RFC 6749 s6", (f"{RFC}6749#section-6",)),
        ("RFC 6749 s3.2, s4.1.3; seed 002, 004", (f"{RFC}6749#section-3.2", f"{RFC}6749#section-4.1.3", SEEDS["002"])),
        ("RFC 9700 s4.14.2 (cost of a replay); RFC 6750", (f"{RFC}9700#section-4.14.2", f"{RFC}6750")),
        ("RFC 6749 App. A.17", (f"{RFC}6749#appendix-A.17",)),
        ("RFC 6749, RFC 6749", (f"{RFC}6749",)),
        ("OAuth 2.1 s1.3.2", ("https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-1.3.2",)),
        ("OpenID Connect Core s3.1.2.6", ("https://openid.net/specs/openid-connect-core-1_0.html",)),
        ("seed 001; https://example.com/page; M-RT", (SEEDS["001"], "https://example.com/page", PAGES["M-RT"])),
        ("seed 003 (clusters); misb conc-cross-process", (SEEDS["003"],)),
        (
            "misb conc-stale-snapshot, rot-flaky-invalid-grant",
            (
                "https://github.com/airbytehq/airbyte/issues/82783",
                "https://github.com/BingAds/BingAds-Python-SDK/issues/279",
            ),
        ),
        ("RFC 6749 s6; misb conc-stale-snapshot", (f"{RFC}6749#section-6",)),
        ("misb conc-lock-ttl, no-such-thing", ()),
    ],
)
def test_a_source_is_linked_as_it_is_named(source: str, links: tuple[str, ...]) -> None:
    assert links_of(source) == links


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_requirement_whose_source_names_an_rfc_or_a_page_is_reported_with_its_link(name: str) -> None:
    source = CATALOGUE[name].source
    links = requirement_info(CATALOGUE[name]).links
    assert {f"{RFC}{number}" for number in re.findall(r"RFC (\d+)", source)} <= {
        link.partition("#")[0] for link in links
    }
    assert {PAGES[key] for key in KEY.findall(source)} <= set(links)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_requirement_has_a_source_that_can_be_read(name: str) -> None:
    assert requirement_info(CATALOGUE[name]).links
