from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from roulette.core.events import Event
from roulette.core.verbs import Verb
from roulette.wire import v1, v1_client, v1_frames

FITTING: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(0, 2**53),
    float: st.floats(0, 1e12),
    float | None: st.none() | st.floats(0, 1e12),
}


def told(event: type[Event]) -> st.SearchStrategy[Event]:
    """Draw events of a kind with numbers that a server could send."""
    numbers = {f.name: FITTING[f.type] for f in msgspec.structs.fields(event) if f.type in FITTING}
    return st.builds(event, **numbers)


@given(st.one_of([st.builds(verb) for verb in v1_frames.VERBS.values()]))
def test_the_server_reads_what_the_client_writes(verb: Verb) -> None:
    read = v1.decode(v1_client.encode(verb).decode())
    # Some of what can be drawn breaks the limits of the wire, and is answered by an error.
    assert isinstance(read, Event) or v1_client.encode(read) == v1_client.encode(verb)


@given(st.one_of([told(event) for event in v1_frames.EVENTS]))
def test_the_client_reads_what_the_server_writes(event: Event) -> None:
    payload = v1.encode(event)
    assert payload is not None
    assert v1_client.decode(payload) == event


@given(st.binary() | st.sampled_from([b"[" * 9999, b'{"type": "tomorrow"}', b'{"type": "ack"}']))
def test_what_a_client_does_not_know_it_ignores(payload: bytes) -> None:
    assert v1_client.decode(payload) is None
