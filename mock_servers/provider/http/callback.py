"""The way back to the client: parameters in the query, in the fragment, or in a form that posts itself.

Sources: RFC 6749 s4.1.2; OAuth 2.0 Multiple Response Type Encoding Practices s2.1; OAuth 2.0 Form Post Response Mode
s2.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from markupsafe import escape

from refreshproof.mock_servers.wire import WireResponse, html_response, redirect


def call_back(
    redirect_uri: str, pairs: list[tuple[str, str]], mode: str = "query", *, bare_slash: bool = False
) -> WireResponse:
    """Return the response that brings parameters to a redirect URI, by response_mode.

    `bare_slash` gives a redirect URI without a path the path `/` before it is redirected to.
    """
    if mode == "form_post":
        return html_response(200, _form(redirect_uri, pairs))
    split = urlsplit(redirect_uri)
    split = split._replace(path=split.path or ("/" if bare_slash else ""))
    if mode == "fragment":
        return redirect(urlunsplit(split._replace(fragment=urlencode(pairs))))
    query = "&".join(part for part in (split.query, urlencode(pairs)) if part)
    return redirect(urlunsplit(split._replace(query=query)))


def _form(redirect_uri: str, pairs: list[tuple[str, str]]) -> str:
    fields = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in pairs)
    return (
        '<!doctype html><html lang="en"><title>Continue</title><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{escape(redirect_uri)}">{fields}<button>Continue</button></form></body></html>'
    )
