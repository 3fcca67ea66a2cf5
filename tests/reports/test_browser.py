"""The judgement of a page sees what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser import assert_everyone_can_read

PAGE = """<!DOCTYPE html><html><head><title>A page</title></head><body><main><h1>A page</h1>
<p style="color: #aaa">Pale words.</p><details><p style="width: 400px">Wide when it is unfolded.</p></details>
</main></body></html>"""


def test_pale_words_a_missing_language_and_a_folded_width_are_seen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    with pytest.raises(AssertionError) as found:
        assert_everyone_can_read([tmp_path / "page.html"], tmp_path)
    told = str(found.value)
    assert "at 360 px: is " in told and "at 1440 px: is " not in told
    assert told.count(": color-contrast: ") == told.count(": html-has-lang: ") == 2
