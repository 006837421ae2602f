import subprocess
from pathlib import Path
from stat import S_IMODE

import pytest

from roulette.ops.keys import authorized_keys, fingerprint, host_key
from roulette.reading import BadFile
from tests.openssh import openssh, ssh_keygen


def test_comments_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    one, other = ssh_keygen(tmp_path / "one"), ssh_keygen(tmp_path / "other")
    bare = " ".join(other.split()[:2])
    file = tmp_path / "keys"
    file.write_text(f"# those who may\n\n  {one}\r\n{bare}")
    assert len(authorized_keys(file)) == 2


def test_a_fingerprint_is_the_one_that_ssh_keygen_prints(tmp_path: Path) -> None:
    ssh_keygen(tmp_path / "id")
    printed = subprocess.check_output(
        [openssh("ssh-keygen"), "-l", "-f", tmp_path / "id.pub"], text=True
    )
    (key,) = authorized_keys(tmp_path / "id.pub")
    assert fingerprint(key) == printed.split()[1]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "there is no key in it"),
        ("# nobody yet", "there is no key in it"),
        ("rubbish", "line 1 begins with 'rubbish'"),
        ("ssh-ed25519", "line 1 is no complete key"),
        ("ssh-ed25519 rubbish", "line 1 is no complete key"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "line 1 is no complete key"),
        ("ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAAA==", "line 1 is no complete key"),
        ("\n\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAA==", "line 3 begins with 'ssh-rsa'"),
        ('from="::1" ssh-ed25519 AAAA', "line 1 begins with 'from=\"::1\"'"),
        ("\x00\x1b[2J ü", r"line 1 begins with '\x00\x1b[2J'"),
    ],
)
def test_a_file_that_cannot_be_taken_as_it_is_is_refused(
    tmp_path: Path, line: str, complaint: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(line)
    with pytest.raises(BadFile) as refused:
        authorized_keys(file)
    assert str(refused.value).startswith(f"{file}: {complaint}")
    assert str(refused.value).isprintable()


def test_a_private_key_lets_nobody_in(tmp_path: Path) -> None:
    ssh_keygen(tmp_path / "id")
    with pytest.raises(BadFile, match="line 1 begins with '-----BEGIN'"):
        authorized_keys(tmp_path / "id")


def test_a_host_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = host_key(file)
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert host_key(file) == made
    assert list(tmp_path.iterdir()) == [file]
    # OpenSSH takes it for a key as well.
    subprocess.run([openssh("ssh-keygen"), "-y", "-f", file], check=True, capture_output=True)


def test_a_host_key_of_openssh_will_do(tmp_path: Path) -> None:
    public = ssh_keygen(tmp_path / "key")
    (tmp_path / "keys").write_text(public)
    assert host_key(tmp_path / "key").public() == authorized_keys(tmp_path / "keys")[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_host_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    host_key(file)
    file.chmod(mode)
    with pytest.raises(BadFile, match="others may read or write it: chmod 600"):
        host_key(file)


def test_what_is_no_host_key_is_refused(tmp_path: Path) -> None:
    ssh_keygen(tmp_path / "locked", passphrase="secret")
    ssh_keygen(tmp_path / "rsa", kind="rsa")
    ssh_keygen(tmp_path / "pair")
    (tmp_path / "pair.pub").chmod(0o600)
    (tmp_path / "empty").touch(0o600)
    for name in ("locked", "rsa", "pair.pub", "empty"):
        with pytest.raises(BadFile, match="no Ed25519 private key without a passphrase"):
            host_key(tmp_path / name)


def test_the_folder_of_the_host_key_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="there is no folder"):
        host_key(tmp_path / "nowhere" / "key")
