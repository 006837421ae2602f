"""The programs of OpenSSH."""

import subprocess
from pathlib import Path

from tests.needs import needs


def openssh(program: str) -> str:
    """Return the path of one of the programs that come with ``ssh``."""
    return str(Path(needs("ssh")).with_name(program))


def ssh_keygen(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a key pair as an operator would; return the line of the public key."""
    subprocess.run(
        [openssh("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-C", "someone", "-f", path],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path.with_name(f"{path.name}.pub").read_text()
