"""What an operator puts into the page: a title, a message of the day, and rules."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from roulette.core.text import clean
from roulette.reading import BadFile, read_text

TITLE_CHARACTERS = 40
"""The longest title, in characters."""

TEXT_BYTES = 16 * 1024
"""The longest file of a message or of rules, in bytes of UTF-8."""

PLACEHOLDER = re.compile(rb"\{\{(title|motd|rules)\}\}")


def title(text: str) -> str:
    """Return a title, cleaned; raise ValueError if it cannot be one."""
    lines = clean(text).strip().splitlines()
    if len(lines) != 1:
        raise ValueError("a title is one line of text")
    if len(lines[0]) > TITLE_CHARACTERS:
        raise ValueError(f"a title has at most {TITLE_CHARACTERS} characters, not {len(lines[0])}")
    return lines[0]


def motd(path: Path) -> str:
    """Return the text in a file, cleaned; raise BadFile if there is none to be had."""
    return clean(read_text(path, TEXT_BYTES))


def rules(path: Path) -> str:
    """Return the rules in a file, one a line; raise BadFile if there are none."""
    text = motd(path)
    if not text.strip():
        raise BadFile(f"{path}: there is no rule in it")
    return text


@dataclass(frozen=True)
class Brand:
    """The texts; where there are no rules, the page shows its own."""

    title: str = "roulette"
    motd: str = ""
    rules: str = ""

    def fill(self, name: str, content: bytes) -> bytes:
        """Return the file ``name`` of the page with the texts where it has a place for them."""
        if name not in FORMS:
            return content
        texts = FORMS[name](self)
        return PLACEHOLDER.sub(lambda found: texts[found[1].decode()].encode(), content)


def _as_html(brand: Brand) -> Mapping[str, str]:
    paragraphs = (
        "<br>".join(escape(line.strip()) for line in lines)
        for written, lines in groupby(brand.motd.splitlines(), key=lambda line: bool(line.strip()))
        if written
    )
    rules = (escape(line.strip()) for line in brand.rules.splitlines() if line.strip())
    return {
        "title": escape(brand.title),
        "motd": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
        "rules": "".join(f"<li>{rule}</li>" for rule in rules),
    }


def _as_json(brand: Brand) -> Mapping[str, str]:
    return {name: json.dumps(text)[1:-1] for name, text in vars(brand).items()}


FORMS = {"index.html": _as_html, "offline.html": _as_html, "manifest.webmanifest": _as_json}
"""How the texts are written in each file that has them."""
