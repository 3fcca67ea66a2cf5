"""Pages in a real browser: whether everyone can read them, and pictures of them."""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

WIDTHS = (360, 1440)
"""A telephone and a desk, in pixels."""

SETTLED = "--virtual-time-budget=60000"
# axe's source without a driver of its own: Chromium runs it in each frame.
AXE = "axe_core_python", "axe.min.js"
POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
JUDGE = """<pre></pre><script>
onload = async () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const where = `${frame.title} at ${frame.width} px: `;
    const width = frame.contentDocument.documentElement.scrollWidth;
    if (width > frame.width) found.push(`${where}is ${width} px wide`);
    const { violations } = await frame.contentWindow.axe.run({ resultTypes: ["violations"] });
    for (const one of violations)
      for (const node of one.nodes) found.push(`${where}${one.id}: ${node.failureSummary} ${node.html.slice(0, 300)}`);
  }
  document.querySelector("pre").textContent = JSON.stringify(found);
};
</script>"""


def program() -> str | None:
    """Chromium's path, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def assert_everyone_can_read(pages: Sequence[Path], directory: Path) -> None:
    """Fail where axe finds a violation in a page, or a page is wider than its screen; skip where there is no Chromium.

    What is folded is unfolded for it. ``directory`` is where the pages are laid out.
    """
    if program() is None:
        pytest.skip("needs Chromium to lay the page out: none is installed here")
    faults = _faults(pages, directory)
    assert not faults, "\n\n".join(faults)


def _faults(pages: Sequence[Path], directory: Path) -> list[str]:
    spec = importlib.util.find_spec(AXE[0])
    assert spec is not None and spec.origin is not None
    shutil.copy(Path(spec.origin).with_name(AXE[1]), directory / "axe.js")
    frames = ""
    for number, page in enumerate(pages):
        text = POLICY.sub("", page.read_text(encoding="utf-8")).replace("<details>", "<details open>")
        laid_out = directory / f"page{number}.html"
        laid_out.write_text(text.replace("</head>", "<script src=axe.js></script></head>", 1), encoding="utf-8")
        title = html.escape("/".join(page.parts[-3:]))
        frames += "".join(
            f'<iframe src="{laid_out.name}" title="{title}" width="{width}" height="900"></iframe>' for width in WIDTHS
        )
    probe = directory / "probe.html"
    probe.write_text(frames + JUDGE, encoding="utf-8")
    shown = browse(probe.as_uri(), "--allow-file-access-from-files", SETTLED, "--dump-dom")
    found = re.search(r"<pre>(\[.*?\])</pre>", shown, re.DOTALL)
    assert found, shown[-500:]
    faults: list[str] = json.loads(html.unescape(found[1]))
    return faults


def picture(address: str, out: Path, *, width: int, height: int) -> None:
    """Write what a window of this size in pixels shows of the page at the address to ``out``, as PNG."""
    browse(address, f"--screenshot={out}", f"--window-size={width},{height}", "--hide-scrollbars", SETTLED)


def browse(address: str, *options: str) -> str:
    """What Chromium, started with these options, prints of the page at the address."""
    browser = program()
    assert browser is not None, "Chromium is not installed"
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *options, address],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    return done.stdout
