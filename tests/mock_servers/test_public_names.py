"""What users import from the package: a written list, each name where it says it is, and nothing paid in advance."""

import subprocess
import sys

import pytest

import refreshproof.mock_servers as package

WRITTEN = (
    "Account AccountRules Announcement Application AuthenticationDemand AuthorizationRules CORE Cause ClientTokens "
    "ContinuousAccess DeviceRules Endpoint "
    "ErrorReply FAULTS FaultSpec IdTokenRules IssuanceRules LifetimeRule Lifetimes Profile ProofRules Provider "
    "RefreshPolicy ResourceIndicators ResponseShape SecondPair ServeOptions Server Site Source TokenRequestRules "
    "TokenShape VENDORS Vendor WireRequest WireResponse read_vendor serve"
)


def test_the_public_names_are_those_of_the_written_list() -> None:
    assert sorted(package.__all__) == WRITTEN.split()


def test_every_public_name_is_there() -> None:
    assert all(getattr(package, name) is not None for name in package.__all__)


def test_a_profile_can_be_written_and_played_with_public_names_alone() -> None:
    from refreshproof.mock_servers import Endpoint, Profile, Provider, RefreshPolicy, WireRequest

    profile = Profile(
        name="mine",
        title="Mine",
        issuer="https://auth.example.org",
        endpoints=(Endpoint(view="token", url="https://auth.example.org/token", methods=("POST",)),),
        scopes=("read",),
        refresh=RefreshPolicy(rotation="always"),
    )
    response = Provider(profile).handle(WireRequest(method="GET", url="https://auth.example.org/token"), 0)
    assert response.status == 405


def test_importing_the_package_imports_nothing_else_of_ours() -> None:
    script = (
        "import sys, refreshproof.mock_servers\n"
        "print([name for name in sys.modules if name.startswith('refreshproof.mock_servers.')])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"'refreshproof\.mock_servers' has no attribute 'Providers'"):
        _ = package.Providers
