"""``lus``: the commands, wired together. Each imports what it needs when it runs, so that ``--help`` is instant."""

from __future__ import annotations

import typer

from dagster_project.cli import catalogue, explain, generate, interface, quarantine, revisions, runs, serve, simulate

app = typer.Typer(
    name="lus",
    help="A data warehouse for discharge from inpatient care under the Swedish act LUS (2017:612).\n\n"
    "A month's way: 'lus check 2026-10' says what would block, 'lus release 2026-10' publishes, 'lus verify 2026-10' "
    "recomputes every hash of what was published. Without data of your own, begin with 'lus generate'.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(runs.release)
app.command()(runs.check)
app.command()(generate.generate)
app.command()(catalogue.releases)
app.command()(catalogue.verify)
app.command()(catalogue.withdraw)
app.command()(revisions.diff)
app.command()(revisions.vintages)
app.command()(revisions.revisions)
app.command()(explain.explain)
app.command()(quarantine.quarantine)
app.command()(simulate.simulate)
app.command()(serve.serve)
app.command("ui")(interface.ui)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
