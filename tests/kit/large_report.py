"""The largest report that a run can give: every vendor, every requirement, hundreds of findings with their stories."""

from dataclasses import replace

from kit.sample_report import sample_report
from refreshproof.reports import Fact, ProviderInfo, Report, Result

VENDORS, REQUIREMENTS, FINDINGS = 56, 120, 300


def large_report(*, vendors: int = VENDORS, rules: int = REQUIREMENTS, findings: int = FINDINGS) -> Report:
    """Build it, or a smaller one, from the sample's requirements, vendors and findings, each many times under other
    names."""
    sample = sample_report()
    requirements = tuple(
        replace(sample.requirements[number % 30], id=f"{sample.requirements[number % 30].id}-{number}")
        for number in range(rules)
    )
    providers = tuple(
        ProviderInfo(name=f"vendor-{number}", summary=sample.providers[number % 9].summary, facts=_facts(number))
        for number in range(vendors)
    )
    broken = [one for one in sample.results if one.story is not None]
    kept = next(one for one in sample.results if one.outcome == "satisfied")
    results: list[Result] = []
    for row, requirement in enumerate(requirements):
        for column, provider in enumerate(providers):
            place = row * vendors + column
            breaks = place % (rules * vendors // findings) == 0
            pattern = broken[place % len(broken)] if breaks else kept
            results.append(
                replace(
                    pattern,
                    requirement=requirement.id,
                    provider=provider.name,
                    keyword=requirement.keyword,
                    cause=f"cause {place % 12}" if breaks else None,
                    rests_on=("refresh.rotation", f"errors.{place % 20}"),
                )
            )
    return replace(
        sample, providers=providers, requirements=requirements, results=tuple(results), survey=(), unselected=()
    )


def _facts(number: int) -> tuple[Fact, ...]:
    known = sample_report().providers[number % 9].facts
    errors = (replace(known[2], field=f"errors.{error}", label=f"error {error}") for error in range(20))
    return (*known, *errors)
