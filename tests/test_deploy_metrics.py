"""The dashboard for Grafana and the alerts for Prometheus ask for what there is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.memory import ask, world

DEPLOY = Path(__file__).parents[1] / "deploy"

FROM_PROMETHEUS = {"instance", "job"}
"""The labels that Prometheus adds."""

GROUPING = re.compile(r"\b(by|on|without|ignoring)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?\s*(\(?)")
MATCHER = re.compile(r"(\w+)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"")
OPERATORS = {"and", "or", "unless", "bool", "offset", "group_left", "group_right"}

Known = dict[str, dict[str, set[str]]]
"""The values of each label, by the name of a sample."""


class Query(NamedTuple):
    """What is asked for, where, and the labels that are shown of the answer."""

    where: str
    expression: str
    shown: str


def alerts() -> list[dict[str, Any]]:
    read = yaml.safe_load((DEPLOY / "prometheus-alerts.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    return read


def queries() -> Iterator[Query]:
    """Yield every expression in the two files."""
    for rule in alerts():
        yield Query(rule["alert"], rule["expr"], "")
    board = dashboard()
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield Query(panel["title"], target["expr"], target["legendFormat"])
    for annotation in board["annotations"]["list"]:
        yield Query(annotation["name"], annotation["expr"], annotation["titleFormat"])
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
            assert found is not None
            yield Query(variable["name"], found[1], f"{{{{{found[2]}}}}}")


def selected(expression: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield each name of a metric in PromQL, and the matchers that it is selected with."""
    plain = GROUPING.sub(" ", expression)
    for name, matchers, called in SELECTOR.findall(re.sub(r"\[[^\]]*\]", "", plain)):
        if not called and name not in OPERATORS:
            yield name, MATCHER.findall(matchers)


@pytest.fixture(scope="module")
def known() -> Known:
    """Return all that a scrape has."""
    with world("--admin", "9464") as watched:
        text = ask(watched.others[0], "/metrics")[2].decode()
    found: Known = {"up": {}}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: query.where)
def test_what_is_asked_for_is_there(query: Query, known: Known) -> None:
    asked = list(selected(query.expression))
    assert asked
    labels = set(FROM_PROMETHEUS)
    for name, matchers in asked:
        assert name in known
        labels |= known[name].keys()
        for label, operator, value in matchers:
            if label in FROM_PROMETHEUS:
                continue
            values = known[name][label]
            if operator in ("=", "!="):
                assert value in values
            else:
                assert set(value.split("|")) <= values
    for _, grouped in GROUPING.findall(query.expression):
        assert set(re.findall(r"\w+", grouped)) <= labels
    assert set(re.findall(r"\{\{(\w+)\}\}", query.shown)) <= labels


def test_a_quantile_is_taken_of_the_buckets_and_a_rate_of_what_grows() -> None:
    for query in queries():
        for name, _ in selected(query.expression):
            grows = re.search(r"_(total|bucket|count|sum)$", name) is not None
            rated = re.search(rf"\b(rate|increase)\({name}\b", query.expression) is not None
            assert grows is rated, query
        if "histogram_quantile" in query.expression:
            assert re.search(r"sum by \((instance, )?le\) \(rate\(\w+_bucket\b", query.expression)


def test_grafana_shows_every_metric(known: Known) -> None:
    shown = {name for query in queries() for name, _ in selected(query.expression)}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
    missing = {re.sub(r"_(bucket|count|sum)$", "", name) for name in known} - shown
    assert not missing


def test_every_alert_says_what_is_the_matter_and_how_bad_it_is() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)


def test_the_panels_stand_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        x, y, w, h = (panel["gridPos"][each] for each in "xywh")
        places = {(column, row) for column in range(x, x + w) for row in range(y, y + h)}
        assert not taken & places, panel["title"]
        assert x + w <= 24
        taken |= places


def test_the_example_asks_the_service_that_the_alerts_are_about() -> None:
    example = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    [job] = example["scrape_configs"]
    named = {value for rule in alerts() for value in re.findall(r'job="(\w+)"', rule["expr"])}
    assert named == {job["job_name"]}
    assert [Path(name).name for name in example["rule_files"]] == ["roulette-alerts.yml"]
