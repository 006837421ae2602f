"""The JSON Schema of the wire, made from its structs.

``python -m roulette.wire.schema`` prints it.
"""

import json
import sys
from typing import Any, Union

import msgspec

from roulette.wire import v1, v1_frames


def schema() -> dict[str, Any]:
    """Return a schema with two roots: ``$defs/Client`` and ``$defs/Server``, a frame of each."""
    roots = Union[tuple(v1_frames.VERBS)], Union[tuple(v1_frames.EVENTS.values())]  # noqa: UP007
    (client, server), parts = msgspec.json.schema_components(roots, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": v1.SUBPROTOCOL,
        "$defs": {"Client": client, "Server": server, **parts},
    }


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
