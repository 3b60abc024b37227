"""Writers of one index on a Milvus server take turns.

Milvus has no locks, but no two collections of one name: who can make this one may write.
"""

from __future__ import annotations

import os
import random
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.base import IndexProblem

if TYPE_CHECKING:
    from pymilvus import MilvusClient

CALL_SECONDS = 60.0
"""How long a server may take to answer."""

WAIT_SECONDS = 60.0
"""How long a writer waits for another one before it gives up."""

_HELD = "held_by_"


class Turn:
    """The turns of one writer.

    Args:
        client: a connection to the server.
        name: of the collection that only one can make.
        shown: the index's address.
    """

    def __init__(self, client: MilvusClient, name: str, shown: str) -> None:
        self._client = client
        self._name = name
        self._shown = shown
        self._me = ""

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Be the only writer for a block.

        Raises:
            IndexProblem: another one did not end in time.
            MilvusException: the server does not answer.
        """
        before, self._me = self._me, f"{_host()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._take(before)
        try:
            yield
        finally:
            if self.mine():
                self._drop()

    def mine(self) -> bool:
        """Whether it still is this one's turn."""
        return self._holder() == self._me

    def _take(self, before: str) -> None:
        from pymilvus import DataType, MilvusClient, MilvusException

        # Who writes is told by a field's name: Milvus Lite forgets a collection's description.
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field(f"{_HELD}{self._me.encode().hex()}", DataType.FLOAT_VECTOR, dim=2)
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                self._client.create_collection(self._name, schema=schema, timeout=CALL_SECONDS)
                return
            except MilvusException as error:
                holder = self._holder()
                if time.monotonic() >= until:
                    raise IndexProblem(self._refusal(holder, error)) from error
            if holder is not None and (holder == before or _has_ended(holder)):
                # Others may find it dead too: they do not all clear it away at once.
                time.sleep(random.SystemRandom().uniform(0.0, 0.5))
                if self._holder() == holder:
                    self._drop()
            else:
                time.sleep(0.05)

    def _refusal(self, holder: str | None, error: Exception) -> str:
        if holder is None:
            return f"The index {self._shown} cannot be written to: {sentence(error)}"
        host, process, *_ = [*holder.split(), "?", "?"]
        return (
            f"Process {process} on {host} has been writing to the index {self._shown} for more "
            f"than {WAIT_SECONDS:.0f} seconds. Try again when it is done; if it was killed, drop "
            f"the collection {self._name}."
        )

    def _drop(self) -> None:
        self._client.drop_collection(self._name, timeout=CALL_SECONDS)

    def _holder(self) -> str | None:
        """Who writes; None where nobody does."""
        from pymilvus import MilvusException

        try:
            found = self._client.describe_collection(self._name, timeout=CALL_SECONDS)
        except MilvusException:
            return None
        names = (str(field["name"]) for field in found["fields"])
        held = next((name for name in names if name.startswith(_HELD)), _HELD)
        return bytes.fromhex(held.removeprefix(_HELD)).decode("utf-8", "replace")


def _host() -> str:
    return "-".join(socket.gethostname().split())[:60] or "?"


def _has_ended(holder: str) -> bool:
    """Whether a writer was a process of this machine that is no more."""
    host, process, *_ = [*holder.split(), "", ""]
    if host != _host() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def sentence(error: Exception) -> str:
    """What an error says, as one sentence."""
    message = str(getattr(error, "message", "") or error).strip() or type(error).__name__
    return f"{message.splitlines()[0].rstrip('.')}."
