"""A publisher that is killed, or that is not alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.releases import catalogue, publish
from dagster_project.releases.verify import verify
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.release import candidates
from tests.release.candidates import MONTH, REGION

PUBLISHER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from dagster_project.releases import publish
from dagster_project.settings import Settings

home, stop, month = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
steps = 0

def watch(event, arguments):
    # Python reports every change of the file system before it is made.
    global steps
    writes = event == "open" and arguments[1] in ("xb", "w")
    if writes or event in ("os.mkdir", "os.chmod", "os.rename", "os.symlink"):
        if "/releases/" not in str(arguments[0]) + str(arguments[1]):
            return
        steps += 1
        if str(steps) == stop or f"{event}:{Path(str(arguments[1])).name}" == stop:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
release = publish.publish(Settings(home, home / "landing"), "01", month)
print(release.name, steps)
"""


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
"""


def start(settings: Settings, stop: str = "never", month: str = MONTH) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(settings.home), stop, month],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def leftovers(settings: Settings) -> list[Path]:
    return [path for path in settings.releases.rglob(".*") if path.name.endswith(".partial")]


STEPS = ["1", "3", "6", "12", "20", "30", "os.rename:r02", "os.symlink:.current.partial", "os.rename:current"]


@pytest.mark.parametrize("stop", STEPS)
def test_a_kill_at_any_point_leaves_the_last_release_and_the_next_run_succeeds(settings: Settings, stop: str) -> None:
    first = candidates.released(settings)
    before = candidates.snapshot(first.path)
    candidates.prepare(settings, factor=2)

    killed = start(settings, stop)
    _, errors = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, errors
    assert candidates.snapshot(settings.releases / REGION / "current") == before
    assert candidates.snapshot(first.path) == before
    assert (settings.releases / REGION / "current").readlink().as_posix() == "2026-10/r01"

    second = publish.publish(settings, REGION, MONTH)
    assert second.name == "01/2026-10/r02"
    assert (settings.releases / REGION / "current").readlink().as_posix() == "2026-10/r02"
    assert [release.name for release in catalogue.all_releases(settings)] == ["01/2026-10/r01", "01/2026-10/r02"]
    assert leftovers(settings) == []
    assert verify(settings, first) == []
    assert verify(settings, second) == []


def test_the_next_look_finishes_a_publication_that_was_cut_short_before_current(settings: Settings) -> None:
    candidates.released(settings)
    candidates.prepare(settings, factor=2)
    start(settings, "os.rename:current").communicate()
    second = catalogue.newest(settings, REGION, MONTH)
    assert second.name == "01/2026-10/r02"
    assert publish.already_published(settings, REGION, MONTH, second.manifest["inputs_hash"]) == second
    assert catalogue.current(settings, REGION) == second
    assert leftovers(settings) == []


def test_a_disk_that_is_full_leaves_no_trace(settings: Settings) -> None:
    candidates.released(settings)
    before = candidates.snapshot(settings.releases)
    candidates.prepare(settings, factor=2)
    publisher = subprocess.Popen(
        [sys.executable, "-c", LIMITED + PUBLISHER, str(settings.home), "never", MONTH],
        cwd=PROJECT_ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, errors = publisher.communicate()
    assert publisher.returncode == 1
    assert "File too large" in errors
    assert candidates.snapshot(settings.releases) == before


def test_of_two_publishers_of_one_candidate_one_publishes(settings: Settings) -> None:
    candidates.prepare(settings)
    both = [start(settings), start(settings)]
    answers = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert [out.split()[0] for out, _ in answers] == ["01/2026-10/r01"] * 2
    release = catalogue.newest(settings, REGION, MONTH)
    assert len(catalogue.all_releases(settings)) == 1
    assert verify(settings, release) == []


def test_of_publishers_of_two_months_the_second_is_sent_back_to_see_what_the_first_showed(settings: Settings) -> None:
    months = ["2026-10", "2026-09"]
    for month in months:
        candidates.prepare(settings, month=month)
    both = [start(settings, month=month) for month in months]
    answers = [process.communicate() for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], answers
    for month, process, (_, errors) in zip(months, both, answers, strict=True):
        if process.returncode:
            assert "other releases of the region are there than when it was judged" in errors
            candidates.released(settings, month=month)
    assert (settings.releases / REGION / "current").readlink().as_posix() == "2026-10/r01"
    for release in catalogue.all_releases(settings):
        assert verify(settings, release) == []
