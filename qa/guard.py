"""What keeps the web page and the collection on this machine, whatever a document contains."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")

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


def guards(host: str) -> list[Middleware]:
    """List the middleware for a server that listens on ``host``.

    On a loopback address only requests that name it are answered: otherwise a web page from
    elsewhere could point its own name at 127.0.0.1 and read the collection (DNS rebinding).
    """
    out = [Middleware(OnlyHere)]
    if host in LOOPBACK:
        out.append(Middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK)))
    return out
