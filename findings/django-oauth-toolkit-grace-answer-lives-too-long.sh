#!/usr/bin/env bash
# 2026-11-30. PyPI: django-oauth-toolkit 3.4.1, Django 5.2.19, oauthlib 4.0.1, freezegun 1.5.5 (Python 3.11.7).
#
# With REFRESH_TOKEN_GRACE_PERIOD_SECONDS a client that lost an answer may present the spent refresh token once more and
# gets the same pair again. The access token in it is as old as the first answer, but `expires_in` is a whole life once
# more. So the client that recovers as it should counts from its own receipt, believes the access token alive after it
# has died, by up to the length of the grace period, and calls with a dead token in that span. A lead before expiry that
# is shorter than the grace period does not cover it.
#
# Seen: the first answer at 0 s has expires_in 3600; the replay at 110 s has the same access token with expires_in 3600,
# which would be until 3710 s; the API answers 200 at 3590 s and 403 at 3610 s.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile django-oauth-toolkit==3.4.1 Django==5.2.19 oauthlib==4.0.1 freezegun==1.5.5

cat > probe.py <<'PYTHON'
from datetime import timedelta

import django
from django.conf import settings
from freezegun import freeze_time

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    OAUTH2_PROVIDER={"ACCESS_TOKEN_EXPIRE_SECONDS": 3600, "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 120},
    ROOT_URLCONF=__name__,
    SECRET_KEY="a key for this probe alone, of more than fifty letters",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model, get_refresh_token_model
from oauth2_provider.views.generic import ProtectedResourceView


class Api(ProtectedResourceView):
    def get(self, request):
        return HttpResponse("data")


urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")), path("api", Api.as_view())]
call_command("migrate", verbosity=0)
client = Client()


def refresh():
    form = {"grant_type": "refresh_token", "refresh_token": "RT0", "client_id": "app", "client_secret": "secret"}
    return client.post("/o/token/", form).json()


def api(answer):
    return client.get("/api", headers={"Authorization": "Bearer " + answer["access_token"]}).status_code


with freeze_time("2030-01-01") as frozen:
    alice = User.objects.create(username="alice")
    app = get_application_model().objects.create(
        user=alice, client_id="app", client_secret="secret", client_type="confidential",
        authorization_grant_type="authorization-code", redirect_uris="https://app.example/callback",
    )
    token = get_access_token_model().objects.create(
        user=alice, application=app, token="AT0", scope="read", expires=timezone.now() + timedelta(seconds=3600)
    )
    get_refresh_token_model().objects.create(user=alice, application=app, token="RT0", access_token=token)

    first = refresh()
    print("at 0 s: expires_in", first["expires_in"])
    frozen.tick(110)
    again = refresh()
    print("at 110 s: the same pair", again["access_token"] == first["access_token"], "expires_in", again["expires_in"])
    frozen.tick(3480)
    print("at 3590 s:", api(again))
    frozen.tick(20)
    print("at 3610 s:", api(again))
PYTHON

expected='at 0 s: expires_in 3600
at 110 s: the same pair True expires_in 3600
at 3590 s: 200
at 3610 s: 403'
seen=$(venv/bin/python -I probe.py 2> errors.log) || { cat errors.log >&2; exit 1; }
[ "$seen" = "$expected" ] || { printf 'expected:\n%s\nseen:\n%s\n' "$expected" "$seen" >&2; exit 1; }
printf '%s\n' "$seen"
