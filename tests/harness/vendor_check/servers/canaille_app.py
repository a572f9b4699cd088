"""canaille (memory backend) with auto log-in on /oauth/authorize?user=NAME. env PORT SQL=1"""

import datetime
import os

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from canaille import create_app
from canaille.app import models
from canaille.app.session import UserSession
from canaille.backends import Backend
from flask import g, request
from joserfc.jwk import JWKRegistry

PORT = int(os.environ["PORT"])
jwk = JWKRegistry.generate_key("RSA", 2048)
jwk.ensure_kid()
cfg = {
    "TESTING": False,
    "SECRET_KEY": "s" * 40,
    "WTF_CSRF_ENABLED": False,
    "PREFERRED_URL_SCHEME": "http",
    "SERVER_NAME": f"localhost:{PORT}",
    "CANAILLE": {
        "DATABASE": "memory",
        "JAVASCRIPT": False,
        "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc", "manage_oidc"]}},
    },
    "CANAILLE_OIDC": {"DYNAMIC_CLIENT_REGISTRATION_OPEN": True, "ACTIVE_JWKS": [jwk.as_dict(private=True)]},
}
if os.environ.get("SQL"):
    cfg["CANAILLE"]["DATABASE"] = "sql"
    f = f"canaille_{PORT}.sqlite"
    if os.path.exists(f):
        os.remove(f)
    cfg["CANAILLE_SQL"] = {"DATABASE_URI": "sqlite:///" + f, "AUTO_MIGRATE": True}
app = create_app(config=cfg)
users = {}


def mkuser(n):
    u = Backend.instance.get(models.User, user_name=n)
    if u is None:
        u = models.User(
            formatted_name=n, family_name=n, user_name=n, emails=[n + "@example.org"], password="correct horse battery"
        )
        Backend.instance.save(u)
    return u


@app.before_request
def auto():
    if request.path.endswith("/authorize") and request.args.get("user"):
        g.session = UserSession(
            user=mkuser(request.args["user"]), last_login_datetime=datetime.datetime.now(datetime.UTC)
        )


with app.app_context():
    if os.environ.get("SQL"):
        Backend.instance.install(app)
    for cid, sec, m in (
        ("conf", "confsecret", "client_secret_basic"),
        ("conf2", "conf2secret", "client_secret_basic"),
        ("post", "postsecret", "client_secret_post"),
        ("special", "s3c:r+t %2F&=/~", "client_secret_basic"),
        ("pub", "", "none"),
    ):
        c = models.Client(
            client_id=cid,
            client_secret=sec,
            client_name=cid,
            redirect_uris=["http://127.0.0.1:9/cb"],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "email", "phone", "offline_access"],
            token_endpoint_auth_method=m,
            client_uri="http://127.0.0.1:9/",
            client_id_issued_at=datetime.datetime.now(datetime.UTC),
        )
        Backend.instance.save(c)
        c.audience = [c]
        Backend.instance.save(c)
from werkzeug.serving import run_simple

run_simple("127.0.0.1", PORT, app, threaded=True)
