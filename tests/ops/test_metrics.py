"""What Prometheus is told."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from roulette.core import verbs
from roulette.core.tally import Histogram
from roulette.ops.exposition import plain, registry
from roulette.ops.metrics import METRICS, House, Metric
from tests.core.world import World as Core
from tests.core.world import couple
from tests.memory import Make, World, ask

ADMIN = ("--admin", "9464")


def house(core: Core) -> House:
    """Return a house with nothing but guests."""
    return House(
        core.lobby,
        started=1_700_000_000.0,
        connections=lambda: 0,
        closed={"too_slow": 1},
        refused=lambda: {"full": 2},
        lag=Histogram((0.001, 1)),
        logged={"critical": 0},
        descriptors=lambda: 7,
    )


def samples(text: str, read: Callable[[str], Any] = read_text) -> dict[tuple[str, str], float]:
    """Return what a scrape says, by the name and by the value of the label that is not le."""
    found = {}
    for family in read(text):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            if sample.labels.get("le", "+Inf") == "+Inf":
                found[sample.name, "".join(labels.values())] = sample.value
    return found


def scrape(world: World, **headers: str) -> str:
    status, _, body = ask(world.others[0], "/metrics", **headers)
    assert status == 200
    return body.decode()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_are_as_prometheus_has_them(metric: Metric) -> None:
    assert re.fullmatch(r"(roulette|process)_[a-z]+(_[a-z]+)*", metric.name)
    assert metric.name.endswith("_total") is (metric.kind == "counter")
    assert not re.search(r"milli|minutes|hours|kilo|mega", metric.name)
    assert metric.meaning.endswith(".") or ";" in metric.meaning


def test_no_name_is_given_twice() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize(
    ("accept", "kind", "read"),
    [
        ("", "text/plain", read_text),
        ("text/plain;version=0.0.4", "text/plain", read_text),
        ("text/plain;version=newest", "text/plain", read_text),
        ("application/openmetrics-text;version=x;escaping=y", "text/plain", read_text),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
            "application/openmetrics-text",
            read_openmetrics,
        ),
    ],
)
def test_a_scrape_is_read_by_the_parsers_of_prometheus_client(
    bring_up: Make, accept: str, kind: str, read: Callable[[str], Any]
) -> None:
    status, headers, body = ask(bring_up(*ADMIN).others[0], "/metrics", Accept=accept)
    assert (status, headers.get_content_type()) == (200, kind)
    families = {family.name: family for family in read(body.decode())}
    for metric in METRICS:
        family = families.pop(metric.name.removesuffix("_total"))
        assert (family.type, family.documentation) == (metric.kind, metric.meaning)
        assert {frozenset(sample.labels) - {"le"} for sample in family.samples} == {
            frozenset([metric.label] if metric.label else [])
        }
    assert not families


def test_what_guests_do_is_what_is_told(bring_up: Make) -> None:
    world = bring_up(*ADMIN)
    one, other = world.hello(), world.hello()
    one.say({"type": "start", "topics": ["tea"]})
    world.advance(2.0)
    assert samples(scrape(world))["roulette_guests_waiting", "topics"] == 1
    other.say({"type": "start", "topics": ["tea"]})
    chat = next(frame["chat"] for frame in one.take() if frame["type"] == "connected")
    for number in range(3):
        one.say({"type": "message", "chat": chat, "id": str(number), "text": "unspeakable"})
    told = scrape(world)
    found = samples(told)
    assert "unspeakable" not in told
    assert found["roulette_guests", ""] == found["roulette_guests_arrived_total", ""] == 2
    assert (found["roulette_pairs", ""], found["roulette_messages_total", ""]) == (1, 3)
    assert found["roulette_wait_seconds_count", "topics"] == 2
    assert found["roulette_wait_seconds_sum", "topics"] == pytest.approx(2.0)
    other.say({"type": "next", "chat": chat})
    other.say({"type": "nonsense"})
    other.say(b"binary")
    found = samples(scrape(world))
    assert (found["roulette_pairs", ""], found["roulette_chats_ended_total", "next"]) == (0, 1)
    assert found["roulette_chat_messages_sum", ""] == 3
    assert found["roulette_frames_refused_total", "invalid_type"] == 1
    assert found["roulette_connections_closed_total", "binary"] == 1
    assert found["roulette_guests_absent", ""] == 1
    assert found["roulette_guests_waiting", "parked"] == 1
    assert ask(world.site, "/ws")[0] == 426
    assert samples(scrape(world))["roulette_requests_refused_total", "upgrade"] == 1


def test_a_slow_reader_is_told_of(bring_up: Make) -> None:
    world = bring_up(*ADMIN)
    world.hello()
    [connection] = world.factory.clients
    connection.pauseProducing()
    world.advance(30.0)
    world.advance(1.0)
    assert samples(scrape(world))["roulette_connections_closed_total", "too_slow"] == 1


def test_the_phase_is_told(bring_up: Make) -> None:
    world = bring_up(*ADMIN)
    assert samples(scrape(world))["roulette_phase", "open"] == 1
    world.service.stopService()
    found = samples(scrape(world))
    assert (found["roulette_phase", "open"], found["roulette_phase", "closing"]) == (0, 1)


def test_what_is_not_known_here_is_left_out() -> None:
    unknown = house(Core())
    unknown = House(**{**vars(unknown), "descriptors": lambda: None})
    assert "process_open_fds" not in generate_latest(registry(unknown)).decode()
    assert "process_open_fds" not in plain(unknown)


def test_plain_data_says_the_same() -> None:
    core = Core()
    couple(core)
    made = house(core)
    told = plain(made)
    assert told["roulette_requests_refused_total"] == {"full": 2}
    for (name, label), value in samples(generate_latest(registry(made)).decode()).items():
        base, _, part = re.sub(r"_(bucket|count|sum)$", r" \1", name).partition(" ")
        says = told[base] if base in told else told[name]
        says = says[label] if label else says
        if part and base in told:
            says = says["buckets"]["+Inf"] if part == "bucket" else says[part]
        if not name.startswith("process_cpu") and not name.startswith("process_resident"):
            assert says == value, name


def steps(collected: CollectorRegistry) -> int:
    """Return how many instructions of Python a scrape takes."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        generate_latest(collected)
    finally:
        sys.settrace(before)
    return count


def test_a_scrape_costs_the_same_however_many_guests_there_are() -> None:
    few, many = Core(), Core()
    for core, guests in ((few, 4), (many, 400)):
        for number in range(guests):
            core.do(core.arrive(f"guest {number}"), verbs.Start((f"topic {number // 2 % 2}",)))
        core.arrive("idle")
    took_few, took_many = (steps(registry(house(core))) for core in (few, many))
    assert took_few > 1000
    # Numbers with more digits take a few more.
    assert took_many - took_few < 200
