"""``.. admin-verbs::`` in the documentation: every verb of the admin shell, from the code."""

from collections.abc import Iterator
from inspect import Parameter, Signature, getdoc
from textwrap import indent
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from roulette.ops.verbs import Verb, parameters, verbs


def call(name: str, verb: Verb) -> str:
    """Return a verb as it is given, without the types."""
    told = (each.replace(annotation=Parameter.empty) for each in parameters(verb).values())
    return f"admin.{name}{Signature(list(told))}"


def definitions() -> Iterator[str]:
    """Yield each verb with what is said about it, in reStructuredText."""
    for name, verb in verbs().items():
        yield f"``{call(name, verb)}``\n{indent(getdoc(verb) or '', '    ')}\n"


class AdminVerbs(SphinxDirective):
    """The directive; it has neither arguments nor content."""

    def run(self) -> list[Any]:
        """Return the list."""
        return self.parse_text_to_nodes("\n".join(definitions()))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let Sphinx know of it."""
    app.add_directive("admin-verbs", AdminVerbs)
    return {"parallel_read_safe": True}
