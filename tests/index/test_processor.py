"""What a processor can do with products of bytes, as the system tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.processor import cuts_sums_off, multiplies_bytes

X86 = "processor\t: 0\nmodel name\t: avx512_vnni look-alike\nflags\t\t: fpu sse avx fma\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd\n"


@pytest.mark.parametrize(
    ("machine", "cpuinfo", "multiplies", "cuts"),
    [
        ("x86_64", X86, False, True),
        ("x86_64", X86.replace("fma", "avx2 fma"), True, True),
        ("x86_64", X86.replace("fma", "fma avx_vnni"), True, False),
        ("x86_64", X86.replace("fma", "avx512f avx512_vnni"), True, False),
        ("aarch64", ARM.replace("asimd", "asimd asimddp crc32"), True, False),
        ("aarch64", ARM, False, False),
    ],
)
def test_the_flags_of_a_processor_say_what_it_does_with_bytes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    cpuinfo: str,
    multiplies: bool,
    cuts: bool,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert multiplies_bytes(tmp_path / "cpuinfo") == multiplies
    assert cuts_sums_off(tmp_path / "cpuinfo") == cuts


@pytest.mark.parametrize(
    ("machine", "multiplies", "cuts"),
    [
        ("arm64", True, False),
        ("x86_64", True, True),
        ("AMD64", True, True),
        ("riscv64", False, False),
    ],
)
def test_where_the_system_does_not_tell_the_kind_of_processor_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, multiplies: bool, cuts: bool
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert multiplies_bytes(tmp_path / "missing") == multiplies
    assert cuts_sums_off(tmp_path / "missing") == cuts
