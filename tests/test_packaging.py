"""What is shipped: the wheel has the package and its manual, the source archive has all that builds and tests it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from backportq import __version__

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both archives, built as `pip` would build them but without fetching the build tool."""
    target = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(target)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return target


def _tracked(*folders: str) -> set[str]:
    listed = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".png"  # made with the site
    }
    assert listed
    return listed


def test_wheel_holds_the_package_and_its_metadata(dist: Path) -> None:
    wheel = zipfile.ZipFile(dist / f"backportq-{__version__}-py3-none-any.whl")
    meta = f"backportq-{__version__}.dist-info"
    expected = _tracked("backportq") | {
        f"{meta}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    shared = f"backportq-{__version__}.data/data/share"
    for name in ("backportq", "git-backportq"):
        expected |= {f"{shared}/man/man1/{name}.1", f"{shared}/bash-completion/completions/{name}"}
        expected |= {f"{shared}/zsh/site-functions/_{name}", f"{shared}/fish/vendor_completions.d/{name}.fish"}
    assert set(wheel.namelist()) == expected
    assert "backportq/py.typed" in expected
    assert wheel.read(f"{meta}/entry_points.txt").decode() == (
        "[console_scripts]\n"
        "backportq = backportq.cli.main:run_process\n"
        "git-backportq = backportq.cli.main:run_process\n"
    )


def test_sdist_holds_sources_tests_fixtures_and_docs(dist: Path) -> None:
    with tarfile.open(dist / f"backportq-{__version__}.tar.gz") as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    single = {"PKG-INFO", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", ".gitignore"}
    assert names == _tracked("backportq", "tests", "fixtures", "bench", "docs", ".ci") | single


def test_dependencies_each_have_a_lower_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(name for group in project["optional-dependencies"].values() for name in group)]
    assert [name for name in asked if ">=" not in name] == []


_PLATFORMS = {
    "Linux, glibc, x86-64": ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64"),
    "Linux, glibc, Arm": ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    "Linux, musl, x86-64": ("musllinux_1_1_x86_64", "musllinux_1_2_x86_64"),
    "Linux, musl, Arm": ("musllinux_1_1_aarch64", "musllinux_1_2_aarch64"),
    "macOS": ("macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_10_9_universal2"),
    "Windows": ("win_amd64",),
}


@pytest.mark.skipif(not os.environ.get("BACKPORTQ_DEEP"), reason="asks the package index: only in make deep")
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14", "3.15"])
@pytest.mark.parametrize("platform", _PLATFORMS)
def test_every_dependency_has_a_wheel(tmp_path: Path, platform: str, python: str) -> None:
    """`pip install` builds nothing, wherever it is run; what the dependencies need is looked at too."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    tags = [option for tag in _PLATFORMS[platform] for option in ("--platform", tag)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed"),
            *("--target", str(tmp_path), "--only-binary", ":all:", "--python-version", python),
            *tags,
            *asked,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_both_scripts_are_installed() -> None:
    said = [
        subprocess.run([Path(sys.executable).with_name(name), "--version"], capture_output=True, text=True).stdout
        for name in ("backportq", "git-backportq")
    ]
    assert said == [f"backportq {__version__}\n"] * 2
