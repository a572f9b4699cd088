"""Microsoft's hosts, tenants and metadata, and the clouds that instance discovery lists; data only."""

from __future__ import annotations

from typing import Any

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
COMMON = f"{LOGIN}/common"
CONSUMERS = f"{LOGIN}/consumers"

TENANT = "5a1c9b7e-3d42-4f06-8a57-0c6f2e94d1b3"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of personal Microsoft accounts."""
TENANTS = {
    "common": "{tenantid}",
    "organizations": "{tenantid}",
    "consumers": PERSONAL,
    PERSONAL: PERSONAL,
    "contoso.onmicrosoft.com": TENANT,
    TENANT: TENANT,
}
"""What may stand for {tenant}; the metadata of common and organizations keeps {tenantid} literally."""


def metadata(tenant: str, region: str | None) -> dict[str, Any]:
    """Return a tenant's metadata as recorded; {tenantid} in the issuer stands for the tenant's id."""
    base = f"{LOGIN}/{tenant}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{LOGIN}/{{tenantid}}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{GRAPH}/oidc/userinfo",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash",
            "c_hash", "email",
        ],
        "kerberos_endpoint": f"{base}/kerberos",
        "tenant_region_scope": region,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }  # fmt: skip


AUTHORITIES = (
    {
        "preferred_network": "login.microsoftonline.com",
        "preferred_cache": "login.windows.net",
        "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    },
    {
        "preferred_network": "login.partner.microsoftonline.cn",
        "preferred_cache": "login.partner.microsoftonline.cn",
        "aliases": ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    },
    {
        "preferred_network": "login.microsoftonline.us",
        "preferred_cache": "login.microsoftonline.us",
        "aliases": ["login.microsoftonline.us", "login.usgovcloudapi.net"],
    },
)
"""The clouds that instance discovery knows, each with the hosts that speak for it."""
