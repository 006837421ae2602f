"""Install a wheel in an empty environment, serve from another folder, fetch the page, stop it.

``python .ci/wheel.py dist/roulette-*.whl``; whatever is not as promised ends it with status 1.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.service import on, started  # noqa: E402

LINKED = re.compile(r"""<(?:script|link)\b[^>]*?\b(?:src|href)=["']([^"':]+)["']""")
IMPORTED = re.compile(r"""\b(?:from|import)\s*\(?["'](\.[^"']+)["']""")


def install(wheel: Path, folder: Path) -> Path:
    """Make an environment in a folder, with a wheel in it; return where its programs are."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    constraints = str(ROOT / "constraints.txt")
    pip = [str(programs / "pip"), "install", "--quiet", "--constraint", constraints]
    subprocess.run([*pip, str(wheel)], check=True)
    return programs


def fetch(url: str) -> tuple[str, str]:
    """Return the media type and the text at an address; raises OSError unless it answers 200."""
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.headers.get_content_type(), answer.read().decode()
    except OSError as error:
        error.add_note(url)
        raise


def walk(page: str) -> list[str]:
    """Return the addresses of a page and of all that it links and its modules import.

    Raises OSError where one does not answer, and ValueError where a browser would refuse it.
    """
    found = [page]
    for url in found:
        kind, text = fetch(url)
        if url.endswith(".js") and kind not in ("text/javascript", "application/javascript"):
            raise ValueError(f"{url} is {kind}, which no browser runs")
        for path in (LINKED if kind == "text/html" else IMPORTED).findall(text):
            linked = urljoin(url, path)
            if linked not in found:
                found.append(linked)
    return found


def check(wheel: Path, folder: Path) -> str:
    """Return what was seen of a wheel that serves as it should; raises Exception otherwise."""
    compiled = "-abi3-" in wheel.name
    if shutil.which("cc") and not compiled:
        raise ValueError(f"there is a C compiler, and nothing was compiled: {wheel.name}")
    programs = install(wheel, folder / "venv")
    command = [str(programs / "twistd"), "--nodaemon", f"--pidfile={folder}/pid", "roulette", *on()]
    with started(command, folder) as service:
        fetch(f"{service.url}/healthz")
        found = walk(f"{service.url}/")
    if not any(url.endswith(".js") for url in found):
        raise ValueError(f"the page has no module: {found}")
    if "Server Shut Down" not in service.log or (folder / "pid").exists():
        raise ValueError(f"it did not stop cleanly:\n{service.log}")
    language = "C" if compiled else "Python"
    if f"apart in {language}, and messages are passed on in {language}\n" not in service.log:
        raise ValueError(f"it does not run what is in it:\n{service.log}")
    return f"{wheel.name} serves its page, {len(found)} files in all, and stops cleanly"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(check(Path(sys.argv[1]).resolve(), Path(folder)))
