"""What a report tells of a vendor: values in words, with their sources."""

import pytest

from refreshproof.harness.run.telling.facts import TOPICS, fact_of, facts_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports import Fact


def by_field(vendor: str, *decided: str) -> dict[str, Fact]:
    """Return the facts of a vendor by field."""
    return {one.field: one for one in facts_of(VENDORS[vendor].profile, decided)}


def test_every_vendor_has_words_for_every_topic_and_for_each_of_its_errors() -> None:
    for vendor in VENDORS.values():
        told = {one.field: one for one in facts_of(vendor.profile)}
        assert {name for names in TOPICS.values() for name in names} <= set(told)
        assert all(told[f"errors.{cause}"].topic == "errors" for cause in vendor.profile.errors)
        assert all(one.value and one.label for one in told.values()), vendor.name


def test_a_value_has_its_own_source_else_that_of_what_it_is_part_of() -> None:
    rotation = by_field("generic")["refresh.rotation"]
    assert (rotation.trust, rotation.links) == (
        "documented",
        ("https://www.rfc-editor.org/rfc/rfc6749#section-6", "https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2"),
    )


def test_a_value_that_nobody_states_is_a_default() -> None:
    window = by_field("google")["refresh.window"]
    assert (window.trust, window.where, window.seen) == ("default", "", "")


def test_a_report_of_somebody_else_is_linked() -> None:
    assert by_field("google")["errors.missing_secret"].links == (
        "https://github.com/googleapis/google-api-nodejs-client/issues/1582",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lifetimes.access_token", "59 minutes 59 seconds"),
        ("lifetimes.access_token_longest", "none"),
        ("refresh.absolute_ttl", "without limit"),
        ("authorization.scope_separator", "a blank"),
        ("issuance.consent_shown", "yes"),
        ("client_parameters", "access_type=offline, prompt=consent"),
        ("errors.wrong_secret", "401 invalid_client: Unauthorized"),
    ],
)
def test_values_are_told_in_words(field: str, value: str) -> None:
    assert fact_of(VENDORS["google"].profile, field).value == value


def test_what_decided_is_told_besides_and_no_name_of_a_file_is() -> None:
    told = by_field("google", "response.members", "errors")
    assert told["response.members"].topic == ""
    assert told["errors"].value
    assert not [one.where for one in told.values() if ".txt" in one.where]
