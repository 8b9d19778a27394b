"""The wheel: what is in it, and that the program works from there, far from this tree."""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

import pytest

from app import __version__
from tests.terminal.ptys import Pty

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "collectors", "screens", "widgets")
SAMPLE = "2025-02-09-api-service-degradation"

pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.terminal]


class Installed(NamedTuple):
    """An environment that holds the wheel, and of this one only what the wheel depends on."""

    bin: Path
    packages: Path

    def run(self, *words: str, folder: Path) -> str:
        return subprocess.run(
            [self.bin / words[0], *words[1:]],
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout


def clean_environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    # Named in a .pth file, a folder is searched, but its own .pth files, the editable install among them, are not.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(place / "bin" / "python"),
    ]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)],
        check=True,
        env=clean_environment(),
    )
    return Installed(place / "bin", packages)


def info(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"blamefree-{__version__}.dist-info/{name}").decode()


def test_it_holds_every_file_of_the_four_packages(names: set[str]) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted
    assert wanted <= names


def test_it_holds_the_sample_as_it_is_in_the_repository(wheel: Path) -> None:
    source = ROOT / "sessions" / SAMPLE
    files = [source / "session.toml", *(path for path in (source / "evidence").rglob("*") if path.is_file())]
    assert len(files) > 5
    with zipfile.ZipFile(wheel) as archive:
        for path in files:
            assert archive.read(f"app/sample/{SAMPLE}/{path.relative_to(source)}") == path.read_bytes()


def test_it_holds_nothing_else(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {*PACKAGES, f"blamefree-{__version__}.dist-info"}
    sample = {name for name in names if name.startswith("app/sample/")}
    assert all(
        name.startswith((f"app/sample/{SAMPLE}/session.toml", f"app/sample/{SAMPLE}/evidence/"))
        for name in sample
    )
    assert not [name for name in names if name.endswith((".pyc", ".lock", ".journal", ".whl"))]


def test_it_tells_what_it_is(wheel: Path) -> None:
    facts = Parser().parsestr(info(wheel, "METADATA"))
    assert (facts["Name"], facts["Version"]) == ("blamefree", __version__)
    assert facts["License-Expression"] == "MIT"
    assert facts["Requires-Python"] == ">=3.11"
    assert info(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text()
    assert "Tag: py3-none-any" in info(wheel, "WHEEL")
    points = info(wheel, "entry_points.txt")
    assert "blamefree = app.__main__:main" in points
    assert "[blamefree.collectors]" in points
    assert "[blamefree.trackers]" in points


def test_building_it_again_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_everything_it_needs_is_locked(wheel: Path) -> None:
    locked = (ROOT / ".ci" / "requirements.txt").read_text().lower()
    for need in Parser().parsestr(info(wheel, "METADATA")).get_all("Requires-Dist") or []:
        name = need.split(">")[0].split("<")[0].split("=")[0].strip().lower()
        assert f"\n{name}==" in f"\n{locked}", name


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"])
def test_every_locked_version_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / ".ci" / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==\S+( ;[^\\]*)? \\\n +--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    assert not re.search(r"://|--(extra-)?index|--find-links", text)


def test_the_set_up_names_no_address_and_no_place_of_one_machine() -> None:
    for name in ("Makefile", ".ci/run", "pyproject.toml"):
        assert not re.search(
            r"://|--(extra-)?index-url|/(home|root|opt|Users)/", (ROOT / name).read_text()
        ), name


def test_the_installed_program_is_the_wheels_own(installed: Installed, tmp_path: Path) -> None:
    code = "import app, screens, app.demo; print(app.__file__, screens.__file__, app.demo.sample_folder(), sep='\\n')"
    for line in installed.run("python", "-c", code, folder=tmp_path).splitlines():
        assert Path(line).is_relative_to(installed.packages)
    assert installed.run("blamefree", "--version", folder=tmp_path).strip() == f"blamefree {__version__}"


def test_the_installed_parts_are_found_and_can_be_loaded(installed: Installed, tmp_path: Path) -> None:
    code = (
        "from importlib.metadata import entry_points as e\n"
        "for group in ('blamefree.collectors', 'blamefree.trackers'):\n"
        "    for point in e(group=group): print(point.name, point.load().__module__)\n"
    )
    found = dict(line.split() for line in installed.run("python", "-c", code, folder=tmp_path).splitlines())
    assert (
        found.items()
        >= {
            "file": "collectors.file",
            "prometheus": "collectors.prometheus",
            "github": "app.tracking.github",
        }.items()
    )


def test_the_installed_program_shows_and_reports_its_own_sample(installed: Installed, tmp_path: Path) -> None:
    window = Pty([str(installed.bin / "blamefree"), "demo"], tmp_path, (100, 30), PYTHONPATH="")
    try:
        window.wait_for(
            lambda lines: "API Service Degradation" in lines[0] and any("app logs" in line for line in lines)
        )
        window.send("\x11")
        while window.take(10):
            pass
    finally:
        assert window.close() == 0
    copy = tmp_path / "sessions" / f"demo-{SAMPLE}"
    assert (copy / "evidence").is_dir()
    report = installed.run("blamefree", "report", "demo", folder=tmp_path)
    assert report.startswith("# Post-Mortem: API Service Degradation")
    assert "10:05:23" in report
    assert report.count("\n| ") > 20
    shipped = installed.packages / "app" / "sample" / SAMPLE
    assert {path.name for path in shipped.iterdir()} == {"session.toml", "evidence"}
