"""The vendors, written out.

To add one, name it in the tuple at the foot of the module that holds its like, or its own module's profile here.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.vendors.atlassian.bitbucket import BITBUCKET_CLOUD
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.data_center import ATLASSIAN_DC
from refreshproof.mock_servers.vendors.atlassian.variants import VARIANTS
from refreshproof.mock_servers.vendors.business import BUSINESS
from refreshproof.mock_servers.vendors.consumer import CONSUMER
from refreshproof.mock_servers.vendors.developer_tools import DEVELOPER_TOOLS
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.google.google import GOOGLE
from refreshproof.mock_servers.vendors.identity_servers import IDENTITY_SERVERS
from refreshproof.mock_servers.vendors.mcp import MCP_SERVERS
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT
from refreshproof.mock_servers.vendors.misbehaving import MISBEHAVING, SPENT_WHEN_REFUSED
from refreshproof.mock_servers.vendors.released import MEASURED
from refreshproof.mock_servers.vendors.sales_and_support import SALES_AND_SUPPORT
from refreshproof.mock_servers.vendors.vendor import Vendor, well_behaved

CORE: tuple[Vendor, ...] = (
    well_behaved(GOOGLE),
    well_behaved(MICROSOFT),
    well_behaved(ATLASSIAN),
    well_behaved(GENERIC),
    *MISBEHAVING,
)
"""What a run without `--provider` runs against."""

VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        *CORE,
        SPENT_WHEN_REFUSED,
        well_behaved(ATLASSIAN_DC),
        well_behaved(BITBUCKET_CLOUD),
        *(well_behaved(profile) for profile in MCP_SERVERS),
        *IDENTITY_SERVERS,
        *MEASURED,
        *SALES_AND_SUPPORT,
        *BUSINESS,
        *CONSUMER,
        *DEVELOPER_TOOLS,
        *(well_behaved(profile) for profile in VARIANTS.values()),
    )
}
"""Every vendor by name."""
