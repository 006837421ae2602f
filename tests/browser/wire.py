"""The JSON wire, as a client that knows nothing of the server's code speaks it."""

import json
from typing import Any

from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("roulette.v1.json")


def tell(client: ClientConnection, kind: str, **fields: object) -> None:
    """Send a frame; in UTF-8, since 2,000 emoji with escapes are longer than a frame may be."""
    client.send(json.dumps({"type": kind, **fields}, ensure_ascii=False))


def hear(client: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a type; those before it are dropped."""
    while True:
        frame: dict[str, Any] = json.loads(client.recv(timeout=10))
        if frame["type"] == kind:
            return frame


def said(payload: str | bytes, kind: str, field: str) -> list[Any]:
    """Return a field of a frame, if the frame is of that type, in a list."""
    frame = json.loads(payload)
    return [frame[field]] if frame["type"] == kind else []
