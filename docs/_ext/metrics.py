"""``.. metrics::``: a table of every metric there is, made from the code."""

import re
from collections.abc import Iterator
from random import Random

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from roulette.core.lobby import Lobby
from roulette.core.tally import Histogram
from roulette.ops.logged import Logged
from roulette.ops.metrics import House, Value, read
from roulette.ops.reactor_lag import BOUNDS
from roulette.web.refusals import REASONS
from roulette.wire.closing import Closing

HOUSE = House(
    Lobby(Random(0)),
    started=0.0,
    connections=lambda: 0,
    closed=dict.fromkeys((closing.name.lower() for closing in Closing), 0),
    refused=lambda: dict.fromkeys(REASONS, 0),
    lag=Histogram(BOUNDS),
    logged=Logged().counts,
    descriptors=lambda: 0,
)
"""A house in which nothing has happened."""


class Metrics(SphinxDirective):
    """The table."""

    def run(self) -> list[nodes.Node]:
        """Return it."""
        return self.parse_text_to_nodes("\n".join(lines()))


def lines() -> Iterator[str]:
    """Yield the lines of the table, in reStructuredText."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 34 10 56", "")
    yield from ("   * - metric", "     - type", "     - what it says")
    for metric, values in read(HOUSE):
        yield f"   * - ``{metric.name}``"
        yield f"     - {metric.kind}"
        says = re.sub(r"--[\w-]+", r"``\g<0>``", metric.meaning)
        if metric.label == "version":
            says += f" ``{metric.label}``"
        elif metric.label is not None:
            says += f" ``{metric.label}``: {', '.join(f'``{value}``' for value in values)}."
        yield f"     - {says}{buckets(next(iter(values.values())))}"


def buckets(value: Value) -> str:
    """Return which buckets there are, if it is a histogram."""
    if not isinstance(value, Histogram):
        return ""
    return f" Buckets: {', '.join(f'{bound:g}' for bound in value.bounds)}."


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx know."""
    app.add_directive("metrics", Metrics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
