"""One commit of every kind that git's plumbing tells of in its own way."""

from __future__ import annotations

from backportq.model.ids import Oid
from tests.driver import TestRepo

LINES = "".join(f"line {number}\n" for number in range(30))


def commits_of_every_kind(repo: TestRepo) -> dict[str, Oid]:
    """Make a commit of each kind on `master`; return them by the names of the kinds."""
    made = {"root": repo.commit("root", {"a": LINES, "b": "b\n"})}
    made["modify"] = repo.commit("modify", {"a": LINES.replace("line 3\n", "line three\n")})
    made["binary"] = repo.commit("binary", {"c.bin": b"\0\1\2" * 100})
    made["rename"] = repo.commit("rename", {"b": None, "dir/b": "b\n"})
    made["empty"] = repo.commit("empty")
    made["odd"] = repo.commit("odd", {"with\nnewline": "x\n", "a" * 40: "y\n", "gr\udcfc\udcdfe": "z\n"})
    repo.checkout("side", made["root"])
    repo.commit("side", {"side": "s\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    made["merge"] = repo.id("HEAD")
    return {name: Oid(oid) for name, oid in made.items()}
