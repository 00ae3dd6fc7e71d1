"""Everything that a command may import, imported once: named to the fork server, imported by nobody else."""

from __future__ import annotations

import importlib
import pkgutil

import backportq.git
import backportq.queue
import backportq.services
from backportq.cli import app, boundary

for _package in (backportq.git, backportq.queue, backportq.services):
    for _module in pkgutil.iter_modules(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)
for _verb in app.available():
    app.load(_verb)

__all__ = ["boundary"]
