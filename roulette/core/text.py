"""What may be written: cleaning, and the sizes of everything that a guest may send."""

import re
import unicodedata

MESSAGE_CHARACTERS = 2000
"""The longest message, in characters after cleaning."""

ID_CHARACTERS = 64
"""The longest id that a client may give a message."""

TOPICS = 10
TOPIC_CHARACTERS = 32
LANGUAGES = 10
LANGUAGE_CHARACTERS = 35
"""The longest language tag; RFC 5646 section 4.4.1 asks for room for 35 characters."""

# Controls but newline and tab, the two bidi overrides, and lone surrogates. Isolates
# (U+2066 to U+2069) stay: real right-to-left text needs them, overrides only deceive.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")


def clean(text: str) -> str:
    """Return ``text`` without what no guest should be shown; lines end with a newline only."""
    if text.isprintable():
        # Nothing that is taken out counts as printable, and most texts are.
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", text)


def topic_key(topic: str) -> str:
    """Return the form by which two spellings of one topic are equal (NFKC and casefold).

    Casefolding can undo a normal form, hence the second pass (Unicode, section 3.13, D146).
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean(topic)).casefold())
    return " ".join(folded.split())


def language_key(tag: str) -> str:
    """Return the primary language of a tag: ``pt`` for ``pt-BR`` (RFC 5646, section 2.2.1)."""
    return re.split("[-_]", clean(tag).strip(), maxsplit=1)[0].lower()
