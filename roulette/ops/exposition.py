"""The metrics in the forms in which they are asked for: Prometheus' own, and plain data."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from roulette.core.tally import Histogram
from roulette.ops.metrics import House, Metric, Value, read


class Numbers(Collector):
    """Collects the metrics for Prometheus."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Family]:
        """Yield each metric in the form of prometheus-client."""
        for metric, values in read(self._house):
            yield _family(metric, values)


def registry(house: House) -> CollectorRegistry:
    """Return a registry with all the metrics, and with nothing else."""
    made = CollectorRegistry()
    made.register(Numbers(house))
    return made


def plain(house: House) -> dict[str, Any]:
    """Return all the metrics as plain data, by name, and by the value of their label."""
    found = {}
    for metric, values in read(house):
        by_label = {str(label): _plain(value) for label, value in values.items()}
        found[metric.name] = by_label if metric.label else by_label[""]
    return found


def _plain(value: Value) -> Any:
    if isinstance(value, Histogram):
        return {"count": sum(value.counts), "sum": value.sum, "buckets": dict(_buckets(value))}
    return value


def _buckets(histogram: Histogram) -> Iterable[tuple[str, float]]:
    """Return how many observations there were up to each bound."""
    bounds = (*map(floatToGoString, histogram.bounds), "+Inf")
    return zip(bounds, accumulate(histogram.counts), strict=True)


def _family(metric: Metric, values: Mapping[Any, Value]) -> Family:
    labels = () if metric.label is None else (metric.label,)
    made: Any = {
        "gauge": GaugeMetricFamily,
        "counter": CounterMetricFamily,
        "histogram": HistogramMetricFamily,
    }[metric.kind](metric.name, metric.meaning, labels=labels)
    for label, value in values.items():
        named = [label] if labels else []
        if isinstance(value, Histogram):
            made.add_metric(named, list(_buckets(value)), value.sum)
        else:
            made.add_metric(named, value)
    family: Family = made
    return family
