"""What the documentation says of the wire is what the wire is."""

import json
import re
from pathlib import Path

import pytest

from roulette.core.events import Code, Reason, Stage
from roulette.wire import v1_frames
from roulette.wire.closing import Closing
from roulette.wire.schema import schema

DOCS = Path(__file__).parents[2] / "docs"
CHAPTER = (DOCS / "wire.rst").read_text()


def test_the_committed_schema_is_fresh() -> None:
    committed = json.loads((DOCS / "wire.schema.json").read_text())
    assert committed == json.loads(json.dumps(schema())), "run: make schema"


def test_the_schema_has_every_type_of_both_directions() -> None:
    parts = schema()["$defs"]
    for root, frames in (("Client", v1_frames.VERBS), ("Server", v1_frames.EVENTS.values())):
        assert set(parts[root]["discriminator"]["mapping"]) == {
            v1_frames.type_name(frame.__name__) for frame in frames
        }


@pytest.mark.parametrize(
    "frame", [*v1_frames.VERBS, *v1_frames.EVENTS.values()], ids=lambda frame: frame.__name__
)
def test_the_chapter_names_every_type_and_field(frame: type[v1_frames.Frame]) -> None:
    assert f"``{v1_frames.type_name(frame.__name__)}``" in CHAPTER
    for field in frame.__struct_encode_fields__:
        assert re.search(rf"``{field}\??``", CHAPTER), field


@pytest.mark.parametrize("name", [*Code, *Reason, *Stage])
def test_the_chapter_names_every_word(name: str) -> None:
    assert f"``{name}``" in CHAPTER


@pytest.mark.parametrize("closing", Closing)
def test_the_chapter_names_every_close_code(closing: Closing) -> None:
    assert re.search(rf"^{closing.code}  ", CHAPTER, re.MULTILINE)


def test_the_examples_are_frames() -> None:
    frames = (*v1_frames.VERBS, *v1_frames.EVENTS.values())
    kinds = {v1_frames.type_name(frame.__name__) for frame in frames}
    examples = re.findall(r'[<>] \{"type": "(\w+)"', CHAPTER)
    assert len(examples) > 20
    assert set(examples) <= kinds
