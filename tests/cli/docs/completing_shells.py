"""What bash, zsh and fish offer for a line that is typed: real shells, with the scripts of the checkout."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

SCRIPTS = Path(__file__).parents[3] / "docs/completion"

_SECONDS = 60.0
_ZSH = r"""PS1='> '; autoload -Uz compinit; compinit -D -u; source SCRIPT
compadd() { local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && offered+=(${(Q)hits}); builtin compadd "$@" }
show() { offered=(); zle complete-word; print -rl -- "#BEG""IN#" $offered "#E""ND#" }
zle -N show; bindkey '^I' show; print "#REA""DY#"
"""


def environment() -> dict[str, str]:
    """Return the environment in which the program of this test run is the one on the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "dumb"}


def offered(shell: str, cwd: Path, line: str) -> list[str]:
    """Return what `shell` offers at the end of `line`, sorted."""
    return sorted(set({"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](cwd, line)))


def said(arguments: list[str], cwd: Path) -> list[str]:
    """Return the lines that a shell prints; it must not complain."""
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, env=environment(), timeout=_SECONDS)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def _bash(cwd: Path, line: str) -> list[str]:
    """Ask with the words as bash splits them, an open quote included."""
    words = re.findall(r"'[^']*'?|[:=]|[^\s:=']+", line) + ([""] if line.endswith(" ") and line.count("'") != 1 else [])
    listed = " ".join(map(shlex.quote, words))
    asked = f"COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _backportq"
    script = f". {shlex.quote(str(SCRIPTS / 'backportq.bash'))}; {asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return [one for one in said(["bash", "--norc", "-c", script], cwd) if one]


def _fish(cwd: Path, line: str) -> list[str]:
    of_git = "source $__fish_data_dir/completions/git.fish; " if line.startswith("git ") else ""
    script = f"{of_git}source {SCRIPTS / 'backportq.fish'}; complete -C $argv[1]"
    return [one.partition("\t")[0] for one in said(["fish", "--no-config", "-c", script, line], cwd)]


def _zsh(cwd: Path, line: str) -> list[str]:
    """Type the line and a tab on a terminal; what the completion adds is printed besides."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment())
    try:
        os.write(terminal, _ZSH.replace("SCRIPT", shlex.quote(str(SCRIPTS / "_backportq"))).encode())
        _read_until(terminal, b"#READY#")
        os.write(terminal, f"{line}\t".encode())
        shown = _read_until(terminal, b"#END#").decode().replace("\r\n", "\n")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    return [one for one in shown.split("#BEGIN#\n")[1].split("\n")[:-1] if one]


def _read_until(terminal: int, end: bytes) -> bytes:
    output = b""
    latest = time.monotonic() + _SECONDS
    while end not in output:
        ready, _, _ = select.select([terminal], [], [], max(0.0, latest - time.monotonic()))
        assert ready, output
        output += os.read(terminal, 65_536)
    return output[: output.index(end)]
