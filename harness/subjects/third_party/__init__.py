"""Well-known client libraries as subjects, unmodified, in two rooms: those that log in themselves, and those that leave
the login, or a part of it, to the application around them.

The subjects themselves are imported when they are chosen, because their libraries are optional. Each does what the
library's documentation shows and stores what it hands over, nothing more: where a library leaves a duty to the
application (to give a dead grant up, to keep the old grant when a new login brings no refresh token), the row is
about library and documented use together.

| subject | refreshes before expiry | callers that come together |
| --- | --- | --- |
| `authlib-requests`, `authlib-httpx` | 60 s | a session each on the stored token, as in its web clients |
| `authlib-httpx-async` | 60 s | tasks with one client, whose refresh lock is made for them |
| `requests-oauthlib` | not at all | a session each on the stored token, as in its web applications |
| `requests-oauthlib-one-session` | not at all | one session, as in its example of automatic refresh |
| `flask-dance` | not at all | a session each on the stored token, as in every view |
| `requests-oauth2client` | 20 s | one authentication handler, which holds the token |
| `google-auth` | 225 s | the same credentials, a session each |
| `msal` | 300 s | an application each on the account's stored cache, as in Microsoft's sample for web applications |
| `mcp` | not at all, and after a restart never | tasks with one provider, which has a lock around the whole call |
| `databricks-sdk` | 40 s | the same credentials, which have a lock |
| `how-to-refresh-token` | 60 s | a session each on the stored token, as `requests-oauthlib` |
| `httpx-oauth` | not at all | the stored token, as in its documentation |
| `httpx-auth`, `requests-auth` | 30 s | one token cache, which has a lock |
| `aiohttp-oauth2-client` | 30 s | tasks with one grant, which has a lock |
| `oauth2-client` | not at all: on a 401 | one manager |
| `social-auth-core` | 5 s | the stored user each, as in a view |
| `prawcore` | 10 s after expiry, and on a 401 | one session |
| `slack-sdk` | two hours | the stored installation each, as in Bolt |

Left out, with the version looked at:

| library | why |
| --- | --- |
| django-allauth 65.22.1 | stores the refresh token of a login (`SocialToken.token_secret`) and never presents it |
| atlassian-python-api 5.0.5 | only attaches a token, through requests_oauthlib.OAuth2; has no refresh |
| google-auth-oauthlib | is the login of `google-auth` |
| dropbox, spotipy, tekore | speak to one vendor each |
"""
