"""What stands behind Atlassian's API gateway: sample sites and operations, with the documented names and values."""

from __future__ import annotations

from refreshproof.mock_servers.profile.sites import Api, Operation, Product, Site

_AVATARS = "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240"

# Ids, names, addresses and avatars of the documented examples (3LO page of 2025-01-14); the third has no avatar.
SITES = (
    Site(
        id="1324a887-45db-1bf4-1e99-ef0ff456d421",
        name="Site name 1",
        url="https://your-domain1.atlassian.net",
        products=("jira", "confluence"),
        avatar_url=f"{_AVATARS}/flag.png",
    ),
    Site(
        id="8594f221-9797-5f78-1fa4-485e198d7cd0",
        name="Site name 2",
        url="https://your-domain2.atlassian.net",
        products=("jira",),
        avatar_url=f"{_AVATARS}/koala.png",
    ),
    Site(
        id="11223344-a1b2-3b33-c444-def123456789",
        name="Site name",
        url="https://your-domain.atlassian.net",
        products=("jira", "confluence"),
    ),
)

JIRA = Product(name="jira", words=("jira", "servicedesk"))
CONFLUENCE = Product(name="confluence", words=("confluence",))

# The scopes of an operation stand in its "OAuth scopes required" field. The page says that some operations are closed
# and that creating projects takes the permission Administer Jira; which operation is closed is this project's choice,
# and so is the scope of a sample operation: one of the documented names that fits.
JIRA_API = Api(
    product=JIRA,
    operations=(
        Operation(
            path="/rest/api/2/project", scopes=("read:jira-work",),
            document=({"id": "10000", "key": "EX", "name": "Example", "projectTypeKey": "software"},),
        ),
        Operation(
            path="/rest/api/2/project", method="POST", scopes=("manage:jira-project",), permission="Administer Jira",
            document={"id": 10001, "key": "NEW"}, status=201,
        ),
        Operation(
            path="/rest/api/2/myself", scopes=("read:jira-user",),
            document={}, identity={"accountId": "oid", "displayName": "name"},
        ),
        Operation(
            path="/rest/servicedeskapi/request", scopes=("read:servicedesk-request",),
            document={"size": 0, "start": 0, "limit": 50, "isLastPage": True, "values": []},
        ),
        Operation(path="/rest/api/2/application-properties", scopes=(), document={}, closed=True),
    ),
)  # fmt: skip

# With and without /wiki (decision K-32).
CONFLUENCE_API = Api(
    product=CONFLUENCE,
    operations=(
        Operation(
            path="/rest/api/space", scopes=("read:confluence-content.all",),
            document={"results": [{"id": 1, "key": "EX", "name": "Example"}], "start": 0, "limit": 25, "size": 1},
        ),
    ),
    optional_prefix="/wiki",
)  # fmt: skip
