"""Whether a page keeps within a screen's width, asked of a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest


def assert_within_width(page: Path, widths: Sequence[int]) -> None:
    """Fail where the page at this path is wider than one of the widths in pixels; skip where there is no Chromium."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium to lay the page out: none is installed here")
    probe = page.with_name("probe.html")
    frames = "".join(f"<iframe src={page.name} width={width} height=900></iframe>" for width in widths)
    probe.write_text(
        f"""{frames}<script>onload = () => document.title = [...document.querySelectorAll("iframe")].map(
        frame => frame.contentDocument.documentElement.scrollWidth).join(" ")</script>""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
         f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=5000", "--dump-dom", str(probe)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = re.search(r"<title>([\d ]+)</title>", done.stdout)
    assert found, done.stdout[:500]
    for width, laid_out in zip(widths, found[1].split(), strict=True):
        assert int(laid_out) <= width
