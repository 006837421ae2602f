"""The options that may change while the service runs do."""

from http import HTTPStatus
from pathlib import Path

import pytest

from roulette.core.limits import Limits
from roulette.options import OPTIONS
from roulette.web import refusals
from roulette.web.refusals import Refusal
from tests.memory import Make, World, ask

BEFORE = """\
title = "Tea"
motd = "motd"
"""
AFTER = """\
title = "Coffee"
motd = "motd"
rules = "rules"
static = "page"
max-guests = 7
per-address = 3
connect-rate = 2
trusted-proxies = 1
allowed-origin = "https://a.example"
message-rate = 2.5
skip-rate = 0
frame-rate = 9
grace = 7
drain-timeout = 3
"""

SHELL = ["others", "refusals"]
"""The limits that no option says, by their names at the admin shell."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "own.txt").write_text("mine")
    (tmp_path / "motd").write_text("today")
    (tmp_path / "rules").write_text("Be kind")
    (tmp_path / "roulette.toml").write_text(BEFORE)
    return tmp_path / "roulette.toml"


@pytest.fixture
def world(bring_up: Make, file: Path) -> World:
    return bring_up("--config", str(file))


def test_every_option_that_is_said_to_change_does(world: World, file: Path) -> None:
    live = {name for name, option in OPTIONS.items() if option.live}
    assert set(world.service.reload.settings.in_force()) == live | set(SHELL)
    before = world.service.reload.settings.in_force()
    file.write_text(AFTER)
    (file.parent / "motd").write_text("tomorrow")
    facts = world.service.reload.reload()
    assert set(facts["changed"]) == live
    assert facts["restart"] == []
    after = world.service.reload.settings.in_force()
    assert {name for name in live if before[name] != after[name]} == live
    assert world.service.reload.reload() == {"changed": [], "restart": []}


def test_every_other_option_needs_a_restart(world: World, file: Path) -> None:
    file.write_text('port = 81\nsame-address = "deny"\ngrace = 1')
    assert world.service.reload.reload() == {
        "changed": ["title", "motd", "grace"],
        "restart": ["port", "same-address"],
    }


def test_the_page_has_the_new_texts_and_files_at_once(world: World, file: Path) -> None:
    def shown(path: str) -> bytes:
        return ask(world.site, path)[2]

    assert b"<title>Tea</title>" in shown("/")
    assert b"<p>today</p>" in shown("/")
    file.write_text(AFTER)
    (file.parent / "motd").write_text("tomorrow")
    # Not before it is read again, and not a part of it.
    assert b"<p>today</p>" in shown("/")
    assert ask(world.site, "/own.txt")[0] == HTTPStatus.NOT_FOUND
    world.service.reload.reload()
    assert b"<title>Coffee</title>" in shown("/")
    assert b"<p>tomorrow</p>" in shown("/")
    assert b"<li>Be kind</li>" in shown("/")
    assert shown("/own.txt") == b"mine"


def test_a_mistake_changes_nothing_and_is_told(world: World, file: Path) -> None:
    before = world.service.reload.settings.in_force()
    file.write_text(AFTER + 'prot = 80\nsame-address = "perhaps"')
    with pytest.raises(ValueError, match="prot") as raised:
        world.service.reload.reload()
    assert str(raised.value).splitlines() == [
        f"{file}: prot: there is no such option: did you mean port?",
        f"{file}: same-address: perhaps is not one of allow, delay, deny",
    ]
    assert world.service.reload.settings.in_force() == before


def test_guests_have_the_new_limits_and_nobody_is_sent_away(world: World, file: Path) -> None:
    inside = [world.connect() for _ in range(3)]
    file.write_text("max-guests = 2\nmessage-rate = 0.001\nconnect-rate = 0")
    world.service.reload.reload()
    assert [client.closed for client in inside] == [None] * 3
    assert ask(world.site, "/readyz")[0] == HTTPStatus.SERVICE_UNAVAILABLE
    inside[0].take()
    for _ in range(21):
        inside[0].say("hello")
    assert "too fast" in inside[0].take()[-1]
    inside[0].leave()
    inside[1].leave()
    assert ask(world.site, "/readyz")[0] == HTTPStatus.OK


def test_who_comes_back_finds_a_place_above_a_new_limit(world: World, file: Path) -> None:
    ada, *_ = [world.hello() for _ in range(3)]
    file.write_text("max-guests = 2")
    world.service.reload.reload()
    ada.drop()
    assert world.hello(resume=ada.resume).take()[0]["resumed"] is True
    door = world.site.resource.children[b"ws"].door
    assert door.enter(None, world.factory.now(), len(world.lobby.guests)) is refusals.FULL


def test_what_an_address_has_used_up_is_forgotten_with_the_rate(world: World, file: Path) -> None:
    door = world.site.resource.children[b"ws"].door
    while not isinstance(door.enter("203.0.113.7", world.factory.now()), Refusal):
        pass
    file.write_text("per-address = 0\nconnect-rate = 1")
    world.service.reload.reload()
    visits = [door.enter("203.0.113.7", world.factory.now()) for _ in range(9)]
    assert [isinstance(visit, Refusal) for visit in visits] == [False] * 8 + [True]


def test_the_command_line_wins_after_a_reload_too(bring_up: Make, file: Path) -> None:
    world = bring_up("--config", str(file), "--title", "Mate")
    file.write_text('title = "Coffee"\ngrace = 1')
    assert world.service.reload.reload()["changed"] == ["motd", "grace"]
    assert world.service.reload.settings.in_force()["title"] == "Mate"


def test_limits_set_at_the_shell_last_until_the_next_reload(world: World) -> None:
    world.lobby.limit(Limits(1.0, 2.0, 3.0, 4.0, 5.0))
    changed = world.service.reload.reload()["changed"]
    assert changed == ["message-rate", "skip-rate", "frame-rate", *SHELL]
    assert world.lobby.limits == Limits()
