"""Foreign text made safe to show anywhere. What it must not know: any format's own escaping."""

import re

# Everything XML 1.0 (section 2.2) cannot hold and everything a terminal would obey: C0 and C1 controls, surrogates,
# non-characters, and the bidirectional overrides that make shown text differ from read text.
_UNPRINTABLE = re.compile("[^\t\n -~\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Replace each character that cannot be shown as itself; tabs and line ends stay."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def command_line(text: str) -> str:
    """Make a command printable; unlike other text it is not folded, because blanks inside quotes count."""
    return printable(text).replace("\n", "\N{REPLACEMENT CHARACTER}")


def one_line(text: str) -> str:
    """Make text printable and fold it onto one line."""
    return " ".join(printable(text).split())
