"""Xen's tags on messages of its own history; people are replaced by made-up ones."""

from __future__ import annotations

import pytest

from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import CommitTrailers, FixesTag, Malformed, RevertMark
from tests.model.trailers.reading import ID, OTHER, branches_of, picks_of, tags_of

_BRANCHES = ["4.5", "4.6", "4.9", "4.13", "4.14", "4.15", "4.18"]
_SOB = "Signed-off-by: Ada Author <ada@example.org>\nAcked-by: Carl Checker <carl@example.org>\n"


def _read(message: str) -> CommitTrailers:
    return read_trailers(message, grammar_of(["xen"]))


def _picks(message: str) -> list[str]:
    return [mark.hex for mark in read_picks(message, grammar_of(["xen"]))]


@pytest.mark.parametrize(
    ("line", "branches"),
    [
        ("Backport: 4.6+ # Any release with XSA-273", _BRANCHES[1:]),
        ("Backport: 4.9+", _BRANCHES[2:]),
        ("Backport: 4.14", ["4.14"]),
        ("Backport: 4.14, 4.15", ["4.14", "4.15"]),
        ("Backport: 4.14 4.15", ["4.14", "4.15"]),
        ("backport: 4.13-4.15", ["4.13", "4.14", "4.15"]),
        ("Backport: all", _BRANCHES),
        ("Backport: 4.13+ (maybe older)", _BRANCHES[3:]),
    ],
)
def test_backport_tag_gives_versions(line: str, branches: list[str]) -> None:
    assert branches_of("xen", line, _BRANCHES) == branches


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Backport:", "wanted versions such as '4.9+', found none"),
        ("Backport: # 4.14", "wanted versions such as '4.9+', found none"),
        ("Backport: yes", "wanted versions such as '4.9+' or '4.14, 4.15', found 'yes'"),
        ("Backport: 4.14 please", "wanted only versions before a '#' comment, found 'please' after them"),
        ("Backport: 4.15-4.13", "'4.15-4.13' runs from a newer to an older version"),
    ],
)
def test_backport_tag_unreadable_is_malformed(line: str, why: str) -> None:
    tags = tags_of("xen", line)
    assert tags.requests == ()
    assert tags.malformed == (Malformed(line, why),)


def test_message_with_backport_above_fixes() -> None:
    tags = _read(
        "tools/xl: vcpu-pin: Skip global affinity when the hard affinity is not changed\n\n"
        "As the hard affinity is not changed, then we don't need to apply the\n"
        "global affinity. So skip it when hard is NULL.\n\n"
        "Backport: 4.6+ # Any release with XSA-273\n"
        'Fixes: aa67b97ed342 ("xl.conf: Add global affinity masks")\n' + _SOB
    )
    assert [request.text for request in tags.requests] == ["Backport: 4.6+ # Any release with XSA-273"]
    assert [(tag.hex, tag.subject) for tag in tags.fixes] == [("aa67b97ed342", "xl.conf: Add global affinity masks")]


def test_message_with_exact_backport_below_fixes() -> None:
    tags = _read(
        "x86/S3: fix shadow stack resume path\n\n"
        "Fix the resume path to load the shadow stack pointer from saved_ssp (not\n"
        "saved_rsp), to match what suspend path does.\n\n"
        'Fixes: 633ecc4a7cb2 ("x86/S3: Save and restore Shadow Stack configuration")\nBackport: 4.14\n' + _SOB
    )
    (request,) = tags.requests
    assert [v for v in _BRANCHES if request.versions.includes(v)] == ["4.14"]


def test_message_of_a_revert_with_the_word_in_prose() -> None:
    tags = _read(
        'Revert "docs: retrospectively add XS_DIRECTORY_PART to the xenstore protocol..."\n\n'
        'Adding the "Backport" tag so we find this revert too.\n\n'
        "This reverts commit d34dc88098c974acbd4fe774dcdb2b8b631bc386.\n\n"
        "Backport: 4.9+\n" + _SOB
    )
    assert [request.text for request in tags.requests] == ["Backport: 4.9+"]
    assert tags.reverts == (
        RevertMark(
            "This reverts commit d34dc88098c974acbd4fe774dcdb2b8b631bc386.",
            "d34dc88098c974acbd4fe774dcdb2b8b631bc386",
        ),
    )


