"""Dagster's interface on an installation, as ``lus ui`` starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster_project.settings import PROJECT_ROOT

SECONDS = 120


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The interface's address on a free port, once it knows the assets. Stopped when the context ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli.main", "ui", "--port", str(port), "--home", str(home)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(process, address)
        yield address
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Dagster takes SIGTERM as it takes SIGINT, which what a shell starts in the background ignores."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(address: str, question: str) -> dict[str, Any]:
    """The data that the interface at the address answers to a GraphQL question."""
    content = json.dumps({"query": question}).encode()
    request = urllib.request.Request(f"{address}/graphql", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
    return data


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, "the interface ended by itself"
        assert time.monotonic() < until, "the interface does not answer"
        try:
            if ask(address, "{assetNodes {id}}")["assetNodes"]:
                return
        except OSError:
            pass
        time.sleep(0.5)
