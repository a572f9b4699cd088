#!/usr/bin/env bash
# 2026-12-01. PyPI: canaille 0.3.6 with its memory backend, freezegun 1.5.5 (Python 3.11.7).
#
# An access token is a JWT of user, client and times, in seconds, signed with RS256: nothing in it is drawn at random
# (RFC 9068 s2.2 wants a jti). Two refreshes within one second bring the same access token twice, and the second refresh
# has revoked it as the old one: the answer is 200, and the token in it is refused at once. A client that refreshes once
# more after a 401, or two callers without a lock, come to that; so does a test that refreshes twice in a row.
#
# Seen: at 0 s and at 0.5 s the same access token, with which userinfo answers 200 and then 401; at 2 s another, 200.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile 'canaille[front,oidc]==0.3.6' freezegun==1.5.5

cat > probe.py <<'PYTHON'
import datetime
import os

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from freezegun import freeze_time
from joserfc.jwk import JWKRegistry

BEGINNING = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
key = JWKRegistry.generate_key("RSA", 2048)
key.ensure_kid()
app = create_app(config={
    "SECRET_KEY": "a key for this probe alone, of more than forty letters",
    "SERVER_NAME": "localhost",
    "WTF_CSRF_ENABLED": False,
    "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False},
    "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
})


def refresh(client, token):
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/oauth/token", data=form, auth=("app", "secret")).json


def userinfo(client, answer):
    bearer = {"Authorization": "Bearer " + answer["access_token"]}
    return client.get("/oauth/userinfo", headers=bearer).status_code


with freeze_time(BEGINNING) as frozen, app.app_context():
    alice = models.User(
        user_name="alice", formatted_name="Alice", family_name="Example", emails=["alice@example.org"]
    )
    Backend.instance.save(alice)
    registered = models.Client(
        client_id="app", client_secret="secret", client_name="app", redirect_uris=["http://127.0.0.1/callback"],
        grant_types=["authorization_code", "refresh_token"], response_types=["code"], scope=["openid", "profile"],
        token_endpoint_auth_method="client_secret_basic", client_id_issued_at=BEGINNING,
    )
    Backend.instance.save(registered)
    registered.audience = [registered]
    Backend.instance.save(registered)
    Backend.instance.save(models.Token(
        token_id="T0", access_token="AT0", refresh_token="RT0", client=registered, subject=alice, type="bearer",
        scope=["openid", "profile"], issue_date=BEGINNING, lifetime=3600, audience=[registered],
    ))
    client = app.test_client()
    first = refresh(client, "RT0")
    print("at 0 s:", userinfo(client, first))
    frozen.tick(0.5)
    second = refresh(client, first["refresh_token"])
    same = second["access_token"] == first["access_token"]
    print("at 0.5 s: the same access token", same, userinfo(client, second))
    frozen.tick(1.5)
    third = refresh(client, second["refresh_token"])
    print("at 2 s: the same access token", third["access_token"] == first["access_token"], userinfo(client, third))
PYTHON

expected='at 0 s: 200
at 0.5 s: the same access token True 401
at 2 s: the same access token False 200'
seen=$(venv/bin/python -I probe.py 2> errors.log) || { cat errors.log >&2; exit 1; }
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
