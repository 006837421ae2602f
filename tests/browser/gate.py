"""A gate between a page and the server: what it does not let through, it answers itself."""

import json
from collections.abc import Callable

from playwright.sync_api import BrowserContext, WebSocketRoute


class Gate:
    """Stands before the chat of the one page that is opened in a browser afterwards."""

    def __init__(self, context: BrowserContext) -> None:
        self._refusals: dict[str, dict[str, object]] = {}
        self._close: Callable[[int], None]
        context.route_web_socket(lambda url: url.endswith("/ws"), self._connect)

    def refuse(self, kind: str, code: str, **fields: object) -> None:
        """Answer the next frame of a kind with an error."""
        self._refusals[kind] = {"type": "error", "code": code, "message": code, **fields}

    def close(self, code: int) -> None:
        """Close the connection as the server would."""
        self._close(code)

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def judge(payload: str | bytes) -> None:
            frame = json.loads(payload)
            refusal = self._refusals.pop(frame["type"], None)
            if refusal is None:
                server.send(payload)
            else:
                page.send(json.dumps({**refusal, "ref": frame["type"], "id": frame.get("id")}))

        def close(code: int) -> None:
            page.close(code=code)
            server.close(code=1000)

        page.on_message(judge)
        self._close = close
