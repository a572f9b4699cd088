"""Well-known client libraries as subjects, unmodified.

The subjects themselves are imported when they are chosen, because their libraries are optional. Each does what the
library's documentation shows and stores what it hands over, nothing more: where a library leaves a duty to the
application (to give a dead grant up, to keep the old grant when a new login brings no refresh token), the row is
about library and documented use together.

| subject | refreshes before expiry | callers that come together |
| --- | --- | --- |
| `authlib-requests`, `authlib-httpx` | 60 s | a session each on the stored token, as in its web clients |
| `authlib-httpx-async` | 60 s | tasks with one client, whose refresh lock is made for them |
| `requests-oauthlib` | not at all | a session each on the stored token, as in its web applications |
| `requests-oauth2client` | 20 s | one authentication handler, which holds the token |
| `google-auth` | 225 s | the same credentials, a session each |
| `msal` | 300 s | an application each on the account's stored cache, as in Microsoft's sample for web applications |

Left out, with the version looked at:

| library | why |
| --- | --- |
| httpx-oauth 0.17.0 | tells whether a token has expired; when to refresh and what to store is the application's |
| aiohttp-oauth2-client 2.0.1 | its code exchange sends no client secret, its refresh no client id |
| httpx-auth 0.23.1, requests-auth 8.0.0 | log in with a browser and a server of their own on localhost |
| atlassian-python-api 5.0.5 | only attaches a token, through requests_oauthlib.OAuth2; has no refresh |
| google-auth-oauthlib | is the login of `google-auth` |
| mcp 2.3.0 | finds its authorization server from a resource's metadata, which these vendors do not serve |
| social-auth-core 7.0.0 | stores and refreshes through the models of a web framework |
| Flask-Dance, django-allauth | stand on requests-oauthlib; the latter never refreshes |
| dropbox, spotipy, prawcore, slack_sdk, databricks-sdk, tekore | speak to one vendor each, which is none of these |
"""
