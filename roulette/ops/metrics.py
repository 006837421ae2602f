"""The metrics: one table, from which Prometheus, the dashboard and the documentation are served.

The laws:

1. Names, units and labels are as Prometheus has them
   (https://prometheus.io/docs/practices/naming/): base units, ``_total`` for what only grows.
2. A metric has one label at most, and its values are known beforehand: no guest, no address and
   no topic is ever one.
3. To collect them costs the same however many guests there are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from roulette.core.chats import Phase
from roulette.core.lobby import Lobby
from roulette.core.tally import Histogram
from roulette.ops import process

Value = float | Histogram
Values = Value | Mapping[Any, Value] | None


@dataclass(frozen=True)
class House:
    """What is measured.

    :param started: when the service was made, in Unix seconds.
    :param connections: returns how many are open on the ports of the guests.
    :param closed: how many connections were closed by the server, by reason.
    :param refused: returns how many requests were refused, by reason.
    :param lag: how late the reactor was.
    :param logged: how much was logged, by level.
    :param descriptors: returns how many are open.
    """

    lobby: Lobby
    started: float
    connections: Callable[[], int]
    closed: Mapping[str, int]
    refused: Callable[[], Mapping[str, int]]
    lag: Histogram
    logged: Mapping[str, int]
    descriptors: Callable[[], float | None]
    version: str = field(default_factory=lambda: version("roulette"))

    def waiting(self) -> dict[str, int]:
        """Return how many wait, by what they still insist on."""
        seeking = self.lobby.pool.seeking()
        return {
            **{str(stage): count for stage, count in seeking.items()},
            "parked": self.lobby.pool.parked,
        }


@dataclass(frozen=True)
class Metric:
    """One metric.

    :param read: returns its value, by the value of its label if it has one; None if there is none
        on this system.
    """

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    meaning: str
    read: Callable[[House], Values]
    label: str | None = None


def _phases(house: House) -> dict[str, float]:
    return {phase.value: float(phase is house.lobby.phase) for phase in Phase}


METRICS = (
    # Guests
    Metric(
        "roulette_guests",
        "gauge",
        "Guests who are here, with those whose connection is lost.",
        lambda house: len(house.lobby.guests),
    ),
    Metric(
        "roulette_guests_max",
        "gauge",
        "How many guests there may be: --max-guests.",
        lambda house: house.lobby.max_guests,
    ),
    Metric(
        "roulette_guests_absent",
        "gauge",
        "Guests who have lost their connection, and may come back.",
        lambda house: house.lobby.absent,
    ),
    Metric(
        "roulette_guests_waiting",
        "gauge",
        "Guests who wait, by what they still insist on; those who are away or absent are parked.",
        House.waiting,
        "stage",
    ),
    Metric(
        "roulette_guests_arrived_total",
        "counter",
        "New guests who were let in.",
        lambda house: house.lobby.tally.arrived,
    ),
    Metric(
        "roulette_guests_resumed_total",
        "counter",
        "Times that a guest came back on another connection.",
        lambda house: house.lobby.tally.resumed,
    ),
    # Chats
    Metric("roulette_pairs", "gauge", "Chats that go on.", lambda house: house.lobby.tally.pairs),
    Metric(
        "roulette_messages_total",
        "counter",
        "Messages that were accepted.",
        lambda house: house.lobby.tally.messages,
    ),
    Metric(
        "roulette_wait_seconds",
        "histogram",
        "How long guests waited until they met somebody, by what they insisted on in the end.",
        lambda house: house.lobby.tally.waits,
        "stage",
    ),
    Metric(
        "roulette_chats_ended_total",
        "counter",
        "Chats that have ended, by what the partner is told; next is a skip.",
        lambda house: house.lobby.tally.ended,
        "reason",
    ),
    Metric(
        "roulette_chat_duration_seconds",
        "histogram",
        "How long chats were, when they ended.",
        lambda house: house.lobby.tally.chat_seconds,
    ),
    Metric(
        "roulette_chat_messages",
        "histogram",
        "How many messages there were in a chat, of both sides, when it ended.",
        lambda house: house.lobby.tally.chat_messages,
    ),
    Metric(
        "roulette_rematches_total",
        "counter",
        "Chats that began since both had asked to meet again.",
        lambda house: house.lobby.tally.rematches,
    ),
    Metric(
        "roulette_blocks_total",
        "counter",
        "Times that a guest has blocked another.",
        lambda house: house.lobby.tally.blocks,
    ),
    # What is refused
    Metric(
        "roulette_limits_hit_total",
        "counter",
        "Times that a guest was too fast, by what is limited.",
        lambda house: house.lobby.tally.limited,
        "limit",
    ),
    Metric(
        "roulette_frames_refused_total",
        "counter",
        "Frames that were answered with an error, by its code.",
        lambda house: house.lobby.tally.refused,
        "code",
    ),
    Metric(
        "roulette_requests_refused_total",
        "counter",
        "HTTP requests, handshakes and connections that were refused, by reason.",
        lambda house: house.refused(),
        "reason",
    ),
    Metric(
        "roulette_connections_closed_total",
        "counter",
        "WebSocket connections that the service has closed, by its own reasons; too_slow are slow "
        "readers, and error is a failure of ours. What breaks RFC 6455 is not among them.",
        lambda house: house.closed,
        "reason",
    ),
    # The service
    Metric(
        "roulette_connections",
        "gauge",
        "Open connections on the ports of the guests, with those of plain HTTP.",
        lambda house: house.connections(),
    ),
    Metric(
        "roulette_phase",
        "gauge",
        "1 for the phase that the service is in, 0 for the others.",
        _phases,
        "phase",
    ),
    Metric(
        "roulette_log_events_total",
        "counter",
        "Lines that were logged, by level; critical is a failure with its traceback.",
        lambda house: house.logged,
        "level",
    ),
    Metric(
        "roulette_reactor_lag_seconds",
        "histogram",
        "How late the reactor called what was due, looked at ten times a second.",
        lambda house: house.lag,
    ),
    Metric(
        "roulette_build_info",
        "gauge",
        "1; the label is what is of interest.",
        lambda house: {house.version: 1},
        "version",
    ),
    # The process; these names are the same for every service.
    Metric(
        "process_cpu_seconds_total",
        "counter",
        "Processor time that was used.",
        lambda house: process.cpu_seconds(),
    ),
    Metric(
        "process_resident_memory_bytes",
        "gauge",
        "Memory that is resident.",
        lambda house: process.memory_bytes(),
    ),
    Metric(
        "process_open_fds", "gauge", "Open file descriptors.", lambda house: house.descriptors()
    ),
    Metric(
        "process_max_fds",
        "gauge",
        "How many file descriptors there may be.",
        lambda house: process.most_descriptors(),
    ),
    Metric(
        "process_start_time_seconds",
        "gauge",
        "When the service was started, in Unix seconds.",
        lambda house: house.started,
    ),
)
"""Every metric there is."""


def read(house: House) -> Iterator[tuple[Metric, Mapping[Any, Value]]]:
    """Yield each metric with its values, by label; "" where it has none."""
    for metric in METRICS:
        values = metric.read(house)
        if isinstance(values, Mapping):
            yield metric, values
        elif values is not None:
            yield metric, {"": values}
