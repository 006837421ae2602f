import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.core import events, verbs
from roulette.core.events import Code, Reason, Stage, State
from roulette.wire import plain

EVENTS: list[events.Event] = [
    events.Welcome("g", "t", False, State.IDLE, None, 1, 30.0),
    events.Waiting(0.0, Stage.ANYONE, None),
    events.Idle(),
    events.Connected("c", (), (), False),
    events.Connected("c", (), (), True),
    events.GotMessage("c", 1, "hello", 0.0),
    events.Ack("c", "i", 1),
    events.Typing("c"),
    events.StoppedTyping("c"),
    events.Seen("c", 1),
    events.StrangerAway("c"),
    events.StrangerBack("c"),
    events.StrangerReconnecting("c"),
    *(events.StrangerDisconnected("c", reason, True) for reason in Reason),
    events.RematchOffered("c", 60.0),
    events.Guests(3),
    events.ServerMessage("Back in\nfive minutes."),
    events.Error(Code.MESSAGE_TOO_LARGE, "a message has at most 2000 characters", "message"),
    events.Replaced(),
    events.Kicked(),
    events.Banned(),
]


def test_a_line_is_said() -> None:
    assert plain.decode("cześć") == verbs.Message(None, None, "cześć")


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("/next", verbs.Next()),
        ("/stop ", verbs.Disconnect()),
        ("/help", events.ServerMessage(plain.HELP)),
        ("//help", verbs.Message(None, None, "/help")),
        ("///", verbs.Message(None, None, "//")),
        (" /next", verbs.Message(None, None, " /next")),
    ],
)
def test_commands(line: str, meaning: verbs.Verb | events.Event) -> None:
    assert plain.decode(line) == meaning


@pytest.mark.parametrize("line", ["/", "/nxt", "/next please", "/NEXT"])
def test_what_is_no_command_is_an_error(line: str) -> None:
    answer = plain.decode(line)
    assert isinstance(answer, events.Error)
    assert answer.code is Code.INVALID_TYPE


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_the_server_speaks_behind_an_asterisk(event: events.Event) -> None:
    payload = plain.encode(event)
    if isinstance(event, events.GotMessage):
        assert payload == b"hello"
    elif payload is not None:
        assert all(line.startswith("* ") for line in payload.decode().splitlines())


def test_a_message_without_a_partner_gets_the_words_of_the_seed() -> None:
    event = events.Error(Code.STALE_CHAT, "that chat is over", "message")
    assert plain.encode(event) == plain.NO_PARTNER.encode()


@given(st.text(alphabet="* ab\n\u2028\u2029\u2066", max_size=30))
def test_nobody_can_speak_as_the_server(text: str) -> None:
    payload = plain.encode(events.GotMessage("c", 1, text, 0.0))
    assert payload is not None
    shown = payload.decode()
    assert not any(line.startswith("* ") for line in shown.splitlines())
    assert shown.replace("\n *", "\n*").lstrip(" ").replace(" ", "") == text.replace(
        "\n *", "\n*"
    ).lstrip(" ").replace(" ", "")
