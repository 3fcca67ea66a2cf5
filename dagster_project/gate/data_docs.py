"""The data docs of a gate run: Great Expectations' own pages, made to open from the file system on a closed network.

Its pages fetch styles and scripts from elsewhere, and its index is drawn by such a script. Those are left out, the
styles that a reader needs are put in, and the index is a page of our own: every check, what was observed, what was
expected, and why.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_project.gate.checks import CheckResult
from dagster_project.gate.suites import Suite
from dagster_project.settings import private_directory

SITE = "gate"

_ELSEWHERE = re.compile(r'<(?:script|link)\b[^>]*(?:src|href)="https?://[^>]*>(?:\s*</script>)?')
_STYLE = """<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: .3rem .5rem; text-align: left;
vertical-align: top; } .fa-check-circle::before { content: "✔"; color: #17692b; } .fa-times::before { content: "✘";
color: #a3161f; } .fa-exclamation-triangle::before { content: "!"; color: #a3161f; font-weight: bold; }
.passed { color: #17692b; } .failed, .error { color: #a3161f; font-weight: bold; } small { color: #555; }
</style>"""


def context(gx: Any, docs_dir: Path) -> Any:
    """A context of Great Expectations in memory whose only site is ``docs_dir``, emptied first."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    shutil.rmtree(docs_dir, ignore_errors=True)
    private_directory(docs_dir)
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs_dir)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"expectations": "None"},
    }
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            data_docs_sites={SITE: site},
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )


def write_index(docs_dir: Path, month: str, suites: Sequence[Suite], judged: Mapping[str, CheckResult]) -> None:
    """Replace the index by a table of every check, and make all pages self-contained and private."""
    pages = {page.stem.rsplit("-", 1)[-1]: page for page in docs_dir.glob("validations/**/*.html")}
    sections = "".join(_section(docs_dir, suite, judged, pages.get(suite.name)) for suite in suites)
    (docs_dir / "index.html").write_text(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The gate, {month}</title></head>'
        f"<body><h1>The gate, {month}</h1>{sections}</body></html>",
        encoding="utf-8",
    )
    for page in docs_dir.rglob("*.html"):
        text = _ELSEWHERE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")
    for path in docs_dir.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _section(docs_dir: Path, suite: Suite, judged: Mapping[str, CheckResult], page: Path | None) -> str:
    title = html.escape(suite.name)
    if page is not None:
        title = f'<a href="{page.relative_to(docs_dir).as_posix()}">{title}</a>'
    rows = "".join(
        "<tr>"
        f"<td>{check.name}<br><small>{check.severity}, {check.category}, protects {check.protects}</small></td>"
        f'<td class="{judged[check.name].result}">{judged[check.name].result}</td>'
        f"<td>{html.escape(judged[check.name].observed)}</td><td>{html.escape(judged[check.name].expected)}</td>"
        f"<td>{check.reason_on}: {html.escape(check.reason)}</td>"
        "</tr>"
        for check in suite.checks
    )
    return (
        f"<h2>{title}</h2><p>{html.escape(suite.about)}</p><table><tr><th>check</th><th>result</th>"
        f"<th>observed</th><th>expected</th><th>why</th></tr>{rows}</table>"
    )
