"""MSAL for Python at Microsoft: the login's address out, the callback in, the user by the id_token, a refresh."""

import json
import os
from urllib.parse import parse_qsl, urlsplit

import msal

client = msal.ConfidentialClientApplication(os.environ["CLIENT_ID"], client_credential=os.environ["CLIENT_SECRET"])
scopes = os.environ["SCOPE"].split()
flow = client.initiate_auth_code_flow(scopes, redirect_uri=os.environ["CALLBACK"])
print(flow["auth_uri"], flush=True)
first = client.acquire_token_by_auth_code_flow(flow, dict(parse_qsl(urlsplit(input()).query)))
renewed = client.acquire_token_silent(scopes, client.get_accounts()[0], force_refresh=True)
told = {"user": first["id_token_claims"]["name"], "renewed": renewed["access_token"] != first["access_token"]}
print(json.dumps(told), flush=True)
