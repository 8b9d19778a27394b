"""What every test needs: a home of its own, and no editor, colour or theme from the person's environment."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from textual.widgets import Input

# How long an example takes depends on who else uses the machine; no test asserts on a clock.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

os.environ["TEXTUAL_ANIMATIONS"] = "none"
# Tests start the program hundreds of times: without byte code each start compiles it all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, state and sessions of the person who runs the tests are never read or written."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    # Nor is their keyring, which might even ask them to unlock it.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in (
        "BLAMEFREE_SESSIONS", "BLAMEFREE_CONFIG", "BLAMEFREE_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN",
        "GH_HOST", "GITLAB_TOKEN", "GITLAB_HOST", "PAGERDUTY_TOKEN", "SLACK_TOKEN",
        "VISUAL", "EDITOR", "NO_COLOR", "FORCE_COLOR", "TEXTUAL_THEME",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def steady_caret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caret that blinks makes every other frame differ."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
