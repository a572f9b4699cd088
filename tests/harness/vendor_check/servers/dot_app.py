"""django-oauth-toolkit in one file. env: PORT DB ROT(1/0) GRACE(secs) REUSE(1/0) TTL(secs or empty) ; run: python dot_app.py"""

import os

PORT = int(os.environ["PORT"])
DB = os.environ.get("DB", f"dot_{PORT}.sqlite3")


def b(n, d):
    return os.environ.get(n, d) == "1"


import django
from django.conf import settings

O = dict(
    SCOPES={"openid": "o", "read": "r", "write": "w", "admin": "a"},
    OAUTH2_VALIDATOR_CLASS="oauth2_provider.oauth2_validators.OAuth2Validator",
)
if os.environ.get("ROT"):
    O["ROTATE_REFRESH_TOKEN"] = b("ROT", "1")
if os.environ.get("GRACE"):
    O["REFRESH_TOKEN_GRACE_PERIOD_SECONDS"] = int(os.environ["GRACE"])
if os.environ.get("REUSE"):
    O["REFRESH_TOKEN_REUSE_PROTECTION"] = b("REUSE", "0")
if os.environ.get("TTL"):
    O["REFRESH_TOKEN_EXPIRE_SECONDS"] = int(os.environ["TTL"])
if os.environ.get("OIDC"):
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import rsa

    O["OIDC_ENABLED"] = True
    O["OIDC_RSA_PRIVATE_KEY"] = (
        rsa.generate_private_key(65537, 2048)
        .private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
        .decode()
    )
engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": DB, "OPTIONS": {"timeout": 20}}
if os.environ.get("PG"):
    engine = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "dot",
        "USER": "dot",
        "PASSWORD": "dot",
        "HOST": "127.0.0.1",
        "PORT": os.environ["PG"],
    }
settings.configure(
    DEBUG=False,
    SECRET_KEY="x" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="__main__",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": engine},
    OAUTH2_PROVIDER=O,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": []},
        }
    ],
)
django.setup()
from django.contrib.auth import get_user_model
from django.urls import include, path
from oauth2_provider.models import get_application_model
from oauth2_provider.views import AuthorizationView

U = get_user_model()


class Auto(AuthorizationView):
    def dispatch(self, request, *a, **k):
        u, _ = U.objects.get_or_create(username=request.GET.get("user", "u"))
        request.user = u
        return super().dispatch(request, *a, **k)


urlpatterns = [
    path("o/authorize/", Auto.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


def setup():
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    A = get_application_model()
    rd = "http://127.0.0.1:9/cb"
    for cid, sec in (("conf", "confsecret"), ("conf2", "conf2secret"), ("special", "s3c:r+t %2F&=/~"), ("pub", "")):
        A.objects.filter(client_id=cid).delete()
        kw = dict(algorithm="RS256") if os.environ.get("OIDC") else {}
        A.objects.create(
            client_id=cid,
            client_secret=sec,
            client_type="public" if cid == "pub" else "confidential",
            authorization_grant_type="authorization-code",
            redirect_uris=rd,
            skip_authorization=True,
            name=cid,
            **kw,
        )


if __name__ == "__main__":
    if os.path.exists(DB):
        os.remove(DB)
    setup()
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class T(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 64

    class Q(WSGIRequestHandler):
        def log_message(self, *a):
            pass

    print("up", PORT, {k: v for k, v in O.items() if k.isupper() and k != "OIDC_RSA_PRIVATE_KEY"}, flush=True)
    make_server("127.0.0.1", PORT, get_wsgi_application(), T, Q).serve_forever()
