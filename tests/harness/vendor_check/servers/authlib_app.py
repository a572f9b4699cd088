"""Authlib Flask server in one file. env PORT NEWRT(1/0) DB TTL"""

import os
import time

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

PORT = int(os.environ["PORT"])
DB = f"authlib_{PORT}.sqlite"
if os.path.exists(DB):
    os.remove(DB)
app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI="sqlite:///" + DB,
    SECRET_KEY="x",
    OAUTH2_REFRESH_TOKEN_GENERATOR=True,
    OAUTH2_SCOPES_SUPPORTED=["openid", "a", "b", "c", "offline_access"],
)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(60), unique=True)

    def get_user_id(self):
        return self.id


class Client(db.Model, OAuth2ClientMixin):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)


class Code(db.Model, OAuth2AuthorizationCodeMixin):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)


class Token(db.Model, OAuth2TokenMixin):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)

    def is_refresh_token_active(self):
        if self.refresh_token_revoked_at if hasattr(self, "refresh_token_revoked_at") else self.is_revoked():
            return False
        return self.issued_at + int(os.environ.get("TTL") or 864000) > time.time()


AM = ["client_secret_basic", "client_secret_post", "none"]


class AC(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AM

    def save_authorization_code(self, code, request):
        p = request.payload.data if hasattr(request, "payload") else request.data
        c = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.payload.scope,
            user_id=request.user.id,
            code_challenge=p.get("code_challenge"),
            code_challenge_method=p.get("code_challenge_method"),
        )
        db.session.add(c)
        db.session.commit()
        return c

    def query_authorization_code(self, code, client):
        c = Code.query.filter_by(code=code, client_id=client.client_id).first()
        if c and not c.is_expired():
            return c

    def delete_authorization_code(self, c):
        db.session.delete(c)
        db.session.commit()

    def authenticate_user(self, c):
        return db.session.get(User, c.user_id)


class RT(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AM

    def authenticate_refresh_token(self, rt):
        t = Token.query.filter_by(refresh_token=rt).first()
        if t and t.is_refresh_token_active():
            return t

    def authenticate_user(self, t):
        return db.session.get(User, t.user_id)

    def revoke_old_credential(self, t):
        n = int(time.time())
        t.access_token_revoked_at = n
        t.refresh_token_revoked_at = n
        db.session.add(t)
        db.session.commit()


if os.environ.get("NEWRT"):
    RT.INCLUDE_NEW_REFRESH_TOKEN = os.environ["NEWRT"] == "1"


class Intro(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic"]

    def query_token(self, tok, hint):
        return Token.query.filter_by(access_token=tok).first() or Token.query.filter_by(refresh_token=tok).first()

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, t):
        return {"active": not t.is_revoked() and not t.is_expired(), "scope": t.scope, "client_id": t.client_id}


srv = AuthorizationServer(
    app, query_client=create_query_client_func(db.session, Client), save_token=create_save_token_func(db.session, Token)
)
srv.register_grant(AC, [CodeChallenge(required=False)])
srv.register_grant(RT)
Rev = create_revocation_endpoint(db.session, Token)
Rev.CLIENT_AUTH_METHODS = AM if os.environ.get("REVALL") else Rev.CLIENT_AUTH_METHODS
srv.register_endpoint(Rev)
srv.register_endpoint(Intro)
rp = ResourceProtector()
rp.register_token_validator(create_bearer_token_validator(db.session, Token)())


@app.get("/authorize")
def authorize():
    n = request.args.get("user", "u")
    u = User.query.filter_by(name=n).first()
    if not u:
        u = User(name=n)
        db.session.add(u)
        db.session.commit()
    g = srv.get_consent_grant(end_user=u)
    return srv.create_authorization_response(grant_user=u, grant=g)


@app.post("/token")
def token():
    return srv.create_token_response()


@app.post("/revoke")
def revoke():
    return srv.create_endpoint_response(Rev.ENDPOINT_NAME)


@app.post("/introspect")
def intro():
    return srv.create_endpoint_response(Intro.ENDPOINT_NAME)


@app.get("/me")
@rp()
def me():
    return jsonify(sub=current_token.user_id, scope=current_token.scope)


with app.app_context():
    db.create_all()
    for cid, sec, m in (
        ("conf", "confsecret", "client_secret_basic"),
        ("conf2", "conf2secret", "client_secret_basic"),
        ("post", "postsecret", "client_secret_post"),
        ("special", "s3c:r+t %2F&=/~", "client_secret_basic"),
        ("pub", "", "none"),
    ):
        c = Client(client_id=cid, client_secret=sec, client_id_issued_at=int(time.time()))
        c.set_client_metadata(
            dict(
                client_name=cid,
                grant_types=["authorization_code", "refresh_token"],
                response_types=["code"],
                scope="openid offline_access a b c",
                redirect_uris=["http://127.0.0.1:9/cb"],
                token_endpoint_auth_method=m,
            )
        )
        db.session.add(c)
    db.session.commit()
app.run("127.0.0.1", PORT, threaded=True)
