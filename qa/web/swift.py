"""Importing Gradio without the work that it does for those who write components of its kind.

For every component class Gradio writes a file beside its source that tells editors of its events:
it parses the source anew and fills in a template, at every import, a third of the time that the
import takes. It leaves that out for a class whose source it cannot find.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def no_interface_files() -> Iterator[None]:
    """While this is held, the source of Gradio's classes is not found; of nothing else."""
    find: Callable[[Any], str] = inspect.getfile

    def not_of_gradio(thing: object) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError("not looked for")
        return find(thing)

    names = vars(inspect)
    names["getfile"] = not_of_gradio
    try:
        yield
    finally:
        names["getfile"] = find
