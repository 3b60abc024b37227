"""What keeps the web page and the collection on this machine, whatever a document contains."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
)
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")

STARTING = "/gradio_api/startup-events"
"""Where Gradio tells itself that it has started."""

WRONG_SECONDS = 1.0
"""How long each wrong password is thought about."""

# What is fetched of files lies in Gradio's own folder of uploads and downloads; never an address
# (https:…) that the server would have to fetch itself.
_OURS = re.compile(
    r"/(?:config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|(?:static|assets|svelte)/.+)?/?"
    r"|/gradio_api/(?:info|app_id|startup-events|upload|upload_progress|component_server|cancel|reset"
    r"|heartbeat/[^/]+|queue/(?:join|data)|(?:run|call)/.+|mcp(?:/.*)?"
    r"|file=(?![a-zA-Z][a-zA-Z0-9+.-]+:|//).+)/?",
    re.DOTALL,
)

# Gradio's page needs inline scripts and styles and builds functions from templates; what matters
# here is that nothing is fetched from, sent to or framed by any other place.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class OnlyHere:
    """Tells the browser to load from and send to this server only (Content Security Policy)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOrigin:
    """Refuses what another site's page would make a browser send here, with what it knows of us.

    A browser says where a page is from (``Origin``) whenever it sends something on its behalf;
    programs do not, and are not concerned.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it comes from elsewhere."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc != headers.get("host", ""):
                answer = PlainTextResponse("This request comes from another site.", 403)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Doors:
    """Lets through only the addresses that the page, the API and the MCP server need.

    Gradio has many more: it fetches other sites' files, for one, and nothing may leave the machine.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its path is one of ours."""
        if scope["type"] == "http" and not _OURS.fullmatch(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Login(AuthenticationBackend):
    """Asks for name and password (HTTP Basic, RFC 7617), for everything that is served.

    Args:
        admit: the user's name, where the password is theirs; else None.

    Attributes:
        starting: while Gradio starts, which it tells itself over HTTP; that one request is let in.
    """

    def __init__(self, admit: Callable[[str, str], str | None]) -> None:
        self._admit = admit
        self._wrong = asyncio.Lock()
        self.starting = True

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser]:
        """Find out who asks.

        Raises:
            AuthenticationError: nobody who may. Wrong passwords are told so one a second, however
                many are tried at the same time.
        """
        if self.starting and conn.url.path == STARTING:
            return AuthCredentials(), SimpleUser("")
        given = _basic(conn.headers.get("authorization", ""))
        if given is None:
            raise AuthenticationError("A name and a password are required.")
        name = self._admit(*given)
        if name is None:
            async with self._wrong:
                await asyncio.sleep(WRONG_SECONDS)
            raise AuthenticationError("This is not the name and password of anybody here.")
        return AuthCredentials(["authenticated"]), SimpleUser(name)

    @staticmethod
    def refuse(_: HTTPConnection, error: AuthenticationError) -> Response:
        """Say that a login is needed, so that a browser asks for it."""
        challenge = {"WWW-Authenticate": 'Basic realm="Pincite", charset="UTF-8"'}
        return PlainTextResponse(str(error), 401, challenge)


def _basic(header: str) -> tuple[str, str] | None:
    """Name and password of an ``Authorization`` header; None where it has none."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        words = base64.b64decode(coded, validate=True).decode("utf-8")
    except ValueError:
        return None
    name, colon, password = words.partition(":")
    return (name, password) if colon else None


def guards(host: str, login: Login | None = None) -> list[Middleware]:
    """List the middleware for a server that listens on ``host``, the outermost first.

    On a loopback address only requests that name it are answered: otherwise a web page from
    elsewhere could point its own name at 127.0.0.1 and read the collection (DNS rebinding).

    Args:
        host: the address.
        login: who may ask; None where all who reach the server may.
    """
    out = [Middleware(OnlyHere)]
    if host in LOOPBACK:
        out.append(Middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK)))
    out.append(Middleware(SameOrigin))
    if login is not None:
        out.append(Middleware(AuthenticationMiddleware, backend=login, on_error=login.refuse))
    out.append(Middleware(Doors))
    return out