def test_message_with_backport_below_the_sign_offs() -> None:
    tags = _read("docs: retrospectively add XS_DIRECTORY_PART\n\n... specification.\n\n" + _SOB + "Backport: 4.9+\n")
    assert [request.text for request in tags.requests] == ["Backport: 4.9+"]


def test_message_with_fixes_in_a_paragraph_of_their_own_and_a_quote_not_closed() -> None:
    tags = _read(
        "xen/arm: Properly clean update to init_ttbr and smp_up_cpu\n\n"
        "Switch to use clean_dcache_va_range() to avoid casting the pointer.\n\n"
        'Fixes: a5ed59e62c6f ("arm/mmu: Move init_ttbr to a new section .data.idmap")\n'
        'Fixes: 9a5114074b04 ("arm/smpboot: Move smp_up_cpu to a new section .data.idmap)\n\n' + _SOB
    )
    assert [(tag.hex, tag.subject) for tag in tags.fixes] == [
        ("a5ed59e62c6f", "arm/mmu: Move init_ttbr to a new section .data.idmap"),
        ("9a5114074b04", "arm/smpboot: Move smp_up_cpu to a new section .data.idmap"),
    ]
    assert tags.malformed == ()


def test_message_with_prose_that_looks_like_options() -> None:
    tags = _read(
        "tools/ocaml: Specify rpath correctly for ocamlmklib\n\n"
        '"Unknown option\n-Wl,-rpath-link=$HOME/xen/tools/libs/toollog"\nPass this option directly.\n\n'
        'Fixes: f7b4e4558b42 ("tools/ocaml: Fix OCaml libs rules")\n' + _SOB
    )
    assert [tag.hex for tag in tags.fixes] == ["f7b4e4558b42"]


def test_message_with_six_digits() -> None:
    tags = _read(
        "libs/gnttab: add missing FreeBSD functions\n\nTraceback (most recent call last):\n"
        '  File "/usr/local/lib/xen/bin/pygrub", line 19, in <module>\n\n'
        'Fixes: ee8105 ("libgnttab: Add support for Linux dma-buf")\n' + _SOB
    )
    assert tags.fixes == (
        FixesTag(
            'Fixes: ee8105 ("libgnttab: Add support for Linux dma-buf")',
            "ee8105",
            "libgnttab: Add support for Linux dma-buf",
        ),
    )


def test_message_enclosing_a_linux_commit_is_foreign_above() -> None:
    tags = _read(
        "x86/hpet: Use another crystalball to evaluate HPET usability\n\n"
        "On recent Intel systems the HPET stops working.\n\n"
        "Fixes: Yet another hardware trainwreck\n"
        + _SOB
        + "[Linux commit: 6e3cd95234dc1eda488f4f487c281bac8fef4d9b]\n\n"
        "I have to admit that the purpose is unclear to me.\n\n" + _SOB
    )
    assert tags == CommitTrailers(foreign="[Linux commit: 6e3cd95234dc1eda488f4f487c281bac8fef4d9b]")


def test_message_with_unreadable_fixes_of_its_own_is_malformed() -> None:
    tags = _read("x86/hpet: fix\n\nText.\n\nFixes: Yet another hardware trainwreck\n" + _SOB)
    assert tags.malformed == (
        Malformed(
            "Fixes: Yet another hardware trainwreck",
            "wanted a commit id of 6 or more digits, found 'Yet another hardware trainwreck'",
        ),
    )


def test_message_with_another_id_pasted_into_the_subject() -> None:
    line = 'Fixes: 14583a590783 ("7fbb096bf345 kconfig: don\'t select VPCI if building a shim-only binary")'
    tags = _read(f"vpci: fix function attributes for vpci_process_pending\n\nText.\n\n{line}\n{_SOB}")
    subject = "kconfig: don't select VPCI if building a shim-only binary"
    assert tags.fixes == (FixesTag(line, "14583a590783", subject),)


