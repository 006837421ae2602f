"""Servers side by side: each really relays, and whoever talks notices if it does not."""

import pytest

from benchmarks import relay
from benchmarks.server import FLOOR, NODE, PEERS, PLAIN_EPOLL, V1_EPOLL, Server
from tests.needs import needs

NEEDS = {FLOOR: ["cc"], NODE: ["node", "npm"]}


@pytest.mark.parametrize("server", [*PEERS, PLAIN_EPOLL, V1_EPOLL], ids=lambda server: server.name)
def test_every_server_relays(server: Server) -> None:
    for command in NEEDS.get(server, []):
        needs(command)
    cases = ((2, "32 B", 1), (2, "1 KB", 3), (6, "8 KB", 2))
    rows = list(relay.rows(1, (server,), cases, 0.02))
    assert [(row.case, row.guests, row.server) for row in rows] == [
        (f"{size}, {in_flight} in flight", guests, server.name) for guests, size, in_flight in cases
    ]
    assert all(row.cost for row in rows)
