"""The data docs of a gate run: Great Expectations' own pages, made to open from the file system on a closed network.

Its pages fetch styles, scripts and pictures from elsewhere, its index is drawn by such a script, and they link to pages
that are not made here. Those are left out, a policy keeps the browser from fetching anything at all, the styles that a
reader needs are put in, and the index is a page of our own: every check, what was observed, what was expected, and why.
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

DOCUMENTATION = "../../dbt/index.html"
"""dbt's documentation, from the index: it lies so in a candidate and in a release."""

_ELSEWHERE = re.compile(r'<(?:script|link|img)\b[^>]*(?:src|href)="https?://[^>]*>(?:\s*</script>)?')
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')
_NOT_MADE = re.compile(r'<a\s[^>]*href="(?:https?://|[./]*expectations/)[^>]*>(.*?)</a>', re.DOTALL)
_POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
_STYLE = """<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: .3rem .5rem; text-align: left;
vertical-align: top; } .fa-check-circle::before { content: "✔"; color: #17692b; } .fa-times::before { content: "✘";
color: #a3161f; } .fa-exclamation-triangle::before { content: "!"; color: #a3161f; font-weight: bold; }
.passed { color: #17692b; } .failed, .error { color: #a3161f; font-weight: bold; } small { color: #555; }
h2, p, .name { overflow-wrap: anywhere; } .name { min-width: 9rem; } .scroll { overflow-x: auto; }
#ge-cta-footer { display: none; } @media (max-width: 30rem) { body { margin: 1rem; } .scroll table { width: 50rem; } }
@media print { body { margin: 0; font-size: 8pt; } .scroll { overflow: visible; } tr { break-inside: avoid; } }
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
    """Replace the index by a table of every check, and make all pages self-contained and private.

    What Great Expectations puts beside its pages is removed: none of them shows it any longer.
    """
    shutil.rmtree(docs_dir / "static", ignore_errors=True)
    pages = {page.stem.rsplit("-", 1)[-1]: page for page in docs_dir.glob("validations/**/*.html")}
    sections = "".join(_section(docs_dir, suite, judged, pages.get(suite.name)) for suite in suites)
    (docs_dir / "index.html").write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>The gate, {month}</title></head><body><main><h1>The gate, {month}</h1>"
        f'<p>How each table is made: <a href="{DOCUMENTATION}">its documentation</a>.</p>{sections}'
        "</main></body></html>",
        encoding="utf-8",
    )
    for page in docs_dir.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for pattern, kept in ((_ELSEWHERE, ""), (_ICON, ""), (_NOT_MADE, r"\1")):
            text = pattern.sub(kept, text)
        text = text.replace("<head>", f"<head>{_POLICY}", 1).replace("</head>", f"{_STYLE}</head>", 1)
        page.write_text(text, encoding="utf-8")
    for path in docs_dir.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _section(docs_dir: Path, suite: Suite, judged: Mapping[str, CheckResult], page: Path | None) -> str:
    title = html.escape(suite.name)
    if page is not None:
        title = f'<a href="{page.relative_to(docs_dir).as_posix()}">{title}</a>'
    rows = "".join(
        "<tr>"
        f'<td class="name">{check.name}<br>'
        f"<small>{check.severity}, {check.category}, protects {check.protects}</small></td>"
        f'<td class="{judged[check.name].result}">{judged[check.name].result}</td>'
        f"<td>{html.escape(judged[check.name].observed)}</td><td>{html.escape(judged[check.name].expected)}</td>"
        f"<td>{check.reason_on}: {html.escape(check.reason)}</td>"
        "</tr>"
        for check in suite.checks
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("check", "result", "observed", "expected", "why"))
    return (
        f"<h2>{title}</h2><p>{html.escape(suite.about)}</p>"
        f'<div class="scroll" role="region" tabindex="0" aria-label="The checks of {html.escape(suite.name)}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
