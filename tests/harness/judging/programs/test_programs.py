"""Whole programs of other people's, unmodified, against `refreshproof serve --judge`: what each does at expiry, in an
outage and when it is refused, and which findings that comes to, with a reason for each.

How a program is set up, logged in and called stands in the page for users, `whole-programs.md`, and is executed here.
"""

import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kit.sockets import free_ports
from refreshproof.mock_servers.serving.control.client import ControlClient

pytestmark = [pytest.mark.programs, pytest.mark.sockets]

PAGE = Path(importlib.util.find_spec("refreshproof.harness.judging").origin).with_name("whole-programs.md").read_text()
MARK = "<!-- executed by tests/harness/judging/programs/test_programs.py -->"
COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