def test_message_quoting_another_projects_message_indented_has_no_tags() -> None:
    tags = _read(
        'arm,smmu: backport "Disable stalling faults for all endpoints"\n\n'
        "Backport commit 3714ce1d6655098ee69ede632883e5874d67e4ab\n"
        '"iommu/arm-smmu: Disable stalling faults for all endpoints" from the\nLinux kernel.\n\n'
        "Original commit message:\n\n"
        "  Enabling stalling faults can result in hardware deadlock.\n\n"
        "  Cc: <stable@vger.kernel.org>\n"
        '  Fixes: 48ec83bcbcf5 ("iommu/arm-smmu: Add initial driver support for ARM SMMUv3 devices")\n'
        "  Signed-off-by: Olga Other <olga@example.org>\n\n" + _SOB
    )
    assert tags == CommitTrailers()


def test_message_with_origin_is_foreign_above_and_its_own_below() -> None:
    origin = "Origin: git://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git 41c761dede6e"
    tags = _read(
        "lib/inflate.c: remove dead code\n\nThis is a follow up from a discussion in Xen:\n\n"
        'Fixes: 1da177e4c3f4 ("Linux-2.6.12-rc2")\n' + _SOB + f"{origin}\nBackport: 4.18+\n" + _SOB
    )
    assert (tags.fixes, tags.foreign) == ((), origin)
    assert [request.text for request in tags.requests] == ["Backport: 4.18+"]


def test_message_with_several_fixes_and_a_pick_line() -> None:
    message = (
        "tools/ocaml: Fill arch_config for ARM in domain_getinfo{,list}()\n\nAdd the missing ARM logic.\n\n"
        'Fixes: 9d683b5e375d ("tools/ocaml: Expose arch_config in domaininfo")\n'
        'Fixes: 81838c9067ab ("ocaml: fix arm build")\n'
        + _SOB
        + "(cherry picked from commit 01b4b39e2eaf2991024190adcc0e015b3d77ec41)\n"
    )
    assert [tag.hex for tag in _read(message).fixes] == ["9d683b5e375d", "81838c9067ab"]
    assert _picks(message) == ["01b4b39e2eaf2991024190adcc0e015b3d77ec41"]


def test_message_on_a_stable_branch_describing_the_adaptation_is_prose() -> None:
    message = (
        "tools: convert bitfields to unsigned type\n\nclang complains about the signed type:\n\n" + _SOB + "\n"
        "Backport: Dropped the libxenvchan change, for the original commit saying\n\n"
        '"The potential ABI change in libxenvchan is covered by the Xen version\n based SONAME."\n\n'
        "which won't hold on stable trees.\n"
        "master commit: 99ab02f63ea813f2e467a39a7736bf460a3f3495\nmaster date: 2023-05-16 20:03:02 +0100\n"
    )
    assert _read(message) == CommitTrailers()
    assert _picks(message) == ["99ab02f63ea813f2e467a39a7736bf460a3f3495"]


def test_message_on_a_stable_branch_with_adaptation_in_one_line_is_prose() -> None:
    message = (
        "xen/x86: Remove the use of K&R functions\n\nEither way, fix the identified functions.\n\n" + _SOB + "\n"
        "Backport: Also deal with powernow_register_driver() and flush_all_cache().\n\n"
        "master commit: 22b2fa4766728c3057757c00e79da5f7803fff33\nmaster date: 2023-02-17 11:01:54 +0000\n"
    )
    assert _read(message) == CommitTrailers()
    assert _picks(message) == ["22b2fa4766728c3057757c00e79da5f7803fff33"]


def test_message_mentioning_a_master_commit_in_prose_is_no_evidence() -> None:
    message = (
        "x86/EFI: fix EFI_MEMORY_WP handling\n\n" + _SOB + "\n"
        "Backport: Also fix EFI_MEMORY_XP handling (along the lines of what\n"
        'master commit abcf15fa8f ["x86: switch default mapping attributes\n'
        'to non-executable"] does): We must not set the NX bit when the CPU\n'
        "doesn't support it.\n\n" + _SOB + "master commit: af23e79f46583abc18e8cffdec0b69297cfbdff0\n"
        "master date: 2015-06-10 12:01:35 +0200\n"
    )
    assert _read(message) == CommitTrailers()
    assert _picks(message) == ["af23e79f46583abc18e8cffdec0b69297cfbdff0"]


