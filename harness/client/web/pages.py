"""The small web page as text: templates and their style. It knows values to show, nothing of requests or the engine."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from jinja2 import DictLoader, Environment

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.55 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1.25rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; }
dt { font-weight: 600; } dd { margin: 0; } li { margin: .35rem 0; }
.state { border-left: .4rem solid; padding: .2rem 1rem; }
.good { border-color: #1a7f37; } .bad { border-color: #b42318; }
:focus-visible { outline: 3px solid #1f6feb; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { .good { border-color: #4ac26b; } .bad { border-color: #ff8182; } }
@media (max-width: 32rem) {
  body { margin: 1.5rem auto; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .5rem; }
}
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""Content security policy: this one style and nothing else."""

LAYOUT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %}</title>
<style>{{ style }}</style>
</head>
<body>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
"""

LOGIN = """{% extends "layout" %}
{% block title %}Log in{% endblock %}
{% block main %}
<h1>Log in</h1>
{% if configurations %}
<p>Choose the provider to connect with.</p>
<ul>
{% for one in configurations %}
<li><a href="/login?configuration={{ one.id | urlencode }}">{{ one.name }}</a>{{ " - " ~ one.description if one.description }}</li>
{% endfor %}
</ul>
{% else %}
<p>There is no client configuration yet. Store one through the REST API or with the program first.</p>
{% endif %}
{% endblock %}
"""  # noqa: E501  # one list entry

RESULT = """{% extends "layout" %}
{% block title %}{{ "Connected" if connected else "Not connected" }}{% endblock %}
{% block main %}
<h1>{{ "Connected" if connected else "Not connected" }}</h1>
<div class="state {{ "good" if connected and refreshable else "bad" }}" role="status">
<p>{{ message }}</p>
</div>
{% if facts %}
<dl>
{% for name, value in facts %}
<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}
</dl>
{% endif %}
{% if advice %}
<h2>What to check</h2>
<ul>
{% for sentence in advice %}
<li>{{ sentence }}</li>
{% endfor %}
</ul>
{% endif %}
<p><a href="/login">Log in again</a></p>
{% endblock %}
"""

ENVIRONMENT = Environment(
    loader=DictLoader({"layout": LAYOUT, "login": LOGIN, "result": RESULT}), autoescape=True, trim_blocks=True
)


def render(name: str, **values: Any) -> str:
    """Return the page; every value is escaped."""
    return ENVIRONMENT.get_template(name).render(style=ENVIRONMENT.filters["safe"](STYLE), **values)
