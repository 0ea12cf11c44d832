"""The slots' processes under a real supervisord: started, stopped, asked about, and what is said where there is none."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import PublishRefused
from bot.rasa_slots import SlotState, SupervisorSlots
from bot.settings import ROOT
from deploy.start import socket_folder

CONF = """
[supervisord]
nodaemon=true
user={user}
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
silent=true
[unix_http_server]
file={folder}/s.sock
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:rasa]
command={python} -c "import sys, time; sys.exit(0) if '%(process_num)d' == '2' else time.sleep(300)"
process_name=rasa-%(process_num)d
numprocs=3
autostart=false
autorestart=unexpected
exitcodes=0,78
startsecs=0
"""


@pytest.fixture
def control(tmp_path: Path) -> Iterator[SupervisorSlots]:
    conf = tmp_path / "s.conf"
    conf.write_text(CONF.format(folder=tmp_path, python=sys.executable, user=os.getuid()))
    process = subprocess.Popen([str(Path(sys.executable).parent / "supervisord"), "-n", "-c", str(conf)])
    yield SupervisorSlots(tmp_path / "s.sock")
    process.terminate()
    process.wait(timeout=20)


async def until(control: SupervisorSlots, slot: int, wanted: SlotState) -> None:
    while control.why_not() is not None or await control.state(slot) is not wanted:  # noqa: ASYNC110 - processes have no event
        await asyncio.sleep(0.05)


async def test_a_slot_is_started_and_stopped_and_both_may_be_asked_twice(control: SupervisorSlots) -> None:
    await until(control, 1, SlotState.STOPPED)
    await control.start(1)
    await control.start(1)
    assert await control.state(1) is SlotState.RUNNING
    assert await control.state(0) is SlotState.STOPPED
    await control.stop(1)
    await control.stop(1)
    assert await control.state(1) is SlotState.STOPPED


async def test_a_slot_with_nothing_to_do_ends_and_is_not_started_over_and_over(control: SupervisorSlots) -> None:
    await until(control, 2, SlotState.STOPPED)
    await control.start(2)
    await until(control, 2, SlotState.STOPPED)


async def test_a_process_manager_that_has_gone_is_said_in_chinese(control: SupervisorSlots, tmp_path: Path) -> None:
    await until(control, 0, SlotState.STOPPED)
    gone = SupervisorSlots(tmp_path / "nothing.sock")
    assert "make run" in str(gone.why_not())
    for deed in (gone.start, gone.stop, gone.state):
        with pytest.raises(PublishRefused) as refused:
            await deed(1)
        assert "make run" in refused.value.reader_text
    assert SupervisorSlots(None).why_not() is not None


async def test_a_program_it_does_not_know_is_refused(control: SupervisorSlots) -> None:
    await until(control, 0, SlotState.STOPPED)
    with pytest.raises(PublishRefused):
        await control.start(7)


def test_the_socket_moves_away_from_a_folder_that_is_too_long_and_is_ours_alone(tmp_path: Path) -> None:
    near, far = tmp_path / "var", tmp_path / ("长" * 40)
    far.mkdir()
    assert socket_folder(near) == near / "run"
    short = socket_folder(far)
    try:
        assert len(os.fsencode(short / "supervisor.sock")) < 90
        assert short == socket_folder(far)
        assert oct(short.stat().st_mode)[-3:] == "700"
    finally:
        short.rmdir()


@pytest.mark.parametrize("program", ["gateway", "actions", "rasa", "studio"])
def test_every_program_of_make_run_ends_with_its_children(program: str) -> None:
    conf = (ROOT / "deploy" / "supervisord.conf").read_text("utf-8")
    (section,) = [part for part in conf.split("[program:")[1:] if part.startswith(f"{program}]")]
    assert "stopasgroup=true" in section
    assert "killasgroup=true" in section
