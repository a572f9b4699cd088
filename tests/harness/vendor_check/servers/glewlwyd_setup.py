"""sets up Debian's glewlwyd 2.7.5 on loopback in a folder: python glewlwyd_setup.py DIR PORT ; then it can be started with DIR/g.conf. Plugins: never (defaults), oneuse, rolling, oneuseroll; TTL variants ttlN."""

import http.client
import json
import os
import re
import subprocess
import sys
import time

D, PORT = sys.argv[1], int(sys.argv[2])
os.makedirs(D, exist_ok=True)
db = D + "/g.db"
if os.path.exists(db):
    os.remove(db)
subprocess.run(f"zcat /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz | sqlite3 {db}", shell=True, check=True)
c = (
    open("/etc/glewlwyd/glewlwyd.conf")
    .read()
    .replace('@include "/etc/glewlwyd/glewlwyd-db.conf"', f'database = {{ type = "sqlite3"; path = "{db}"; }};')
)
c = re.sub(r"(?m)^port=.*", f'port={PORT}\nbind_address="127.0.0.1"', c)
c = re.sub(r"(?m)^external_url=.*", f'external_url="http://127.0.0.1:{PORT}/"', c)
c = re.sub(r"(?m)^log_mode=.*", 'log_mode="file"', c)
c = re.sub(r"(?m)^log_file=.*", f'log_file="{D}/g.log"', c)
open(D + "/g.conf", "w").write(c)
if not os.path.exists(D + "/k.pem"):
    subprocess.run(
        f"openssl genrsa -out {D}/k.pem 2048 2>/dev/null; openssl rsa -in {D}/k.pem -pubout -out {D}/p.pem 2>/dev/null",
        shell=True,
    )
p = subprocess.Popen(
    ["glewlwyd", "--config-file=" + D + "/g.conf"],
    stdout=open(D + "/out", "w"),
    stderr=subprocess.STDOUT,
    start_new_session=True,
)
for _ in range(60):
    time.sleep(0.5)
    try:
        http.client.HTTPConnection("127.0.0.1", PORT, timeout=5).request("GET", "/config")
        break
    except OSError:
        pass
ck = {}


def call(m, path, body=None):
    h = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    h.request(
        m,
        "/api" + path,
        json.dumps(body) if body is not None else None,
        {"Content-Type": "application/json", "Cookie": "; ".join(f"{k}={v}" for k, v in ck.items())},
    )
    r = h.getresponse()
    b = r.read()
    for k, v in r.getheaders():
        if k.lower() == "set-cookie":
            n, _, x = v.partition("=")
            ck[n] = x.split(";")[0]
    if r.status >= 300:
        print(m, path, r.status, b[:400])
    return r.status, b


call("POST", "/auth/", {"username": "admin", "password": "password"})
for s in ("a", "b", "c", "offline_access", "openid"):
    if s != "openid":
        call(
            "POST",
            "/scope/",
            {
                "name": s,
                "display_name": s,
                "description": s,
                "password_required": False,
                "password_max_age": 0,
                "scheme": {},
            },
        )
for i in range(16):
    call(
        "POST",
        "/user/",
        {
            "username": f"u{i}",
            "password": "password",
            "email": f"u{i}@example.org",
            "enabled": True,
            "scope": ["g_profile", "openid", "a", "b", "c", "offline_access"],
        },
    )
for cid, sec, am in (
    ("conf", "confsecret", ["client_secret_basic"]),
    ("conf2", "conf2secret", ["client_secret_basic"]),
    ("post", "postsecret", ["client_secret_post"]),
    ("special", "s3c:r+t %2F&=/~", ["client_secret_basic"]),
    ("pub", None, ["none"]),
):
    d = {
        "client_id": cid,
        "name": cid,
        "enabled": True,
        "confidential": sec is not None,
        "redirect_uri": ["http://127.0.0.1:9/cb"],
        "authorization_type": ["code", "refresh_token"],
        "scope": [],
        "token_endpoint_auth_method": am,
    }
    if sec:
        d["client_secret"] = sec
        d["password"] = sec
    call("POST", "/client/", d)
base = {
    "iss": "",
    "jwt-type": "rsa",
    "jwt-key-size": "256",
    "key": open(D + "/k.pem").read(),
    "cert": open(D + "/p.pem").read(),
    "access-token-duration": 3600,
    "refresh-token-duration": 1209600,
    "code-duration": 600,
    "refresh-token-rolling": False,
    "allow-non-oidc": True,
    "auth-type-code-enabled": True,
    "auth-type-refresh-enabled": True,
    "pkce-allowed": True,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "subject-type": "public",
    "scope": [{"name": "openid"}],
}
for n, o in (
    ("never", {}),
    ("oneuse", {"refresh-token-one-use": "always"}),
    ("rolling", {"refresh-token-rolling": True}),
    ("revoke", {"refresh-token-one-use": "always", "auth-type-code-revoke-replayed": True}),
    ("ttl", {"refresh-token-duration": 6}),
    ("ttlroll", {"refresh-token-duration": 6, "refresh-token-rolling": True}),
    ("ttlone", {"refresh-token-duration": 6, "refresh-token-one-use": "always"}),
):
    call(
        "POST",
        "/mod/plugin/",
        {
            "module": "oidc",
            "name": n,
            "display_name": n,
            "order_rank": 0,
            "parameters": {**base, **o, "iss": f"http://127.0.0.1:{PORT}/api/{n}"},
        },
    )
p.terminate()
p.wait()
print("up", PORT)
