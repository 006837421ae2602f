"""``.. options::`` in the documentation: a table of every option, from its declaration."""

from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from roulette.options import GROUPS, Option


def rows(option: Option) -> Iterator[str]:
    """Yield the row of an option."""
    yield f"   * - ``--{option.name}`` *{option.kind.shown.lower()}*"
    yield f"     - {option.meaning}"
    yield f"     - {option.default_shown}"
    yield f"     - {'yes' if option.live else ''}"


def table() -> Iterator[str]:
    """Yield the lines of the table, in reStructuredText."""
    yield from [".. list-table::", "   :header-rows: 1", "   :widths: 30 40 20 10", ""]
    yield from ["   * - Option", "     - Meaning", "     - If nothing is said", "     - Reloads"]
    for heading, group in GROUPS.items():
        yield from [f"   * - **{heading}**", "     -", "     -", "     -"]
        for option in group:
            yield from rows(option)


class Options(SphinxDirective):
    """The directive; it has neither arguments nor content."""

    def run(self) -> list[Any]:
        """Return the table."""
        return self.parse_text_to_nodes("\n".join(table()))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let Sphinx know of it."""
    app.add_directive("options", Options)
    return {"parallel_read_safe": True}
