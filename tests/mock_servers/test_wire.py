"""Forms and answers are read and written by shorter ways than the library's, to the same end."""

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.mock_servers.wire import WireRequest, json_response, pairs_of

PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(st.text("ab=&%+;4é\ud7ff ") | st.text())
def test_pairs_are_those_of_the_library(text: str) -> None:
    assert pairs_of(text) == tuple(parse_qsl(text, keep_blank_values=True))


@given(st.dictionaries(st.text(), PLAIN, max_size=5) | st.dictionaries(st.text(), JSON, max_size=3))
def test_an_answer_over_several_lines_is_the_librarys(document: dict[str, object]) -> None:
    assert json_response(200, document, indent=2).body == json.dumps(document, indent=2).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("escaped", [True, False])
def test_half_a_surrogate_pair_is_read_as_what_is_no_character(encoding: str, escaped: bool) -> None:
    body = json.dumps({"a\ud800": "\udc00é"}, ensure_ascii=escaped).encode(encoding, "surrogatepass")
    request = WireRequest(
        method="POST", url="https://a.example/", headers=(("Content-Type", "application/json"),), body=body
    )
    assert request.form == (("a\ufffd", "\ufffdé"),)
