"""The programs of OpenSSH."""

import subprocess
from pathlib import Path

from tests.needs import needs


def openssh(program: str) -> str:
    """Return the path of one of the programs that come with ``ssh``."""
    return str(Path(needs("ssh")).with_name(program))


def ssh_keygen(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a key pair as an operator would; return the line of the public key."""
    # As few bits as it allows, since RSA may take seconds for more; Ed25519 knows one size only.
    key = ["-t", kind, "-b", "1024", "-N", passphrase, "-C", "someone", "-f", str(path)]
    subprocess.run(
        [openssh("ssh-keygen"), "-q", *key],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path.with_name(f"{path.name}.pub").read_text()
