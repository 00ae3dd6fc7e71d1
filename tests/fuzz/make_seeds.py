"""Write the first seeds from what the tests know already: `python -m tests.fuzz.make_seeds`."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

from fixtures.build import build
from tests.fuzz.seeds_folder import SEEDS

_TOML = """\
schema = 1
branch = "stable-1"

[[item]]
commit = "{oid}"
subject = "x86/hvm: fix \\u001b the thing"
author = "Ada Author <ada@example.org>"
committed = 2026-05-19T09:12:33+02:00
state = "{state}"
assignee = "ada"
due = 2026-07-01
priority = "high"
reason = "why"
by = "Ada Author <ada@example.org>"
at = 2026-06-01T10:00:00Z
needs = ["{oid}"]
nominations = [
  {{ via = "person", by = "A <a@example.org>", at = 2026-06-01T10:00:00Z, text = "x" }},
]
tasks = [ {{ what = "asked", who = "ada", at = 2026-06-01T10:00:00Z }} ]
votes = [ {{ ballot = "object", by = "A <a@b>", at = 2026-06-01T10:00:00Z, reason = "r" }} ]
history = [ {{ field = "assignee", value = "bo", by = "x", at = 2026-06-01T10:00:00Z }} ]
odd = {{ a = [1, 2.5, nan], "b c" = 07:32:00 }}
"""
_CONFIG = """\
schema = 1
upstream = "master"
dialects = ["xen", "linux"]
[policy]
approvals = 2
[[branch]]
name = "stable-4.18"
version = "4.18"
staging = "staging-4.18"
support = "security"
full_until = 2025-05-16
[[rule]]
name = "xsa"
pattern = 'XSA-\\d+'
path = "xen/arch/**"
priority = "security"
[[trailer]]
key = "Port-To"
meaning = "nominate"
"""
_PEOPLE = """\
schema = 1
# who
[[person]]
key = "{key}"
name = "Ada Author"
mails = ["ada@example.org"]
areas = ["xen/"]
capacity = {number}
away_until = 2026-07-01
"""
_MAIL = b"""\
From x Mon Jun  1 10:00:00 2026
From: =?utf-8?q?Ada_=C3=84?= <ada@example.org>
Subject: Re: [PATCH] please backport to 4.18+
Message-ID: <1@example.org>
Date: Mon, 1 Jun 2026 10:00:00 +0000
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Please take 0123456789abcdef0123456789abcdef01234567 ("x: y=3D") to stable-4.18.
--b--
"""
_OWNERS = b"""\
THE REST
M:	Ada Author <ada@example.org>
L:	list@example.org
S:	Supported
F:	xen/arch/*
X:	xen/arch/x86/
N:	foo[a-z]+
K:	\\bbar\\b

*.c @ada ada@example.org
/docs/ @org/team
"""


def main() -> None:
    """Write one file for each seed, named by its content."""
    found: dict[str, list[bytes]] = {
        "toml": [_TOML.format(oid="a" * 40, state=state).encode() for state in ("pending", "landed")],
        "config": [_CONFIG.encode(), _PEOPLE.format(key="ada", number=3).encode()],
        "documents": [
            b"\f".join(_PEOPLE.format(key=key, number=number).encode() for key, number in triple)
            for triple in ((("ada", 1), ("ada", 2), ("ada", 3)), (("ada", 1), ("bo", 1), ("cy", 2)))
        ],
        "mail": [_MAIL, _MAIL.partition(b"\n")[2]],
        "owners": [_OWNERS],
        "texts": [b"feature/x.toml\n\x1b[31m\xe2\x80\xae", b"branch:stable-1 unassigned -verdict:conflict", b"a/b%"],
        "ranges": [b"4.9+\n4.10", b"v6.1\n<= 6.3, 5.10.x", b">= 3.8\n25.10", b"4.14 to 4.18\n20.0"],
        "tags": [],
        "commit": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("xen", "linux", "mesa", "qemu", "dpdk", "freebsd", "networkmanager", "django", "odd_tags"):
            path = Path(folder) / name
            build(name.replace("_", "-"), path)
            listing = subprocess.run(
                ["git", "log", "--all", "--format=%H%x00%B%x01"], cwd=path, capture_output=True, check=True
            ).stdout
            for entry in listing.split(b"\x01\n"):
                oid, _, message = entry.partition(b"\0")
                if re.search(rb"(?m)^[\w-]+: |\(cherry|commit ", message):
                    found["tags"].append(message)
                    raw = subprocess.run(["git", "cat-file", "commit", oid], cwd=path, capture_output=True, check=True)
                    found["commit"].append(raw.stdout)
    found["commit"] = found["commit"][:20]
    for target, seeds in found.items():
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            (SEEDS / target / hashlib.sha1(seed, usedforsecurity=False).hexdigest()[:12]).write_bytes(seed)


if __name__ == "__main__":
    main()
