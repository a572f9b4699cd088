"""The vendor's front desk: logs people in, leads them through the pages, and gives the provider their answers.

It is the provider's `State.ask`, and the handler of the pages' own addresses under `PREFIX`.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import parse_qsl

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.login.authorization import shows_consent
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.consent import Decision, Question
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.serving.served import access, pages
from refreshproof.mock_servers.serving.served.interaction import FORMS, Fields, Interaction, Unacceptable, account_of
from refreshproof.mock_servers.serving.sockets.cookies import cookie_of, set_cookie
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse

PREFIX = "/.refreshproof/"
SESSION = "refreshproof-session-{name}"
"""The cookie of whoever has logged in at the vendor of that name: browsers keep one set of cookies for every port of a
host."""

MOST_KEPT = 1000

_Value = TypeVar("_Value")


class FrontDesk:
    """Stands between the browsers and one provider; with `automatic` nobody is asked and the scripted user answers."""

    def __init__(self, provider: Provider, *, automatic: bool, token: Callable[[], str] | None = None) -> None:
        self._provider = provider
        self._automatic = automatic
        self._cookie = SESSION.format(name=provider.profile.name)
        self._token = token or (lambda: secrets.token_urlsafe(24))
        self._interactions: OrderedDict[str, Interaction] = OrderedDict()
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._request: WireRequest | None = None
        self._answer: Decision | None = None
        provider.state.ask = self.ask

    def serve(self, handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        """Answer a request: one of the desk's own pages, or what the handler says with the desk at its side."""
        with self._provider.lock:
            if PREFIX in request.url and request.path.startswith(PREFIX):
                return self._form(handler, request, now)
            response = self._handled(handler, request, now, None)
            if self._provider.sight(request).view == "end_session":
                self._signed_out(request)
            return response

    def mark(self) -> tuple[OrderedDict[str, Interaction], OrderedDict[str, str]]:
        """Return who is on their way through the pages, and who is logged in."""
        return self._interactions.copy(), self._sessions.copy()

    def return_to(self, mark: tuple[OrderedDict[str, Interaction], OrderedDict[str, str]]) -> None:
        """Have logged in whoever was at the mark."""
        interactions, sessions = mark
        self._interactions, self._sessions = interactions.copy(), sessions.copy()

    def ask(self, question: Question) -> Decision | WireResponse:
        """Answer the provider's question: with what was scripted or decided, else with the first page."""
        if self._answer is not None:
            return self._answer
        user, request = self._provider.user, self._request
        if user.waiting or self._automatic or request is None:
            return user(question)
        interaction = self._interaction(question, request)
        if "none" in question.prompt:
            if interaction.account is None:
                raise Refused(Cause.INTERACTION_REQUIRED, expected="a user who is logged in", found="none")
            return interaction.settled
        if interaction.step is None:
            return interaction.settled
        name = self._token()
        _keep(self._interactions, name, interaction)
        return self._page(name, interaction)

    def _interaction(self, question: Question, request: WireRequest) -> Interaction:
        rules, application = self._provider.profile.authorization, question.application
        return Interaction(
            request=request,
            question=question,
            needs_site=rules.site_selection and not application.spans_sites,
            offers_time=rules.timed_access,
            needs_consent=lambda account: self._needs_consent(question, request, account),
            account=self._sessions.get(cookie_of(request, self._cookie)),
        )

    def _needs_consent(self, question: Question, request: WireRequest, account: str) -> bool:
        state, profile = self._provider.state, self._provider.profile
        if self._provider.sight(request).view != "authorization":
            return True  # RFC 8628 s5.4: a device is connected only by a user who has seen what asks
        grant = state.grants.get((account, state.holder(profile, question.application)))
        return shows_consent(profile, question.prompt, grant, frozenset(question.scopes))

    def _handled(self, handler: Handler, request: WireRequest, now: Instant, answer: Decision | None) -> WireResponse:
        self._request, self._answer = request, answer
        try:
            return handler(request, now)
        finally:
            self._request = self._answer = None

    def _form(self, handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        name, _, step = request.path.removeprefix(PREFIX).partition("/")
        if name == access.NAME:
            return self._access(request, step, now)
        interaction = self._interactions.get(name)
        if interaction is None or interaction.step is None:
            return pages.gone()
        if request.method != "POST":
            return self._page(name, interaction)
        if step != interaction.step:
            return self._page(name, interaction)
        try:
            interaction = FORMS[interaction.step](interaction, _fields(request))
        except Unacceptable as error:
            return self._page(name, interaction, str(error))
        interaction = self._introduced(interaction)
        if interaction.step is not None:
            self._interactions[name] = interaction
            return self._signed_in(self._page(name, interaction), request, interaction)
        del self._interactions[name]
        response = self._handled(handler, interaction.request, now, interaction.settled)
        # RFC 9700 s4.12: a redirect after a form is a 303, lest the browser send the form on to the client.
        response = replace(response, status=303) if response.status == 302 else response
        return self._signed_in(response, request, interaction)

    def _access(self, request: WireRequest, step: str, now: Instant) -> WireResponse:
        """Answer at the page of a user's connected applications: whoever has not logged in does so first."""
        provider, page = self._provider, PREFIX + access.NAME
        session = cookie_of(request, self._cookie)
        account = self._sessions.get(session)
        if request.method == "POST" and step == "login":
            try:
                account = account_of(_fields(request))
            except Unacceptable as error:
                return access.login_page(provider, page, str(error))
            return self._go_to(page, self._new_session(account))
        if account is None:
            return access.login_page(provider, page)
        if request.method == "POST" and step == "leave":
            del self._sessions[session]
            return self._go_to(page, set_cookie(self._cookie, ""))
        trouble = ""
        if request.method == "POST":
            trouble = access.withdraw(provider, account, session, _fields(request), now)
            if not trouble:
                return self._go_to(page)
        return access.access_page(provider, account, session, page, trouble)

    def _go_to(self, page: str, *headers: tuple[str, str]) -> WireResponse:
        return WireResponse(status=303, headers=(("Location", page), ("Cache-Control", "no-store"), *headers))

    def _new_session(self, account: str) -> tuple[str, str]:
        """Begin a session; returns the header that gives it to a browser."""
        session = self._token()
        _keep(self._sessions, session, account)
        return set_cookie(self._cookie, session)

    def _introduced(self, interaction: Interaction) -> Interaction:
        """Make a new name an account, so that the sites and accounts of the next pages are those of the person."""
        state, name = self._provider.state, interaction.account
        if name is None or name in state.accounts:
            return interaction
        state.accounts[name] = Account(name=name)
        sites = {**interaction.question.sites, name: state.sites_of(self._provider.profile, name)}
        question = replace(interaction.question, accounts=tuple(state.accounts.values()), sites=sites)
        return replace(interaction, question=question)

    def _signed_in(self, response: WireResponse, request: WireRequest, interaction: Interaction) -> WireResponse:
        """Remember who logged in; a login gets a session of its own, so that no other can be foisted on a browser."""
        if interaction.account is None or self._sessions.get(cookie_of(request, self._cookie)) == interaction.account:
            return response
        return replace(response, headers=(*response.headers, self._new_session(interaction.account)))

    def _signed_out(self, request: WireRequest) -> None:
        """Forget who logged in with this browser; whoever did with another one stays logged in."""
        self._sessions.pop(cookie_of(request, self._cookie), None)
        self._provider.state.signed_in = bool(self._sessions)

    def _page(self, name: str, interaction: Interaction, trouble: str = "") -> WireResponse:
        step = interaction.step or "consent"
        return pages.step_page(
            step, interaction, self._provider.profile, action=f"{PREFIX}{name}/{step}", trouble=trouble
        )


def _fields(request: WireRequest) -> Fields:
    return tuple(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _keep(store: OrderedDict[str, _Value], name: str, value: _Value) -> None:
    store[name] = value
    if len(store) > MOST_KEPT:
        store.popitem(last=False)
