"""What is urgent by its own words: subjects and sentences of real projects, and their likes."""

from __future__ import annotations

import pytest

from backportq.model.items.harm_words import is_cosmetic, says_harm


@pytest.mark.parametrize(
    ("subject", "cosmetic"),
    [
        ("tools/oxenstored: Re-format", True),
        ("x86/EFI: purge a stray semicolon", True),
        ("x86/ucode: Remove accidentally introduced tabs", True),
        ("docs: update documentation of reboot param", True),
        ("CI: Use pipefail in scripts/build", True),
        ("x86/pv: Address Coverity complaint in check_guest_io_breakpoint()", True),
        ("x86/mm: fix IS_LnE_ALIGNED() to comply with Misra Rule 20.7", True),
        ("foo: fix typo in message", True),
        ("x86/shutdown: offline APs with interrupts disabled on all CPUs", False),
        ("xen/tests-of-reality: fix the hypercall", False),
        ("foo: do not call table() twice", False),
    ],
)
def test_is_cosmetic(subject: str, *, cosmetic: bool) -> None:
    assert is_cosmetic(subject) is cosmetic


@pytest.mark.parametrize(
    ("message", "harm"),
    [
        ("sched/null: avoid another crash after failed domU creation", True),
        ("x: y\n\nIt panics when the guest is gone.\n", True),
        ("x: y\n\nThis leaks a reference.\n", True),
        ("x: y\n\nThat is a regression of the change before.\n", True),
        ("x: y\n\nAn out-of-bounds read.\n", True),
        ("x: y\n\nThis is XSA-443.\n", True),
        ("golang: Fix bindings after XSA-443", False),
        ("x: y\n\nThere is no security impact.\n", False),
        ("x: y\n\nNot a security issue.\n", False),
        ("x: y\n\nSigned-off-by: Ada Crash <crash@example.org>\n", False),
        ("x: y\n\nMakes it build again.\n", False),
    ],
)
def test_says_harm(message: str, *, harm: bool) -> None:
    assert says_harm(message) is harm
