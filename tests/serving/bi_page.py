"""The code that ``docs/bi.md`` shows, as it stands there."""

from __future__ import annotations

import re

from dagster_project.settings import PROJECT_ROOT


def blocks(language: str) -> list[str]:
    text = (PROJECT_ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
