"""Gradio fetches the files of other sites where a caller names an address; here it does not."""

from __future__ import annotations

import gradio as gr
import httpx
from gradio import processing_utils


async def _refuse(url: str) -> httpx.Response:
    raise gr.Error(f"Pincite fetches nothing from elsewhere: {url}", print_exception=False)


def fetch_nothing() -> None:
    """Take from Gradio the one function through which it gets what lies at an address.

    Without this, whoever calls the upload's endpoint with ``{"path": "https://…"}`` in place of a
    file makes this machine reach out.
    """
    processing_utils.async_ssrf_protected_get = _refuse
