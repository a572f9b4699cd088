"""The device flow: the client's first request, the user's page, and the grant that polls for the tokens.

Source: RFC 8628 s3; what differs between vendors is `profile.DeviceRules` and the error table.
"""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, DeviceRules, Profile, TokenShape
from refreshproof.mock_servers.provider.clients.authentication import registered
from refreshproof.mock_servers.provider.http.replies import Refused, answer
from refreshproof.mock_servers.provider.http.scopes import read_scopes
from refreshproof.mock_servers.provider.http.tenants import check_application_tenant, tenant_of
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.issuance.issuance import evict, found_family, issue, mint_refresh_token
from refreshproof.mock_servers.provider.state.consent import Decision, Question
from refreshproof.mock_servers.provider.state.records import Application, Code, Device
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND, Instant, WireResponse, html_response, seconds

DEVICE_CODE = TokenShape(prefix="D", length=60)
_FORM = (
    '<!doctype html><html lang="en"><title>Connect a device</title><main><h1>Connect a device</h1><form>'
    '<label>Code <input name="user_code" required></label> <button>Next</button></form></main></html>'
)
_DONE = '<!doctype html><html lang="en"><title>Device</title><main><h1>You may close this page</h1></main></html>'


def authorize_device(visit: Visit) -> WireResponse:
    """Answer a device authorization request (RFC 8628 s3.1, s3.2)."""
    rules, values, state = visit.profile.device, visit.sighting.values, visit.state
    client_id = values.get("client_id")
    if rules is None or client_id is None:
        raise Refused(Cause.MISSING_PARAMETER, parameter="client_id")
    application = registered(state.applications, client_id)
    visit.entry.client_id = client_id
    check_application_tenant(visit, application)
    requested = _scopes(visit.profile, rules, values.get("scope"))
    _check_quota(rules, state, client_id, visit.now)
    value, alias = state.vault.mint("DEVICE", DEVICE_CODE)
    device = Device(
        alias=alias,
        client_id=client_id,
        user_code=state.vault.identifier(8).upper(),
        requested=requested,
        issued_at=visit.now,
        interval=rules.interval,
        tenant=tenant_of(visit),
    )
    state.devices[value] = device
    visit.entry.issued = (alias,)
    return answer(visit.profile, _first_answer(rules, value, device), request=visit.sighting.request, vault=state.vault)


def _scopes(profile: Profile, rules: DeviceRules, text: str | None) -> tuple[str, ...]:
    if text is None and rules.scope_required:
        raise Refused(Cause.MISSING_PARAMETER, parameter="scope", expected="scope", found="none")
    asked = read_scopes(profile, text or "")
    beyond = [scope for scope in asked if rules.scopes and scope not in rules.scopes]
    if beyond:
        raise Refused(
            Cause.INVALID_SCOPE, scope=" ".join(beyond), expected=" ".join(rules.scopes), found=" ".join(beyond)
        )
    return asked


def _check_quota(rules: DeviceRules, state: State, client_id: str, now: Instant) -> None:
    if rules.quota is None:
        return
    waiting = [
        one
        for one in state.devices.values()
        if one.client_id == client_id and not (one.code and one.code.used) and not _over(rules, one, now)
    ]
    if len(waiting) >= rules.quota:
        raise Refused(Cause.TOO_MANY_DEVICES, expected=f"at most {rules.quota} open codes", found=f"{len(waiting) + 1}")


def _over(rules: DeviceRules, device: Device, now: Instant) -> bool:
    return now - device.issued_at >= seconds(rules.lifetime)


def _first_answer(rules: DeviceRules, value: str, device: Device) -> dict[str, Any]:
    form = str if rules.strings else int
    members = {
        "user_code": device.user_code,
        "device_code": value,
        rules.address_member: rules.address,
        "expires_in": form(rules.lifetime),
        "interval": form(rules.interval),
    }
    if rules.message is not None:
        members["message"] = rules.message.format(address=rules.address, user_code=device.user_code)
    return members


