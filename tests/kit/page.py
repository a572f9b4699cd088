"""A report's page as a parser sees it, and a text that breaks out wherever nobody escapes."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link"}
ATTACK = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'` onload=alert(1) &amp;\x1b[31m\x00"


class Page(HTMLParser):
    """Every element with its attributes and text; an end tag that closes the wrong element is an error."""

    def __init__(self, text: str) -> None:
        """Parse the whole text."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: Counter[str] = Counter()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the element."""
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the element; only SVG has these."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element and no other."""
        assert self._open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        """Count the text under its element."""
        if self._open:
            self.text[f"{self._open[-1]}: {data.strip()}"] += 1

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of one kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Return each value an attribute has anywhere."""
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]
