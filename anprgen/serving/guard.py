# SPDX-License-Identifier: Apache-2.0
"""What every answer carries, and which requests are let in.

A page on the web can make a visitor's browser ask 127.0.0.1. It cannot read the answer, unless
its own name is made to point there; so names are refused that are not this machine's. Addresses
in numbers are let in: no page of another place comes from them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self' blob: data:; "
    "style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def own_names() -> set[str]:
    """What this machine is called, by itself and in its network."""
    name = socket.gethostname().casefold()
    return {"localhost", name, f"{name.partition('.')[0]}.local"}


def host_of(header: str) -> str:
    """``[::1]:8000`` -> ``::1``; empty where it is no host."""
    try:
        return (urlsplit(f"//{header}").hostname or "").casefold()
    except ValueError:
        return ""


def is_address(host: str) -> bool:
    """Whether a host is an address in numbers."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Guard:
    """ASGI: lets requests in that are meant for this machine, and adds `HEADERS` to answers."""

    def __init__(self, app: App, names: Iterable[str] = ()) -> None:
        self._app = app
        self._given = {name.casefold() for name in names}
        self._names = own_names() | self._given

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = list(message.get("headers", ()))
                have = {name.lower() for name, _ in kept}
                more = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                message["headers"] = kept + [(k, v) for k, v in more if k not in have]
            await send(message)

        if (fault := self._fault(scope)) is None:
            await self._app(scope, receive, guarded)
            return
        body = f"{fault}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        headers.append((b"content-length", str(len(body)).encode()))
        await guarded({"type": "http.response.start", "status": 403, "headers": headers})
        await guarded({"type": "http.response.body", "body": body})

    def _fault(self, scope: Scope) -> str | None:
        said = {name: value.decode("latin-1") for name, value in scope["headers"]}
        header = said.get(b"host", "")
        host = host_of(header)
        if not is_address(host) and host not in self._names:
            return "This machine is not called that; --name tells it a name to be asked by."
        if scope["method"] in ("GET", "HEAD"):
            return None
        origin = said.get(b"origin")
        if origin is not None and not self._own(origin, header):
            return "Only the page of this server may send it pictures."
        if said.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "Only the page of this server may send it pictures."
        return None

    def _own(self, origin: str, header: str) -> bool:
        """Whether a page's origin is this server, asked for under `header`, or a name given to it.

        A proxy may ask under an address of its own for a page that has another name.
        """
        try:
            netloc = urlsplit(origin).netloc.casefold()
        except ValueError:
            return False
        return netloc == header.casefold() or netloc in self._given
