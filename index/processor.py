"""What this machine's processor can do with products of bytes."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")

_BYTE_PRODUCTS = frozenset({"avx2", "avx512_vnni", "avx_vnni", "avx_vnni_int8", "asimddp", "i8mm"})
"""Processor flags, as Linux names them, that mean instructions for products of bytes."""

_WHOLE_SUMS = frozenset({"avx512_vnni", "avx_vnni", "avx_vnni_int8"})
"""Of these, the ones of x86 that add the products up in 32 bits at once."""

_X86 = ("amd64", "x86_64")


def multiplies_bytes(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the processor has instructions for sums of products of bytes.

    Args:
        cpuinfo: where Linux says what the processor can do. Those that other systems still run on
            have them.
    """
    flags = _flags(cpuinfo)
    if flags is None:
        return platform.machine().lower() in ("arm64", *_X86)
    return bool(flags & _BYTE_PRODUCTS)


def cuts_sums_off(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether sums of products of bytes may be cut off at 16 bits: on x86 without VNNI.

    Where it cannot be told, they may.

    Args:
        cpuinfo: where Linux says what the processor can do.
    """
    if platform.machine().lower() not in _X86:
        return False
    flags = _flags(cpuinfo)
    return flags is None or not flags & _WHOLE_SUMS


@cache
def _flags(cpuinfo: Path) -> frozenset[str] | None:
    """The processor's flags; None where the system does not say."""
    try:
        lines = cpuinfo.read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    named = (line.partition(":") for line in lines)
    return frozenset(
        flag
        for name, _, rest in named
        if name.strip().lower() in ("flags", "features")
        for flag in rest.split()
    )
