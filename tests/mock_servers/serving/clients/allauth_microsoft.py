"""django-allauth at Microsoft: the login's address out, the callback in, and the account that it makes of the user."""

import json
import os
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.core.management import call_command

CLIENT_ID, CLIENT_SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "allauth", "allauth.account")
settings.configure(
    SECRET_KEY="a test's",
    INSTALLED_APPS=(*APPS, "allauth.socialaccount", "allauth.socialaccount.providers.microsoft"),
    SOCIALACCOUNT_PROVIDERS={
        "microsoft": {"APPS": [{"client_id": CLIENT_ID, "secret": CLIENT_SECRET, "settings": {"tenant": "common"}}]}
    },
    MIDDLEWARE=("allauth.account.middleware.AccountMiddleware",),
    ROOT_URLCONF="allauth.urls",
    ALLOWED_HOSTS=("localhost",),
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
call_command("migrate", verbosity=0)

from allauth.core.context import request_context  # noqa: E402
from allauth.socialaccount.providers.microsoft.views import MicrosoftGraphOAuth2Adapter  # noqa: E402
from django.test import RequestFactory  # noqa: E402

request = RequestFactory().get("/", SERVER_NAME="localhost")
request.session = {}
with request_context(request):
    adapter = MicrosoftGraphOAuth2Adapter(request)
    provider = adapter.get_provider()
    client = adapter.get_client(request, provider.app)
    client.callback_url = os.environ["CALLBACK"]
    print(client.get_redirect_url(adapter.authorize_url, ["User.Read"], {"state": "s"}), flush=True)
    code = parse_qs(urlsplit(input()).query)["code"][0]
    answer = client.get_access_token(code)
    token = adapter.parse_token(answer)
    login = adapter.complete_login(request, provider.app, token, response=answer)
    print(json.dumps({"user": login.user.email, "renewed": False}), flush=True)
