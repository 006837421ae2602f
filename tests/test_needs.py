import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs as module
from tests.needs import needs

LINE = "sudo apt-get install --no-install-recommends"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a system without any of the commands, outside CI."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


def test_a_command_that_is_there_is_told_by_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "ssh").touch(mode=0o755)
    assert needs("ssh") == str(tmp_path / "ssh")


@pytest.mark.usefixtures("bare")
def test_a_missing_command_skips_the_test_and_says_what_to_type() -> None:
    with pytest.raises(pytest.skip.Exception, match=f"ssh is missing: {LINE} openssh-client"):
        needs("ssh")


@pytest.mark.usefixtures("bare")
def test_a_missing_command_fails_the_test_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="ssh is missing"):
        needs("ssh")


def test_a_command_of_no_known_package_is_an_error_of_the_test() -> None:
    with pytest.raises(KeyError):
        needs("unheard-of")


@pytest.mark.usefixtures("bare")
def test_where_nothing_can_be_installed_one_line_says_what_to_type() -> None:
    script = subprocess.run(
        [sys.executable, module.__file__], env=dict(os.environ), capture_output=True, text=True
    )
    assert script.returncode == 0
    assert script.stderr == ""
    # What comes from npm has a line of its own.
    (line,) = (said for said in script.stdout.splitlines() if LINE in said)
    assert "chromium" in line
    assert "openssh-client" in line
