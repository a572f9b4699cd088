"""The script mutt_oauth2.py of mutt: python mutt_oauth2.py REGISTRATION, in its flow with a listener on localhost.

In the copy that runs are filled in, as its README says, the client's id and secret, and what encrypts its tokens.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

SCRIPT = Path("/usr/share/doc/mutt/examples/mutt_oauth2.py")


def call_back(url: str, script: "subprocess.Popen[str]") -> None:
    """Call the script back, once it listens: it shows its address before."""
    while script.poll() is None:
        try:
            urlopen(url).close()  # noqa: S310 - on localhost
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            with suppress(subprocess.TimeoutExpired):
                script.wait(0.1)
        else:
            return


with tempfile.TemporaryDirectory() as folder:
    script, tokens = Path(folder, SCRIPT.name), Path(folder, "tokens")
    text = SCRIPT.read_text()
    for name in ("client_id", "client_secret"):
        text = text.replace(f"'{name}': ''", f"'{name}': {os.environ[name.upper()]!r}")
    for pipe in ("['gpg', '--encrypt', '--recipient', 'YOUR_GPG_IDENTITY']", "['gpg', '--decrypt']"):
        text = text.replace(pipe, "['cat']")
    script.write_text(text)
    command = (sys.executable, str(script), str(tokens))
    answers = f"{sys.argv[1]}\nlocalhostauthcode\nbob@example.com\n"
    with subprocess.Popen((*command, "--authorize"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as login:
        assert login.stdin is not None
        assert login.stdout is not None
        login.stdin.write(answers)
        login.stdin.flush()
        print(next(line[line.index("https:") :].strip() for line in login.stdout if "https:" in line), flush=True)
        call_back(input(), login)
        first = login.stdout.read().splitlines()[-1]
    stored = json.loads(tokens.read_text())
    tokens.write_text(json.dumps({**stored, "access_token_expiration": "2001-01-01T00:00:00"}))
    renewed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
print(json.dumps({"user": "", "renewed": renewed != first}))