def test_message_of_a_revert_picked_to_a_stable_branch() -> None:
    message = (
        'Revert "x86/HPET: don\'t enable legacy replacement mode unconditionally"\n\n'
        "This reverts commit e680cc48b7184d3489873d6776f84ba1fc238ced.\n\n"
        "It was committed despite multiple objections.\n\n"
        + _SOB
        + "master commit: 2b05d427a09e108589dc57f54b517d0ffdf973ef\nmaster date: 2021-04-15 18:25:40 +0100\n"
    )
    assert [mark.hex for mark in _read(message).reverts] == ["e680cc48b7184d3489873d6776f84ba1fc238ced"]
    assert _picks(message) == ["2b05d427a09e108589dc57f54b517d0ffdf973ef"]


@pytest.mark.parametrize(
    "line",
    [
        "[Linux commit 0123456789ab]",
        "[Linux commit 0123456789ab, ported to Xen]",
        "[original Linux commit: 0123456789ab]",
        "[ Linux commit 0123456789ab ]",
        "Origin: https://example.org/linux.git/ 0123456789ab",
    ],
)
def test_line_enclosing_a_foreign_message_is_recognised(line: str) -> None:
    assert tags_of("xen", f"Fixes: {ID}", line).foreign == line
    assert tags_of("xen", f"Fixes: {ID}", line).fixes == ()


@pytest.mark.parametrize(
    "line",
    [
        f"master commit: {ID}",
        f"master commit:{ID}",
        f"Master commit: {ID}",
        f"master changeset: {ID}",
        f"master\u00a0commit:\u00a0{ID}",
        f"xen-unstable changeset: {ID}",
        f"master-commit-id: {ID}",
        f"master commit id: {ID}",
        f"(cherry picked from commit {ID})",
        f"(cherry picked from commit: {ID})",
        f"(cherry-picked from commit {ID})",
        f"(cherry picked from {ID})",
        f"(Cherry-picked from {ID}.)",
        f"(backported from commit {ID})",
        f"(Backported from {ID})",
        f'Cherry picked from commit {ID} ("AMD IOMMU: allocate IRTE entries',
        f"[ Correspoding xen.git#master commit is {ID} -iwj ]",
        f"This is a backport of upstream commit {ID}.",
        f"This is a straight backport of c/s {ID}",
    ],
)
def test_pick_line_of_the_stable_branches_is_found(line: str) -> None:
    assert picks_of("xen", f"Text.\n\n{line}\nmaster date: 2023-05-16 20:03:02 +0100") == [(line, ID)]


def test_pick_lines_indented_under_each_subject_are_found() -> None:
    body = f"x86: Expose more\n  (cherry picked from commit {ID})\n\nx86: More\n  (cherry picked from commit {OTHER})"
    assert picks_of("xen", body) == [
        (f"(cherry picked from commit {ID})", ID),
        (f"(cherry picked from commit {OTHER})", OTHER),
    ]


def test_pick_line_over_two_lines_names_both() -> None:
    text = f"(cherry picked from commits {ID}"
    assert picks_of("xen", f"{text}\n and {OTHER})\n\nApropos of discussion") == [(text, ID), (text, OTHER)]


def test_pick_lines_repeated_give_one_mark() -> None:
    line = f"master commit: {ID}"
    assert picks_of("xen", f"{line}\nmaster date: 2023\n{line}") == [(line, ID)]


@pytest.mark.parametrize(
    "body",
    [
        f"Commit {ID} broke this.",
        f"This is a partial backport of commit {ID}",
        f"This is logically a backport of c/s {ID}",
        f"Since master commit {ID} the lock is held.",
        f"Backport Linux commit {ID}. This is the clean backport without",
        "master commit: none",
        "xen-unstable changeset: 26287:127c2c47d440",
        "xen-unstable changeset: 127c2c47d440",
        "Backport of XSA-321 missed a flush",
        "(cherry picked from commit facade of it)",
        f"The fix was\ncherry picked from commit {ID} at first.",
        f"In other words\nThis is a backport of upstream commit {ID}.",
    ],
)
def test_pick_prose_is_no_evidence(body: str) -> None:
    assert picks_of("xen", body) == []
