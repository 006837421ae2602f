"""Ask for / over TLS: PORT NAME CA. The certificate is verified through service-identity.

Prints the status, or the names of the errors that kept it from coming.
"""

import sys
from pathlib import Path
from typing import Any

from twisted.internet import task
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.web.client import URI, Agent, ResponseFailed
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer


@implementer(IAgentEndpointFactory)
class Here:
    """Goes to a port of 127.0.0.1, whatever name is asked for."""

    def __init__(self, reactor: Any, port: int, ca: Certificate) -> None:
        self._reactor = reactor
        self._port = port
        self._ca = ca

    def endpointForURI(self, uri: URI) -> Any:
        return wrapClientTLS(
            optionsForClientTLS(uri.host.decode(), trustRoot=self._ca),
            TCP4ClientEndpoint(self._reactor, "127.0.0.1", self._port),
        )


async def main(reactor: Any, port: int, name: str, ca: Certificate) -> None:
    agent = Agent.usingEndpointFactory(reactor, Here(reactor, port, ca))
    try:
        answer = await agent.request(b"HEAD", f"https://{name}/".encode())
        sys.stdout.write(str(answer.code))
    except ResponseFailed as failed:
        sys.stdout.write(" ".join(reason.type.__name__ for reason in failed.reasons))


if __name__ == "__main__":
    port, name, ca = sys.argv[1:]
    task.react(main, (int(port), name, Certificate.loadPEM(Path(ca).read_bytes())))
