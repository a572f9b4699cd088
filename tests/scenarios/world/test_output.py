"""What a client lets out is heard, by whatever way it comes, and goes on to where it went before."""

import logging
import sys
import threading
import warnings
from collections.abc import Callable

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import OutcomeRecord
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call
from refreshproof.scenarios.steps.subject import Outcome, Surroundings
from refreshproof.scenarios.world.output import Output


def prints(text: str) -> None:
    print("the token is", text)


def writes(text: str) -> None:
    sys.stderr.write(f"the token is {text}\n")


def writes_lines(text: str) -> None:
    sys.stdout.writelines(["the token is ", text])


def writes_bytes(text: str) -> None:
    sys.stdout.buffer.write(text.encode())


def warns(text: str) -> None:
    warnings.warn(f"the token is {text}", stacklevel=2)


def logs(text: str) -> None:
    logging.getLogger("client").warning("the token is %s", text)


def prints_elsewhere(text: str) -> None:
    thread = threading.Thread(target=prints, args=(text,))
    thread.start()
    thread.join()


WAYS = (prints, writes, writes_lines, writes_bytes, warns, logs, prints_elsewhere)


def client(say: Callable[[str], None]) -> type[TinyClient]:
    class Says(TinyClient):
        """Tells its access token to people."""

        def call(self) -> Outcome:
            """Speak first."""
            say(self.known_grant().access_token)
            return super().call()

    return Says


def heard(say: Callable[[str], None], times: int = 1) -> list[OutcomeRecord]:
    return list(play(VENDORS["generic"], client(say), flow(Call(times=times, every=1))).outcomes("call"))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("say", WAYS)
def test_a_token_that_is_told_to_people_is_a_leak_by_whatever_way_and_stands_redacted_in_the_journal(
    say: Callable[[str], None],
) -> None:
    first, *later = heard(say, times=2)
    assert first.leaks == ("AT1",)
    assert "AT1" in "".join(first.log)
    assert [one.leaks for one in later] == [() if say is warns else ("AT1",)]  # Python warns of the same once


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("say", WAYS)
def test_a_life_that_is_played_again_is_heard_again(say: Callable[[str], None]) -> None:
    assert heard(say) == heard(say)


def test_what_is_printed_goes_on_to_where_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    with Output():
        print("for people")
        sys.stderr.write("for operators\n")
    assert capsys.readouterr() == ("for people\n", "for operators\n")


def test_a_warning_is_shown_once_and_heard_in_each_life() -> None:
    text, lives = "deprecated in this test alone", list[Output]()

    def warn() -> None:
        for _ in range(3):
            lives.append(Output())
            with lives[-1]:
                warnings.warn(text, stacklevel=1)

    with pytest.warns(UserWarning, match=text) as shown:
        warn()
    assert len(shown) == 1
    assert [len(life.said) for life in lives] == [1, 1, 1]


def test_what_other_threads_write_is_none_of_the_client_s() -> None:
    go, done = threading.Event(), threading.Event()

    def draw_progress() -> None:
        go.wait()
        print("50 %")
        done.set()

    thread = threading.Thread(target=draw_progress)
    thread.start()
    output = Output()
    with output:
        go.set()
        done.wait()
    thread.join()
    assert output.drain() == ([], [])


def test_listening_leaves_streams_and_warnings_as_they_were() -> None:
    before = (sys.stdout, sys.stderr, warnings.showwarning, list(warnings.filters))
    with Output() as one, Output(), one:
        assert sys.stdout is not before[0]
    assert (sys.stdout, sys.stderr, warnings.showwarning, list(warnings.filters)) == before


def test_a_stand_in_is_the_stream_in_everything_else() -> None:
    encoding, is_terminal = sys.stdout.encoding, sys.stdout.isatty()
    with Output():
        assert (sys.stdout.encoding, sys.stdout.isatty()) == (encoding, is_terminal)
        sys.stdout.flush()


class RaisesFromAnother(TinyClient):
    """Raises a harmless exception from one that holds its access token."""

    def call(self) -> Outcome:
        """Fail."""
        try:
            raise ValueError(f"bad token {self.known_grant().access_token}")
        except ValueError as error:
            raise RuntimeError("The call failed.") from error


def test_an_exception_tells_what_its_causes_tell() -> None:
    (told,) = play(VENDORS["generic"], RaisesFromAnother, flow(Call())).outcomes("call")
    assert told.leaks == ("AT1",)
    assert told.detail == "RuntimeError: The call failed."


class PrintsItsSecret(TinyClient):
    """Prints what it is configured with when it is made."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        print("configured with", surroundings.registration.client_secret)


def test_what_a_client_says_when_it_is_made_is_told_with_its_first_operation() -> None:
    first = play(VENDORS["generic"], PrintsItsSecret, flow()).outcomes()[0]
    assert (first.operation, first.leaks) == ("authorize", ("SECRET1",))