def verify_device(visit: Visit) -> WireResponse:
    """Show the user's page: a form for the code, then the question, whose answer the device's next poll finds."""
    user_code = visit.sighting.values.get("user_code")
    if user_code is None:
        return html_response(200, _FORM)
    device = next((one for one in visit.state.devices.values() if one.user_code == user_code.upper()), None)
    if device is None:
        raise Refused(Cause.UNKNOWN_DEVICE_CODE)
    decision = visit.state.ask(_question(visit.state, device))
    if isinstance(decision, WireResponse):
        return decision
    _decide(visit, device, decision)
    return html_response(200, _DONE)


def _question(state: State, device: Device) -> Question:
    return Question(
        application=state.applications[device.client_id],
        scopes=device.requested,
        prompt=(),
        login_hint=None,
        accounts=tuple(state.accounts.values()),
        sites={},
    )


def _decide(visit: Visit, device: Device, decision: Decision) -> None:
    device.denied = decision.answer == "deny"
    if device.denied:
        return
    profile, state = visit.profile, visit.state
    asked = frozenset(device.requested)
    scopes = asked if decision.scopes is None else asked & decision.scopes
    holder = state.holder(profile, state.applications[device.client_id])
    device.code = Code(
        alias=device.alias,
        client_id=device.client_id,
        account=decision.account,
        redirect_uri="",
        redirect_uri_given=False,
        requested=device.requested,
        scopes=scopes,
        grant=state.record_grant(decision, holder, scopes, visit.now),
        issued_at=visit.now,
        tenant=device.tenant,
        offline=profile.issuance.scope is None or profile.issuance.scope in asked,
    )


def exchange_device_code(request: TokenRequest) -> dict[str, Any]:
    """Answer a poll (RFC 8628 s3.4, s3.5)."""
    state, application, values = request.state, request.application, request.values
    # Microsoft's SDKs for other languages name the parameter `code`; RFC 8628 s3.4 has device_code.
    value = values.get("device_code") or values.get("code")
    if value is None:
        raise Refused(Cause.MISSING_PARAMETER, parameter="device_code")
    device = state.devices.get(value)
    request.entry.presented = state.vault.name("DEVICE", value)
    if device is None or device.client_id != application.client_id or (device.code and device.code.used):
        raise Refused(Cause.UNKNOWN_DEVICE_CODE)
    code = _approved(request, device)
    _check_allowed(state, application, code.account)
    code.used = True
    family = found_family(request, code)
    refresh = mint_refresh_token(request, family) if code.offline else None
    if refresh is not None:
        evict(request, family)
    return issue(request, family, refresh, requested=code.requested)


def _check_allowed(state: State, application: Application, account: str) -> None:
    """Refuse what only a poll can be told: the user is not the application's, or their administrator forbids it."""
    if not application.shared and account != application.owner:
        raise Refused(Cause.APPLICATION_NOT_SHARED, expected=application.owner, found=account)
    if state.accounts[account].refusal is Cause.ADMIN_POLICY:
        raise Refused(Cause.ADMIN_POLICY, client_id=application.client_id)


def _approved(request: TokenRequest, device: Device) -> Code:
    rules, now = request.profile.device, request.now
    if rules is None or _over(rules, device, now):
        raise Refused(Cause.EXPIRED_DEVICE_CODE)
    early = device.polled_at is not None and now - device.polled_at < device.interval * SECOND
    # Where time stands still nobody can tell how long the client has waited by its own clock.
    early = early and not (request.state.stands_still and now == device.polled_at)
    device.polled_at = now
    if early and rules.slow_down:
        # RFC 8628 s3.5: the interval grows by five seconds for this and all later requests.
        device.interval += 5
        raise Refused(Cause.SLOW_DOWN)
    if device.denied:
        raise Refused(Cause.DEVICE_DENIED)
    if device.code is None:
        raise Refused(Cause.AUTHORIZATION_PENDING)
    return device.code
