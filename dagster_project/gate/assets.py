"""The audit of a candidate as Dagster assets: its tables as they would be published, and the verdict on them.

What belongs here: how the gate shows in Dagster. The expectations are in ``expectations/``; how they are run and
what the verdict is made of stands in the modules beside this one.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from dagster_project.errors import GateBlocked
from dagster_project.gate import annual_figures, dbt_results, open_cells, suites, verdict, waivers
from dagster_project.partitions import REGION_MONTHS
from dagster_project.warehouse.candidate import read_inputs
from dagster_project.workplace import OWNER, Workplace

SEALED = AssetKey(["gate", "sealed_candidate"])
VERDICT = AssetKey(["gate", "verdict"])


def sealed_candidate_asset(published: Iterable[AssetKey]) -> AssetsDefinition:
    """The op that writes the candidate's published tables as Parquet and seals their content with a hash."""

    @multi_asset(
        name="seal_candidate",
        partitions_def=REGION_MONTHS,
        specs=[
            AssetSpec(
                key=SEALED,
                deps=sorted(published),
                group_name="gate",
                owners=[OWNER],
                kinds={"parquet", "duckdb"},
                description="The candidate's tables and packages as they would be published, and the hash that a "
                "verdict holds for.",
            )
        ],
    )
    def seal_candidate(
        context: AssetExecutionContext, workplace: ResourceParam[Workplace]
    ) -> Iterator[MaterializeResult]:
        from dagster_project.releases import seal

        with workplace.step(context, "seal") as (region, month):
            sealed = seal.seal_candidate(workplace.settings, region, month)
        yield MaterializeResult(
            asset_key=SEALED,
            metadata={
                "content_hash": sealed.content_hash,
                "dagster/row_count": sum(table.rows for table in sealed.tables),
                "tables": len(sealed.tables),
            },
        )

    return seal_candidate


def verdict_asset(profiles: Iterable[AssetKey]) -> AssetsDefinition:
    """The op that runs every expectation, reads dbt's tests, and writes the verdict; a red one fails the step."""
    specs = {check.name: check for check in suites.all_checks()}

    @multi_asset(
        name="decide",
        partitions_def=REGION_MONTHS,
        specs=[
            AssetSpec(
                key=VERDICT,
                deps=[SEALED, *sorted(profiles)],
                group_name="gate",
                owners=[OWNER],
                kinds={"greatexpectations", "json"},
                description="Whether the month is fit to publish. Publishing reads the verdict file, not this asset.",
            )
        ],
        check_specs=[
            AssetCheckSpec(
                name,
                asset=VERDICT,
                description=f"{check.reason} Protects {check.protects}.",
                metadata={"category": check.category, "protects": check.protects},
            )
            for name, check in sorted(specs.items())
        ]
        + [
            AssetCheckSpec(
                attacked.NAME,
                asset=VERDICT,
                description=f"{attacked.REASON} Protects {attacked.PROTECTS}.",
                metadata={"category": attacked.CATEGORY, "protects": attacked.PROTECTS},
            )
            for attacked in (open_cells, annual_figures)
        ],
    )
    def decide(
        context: AssetExecutionContext, workplace: ResourceParam[Workplace]
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        from dagster_project.gate import expectations_run
        from dagster_project.releases import history, seal

        settings = workplace.settings
        with workplace.step(context, "expectations") as (region, month):
            candidate = settings.candidate(region, month)
            inputs = read_inputs(candidate)
            allowed = waivers.read(settings.landing / region, month)
            judged = expectations_run.run_expectations(
                candidate / "warehouse.duckdb", month, candidate / "gate" / "data_docs"
            )
        with workplace.step(context, "disclosure"):
            before = history.published(settings, region)
            judged.append(open_cells.check(candidate, before, settings.threads))
            judged.append(annual_figures.check(candidate, before))
        for check in judged:
            yield AssetCheckResult(
                asset_key=VERDICT,
                check_name=check.check_name,
                passed=check.result == "passed",
                severity=AssetCheckSeverity.ERROR if check.severity == "block" else AssetCheckSeverity.WARN,
                metadata={"observed": check.observed, "expected": check.expected, "result": check.result},
            )
        with workplace.step(context, "verdict"):
            decision = verdict.decide(
                candidate,
                seal.read(candidate).content_hash,
                [*judged, *dbt_results.read(candidate / "dbt")],
                allowed,
                datetime.fromisoformat(inputs["newest_extracted_at"]),
                inputs,
            )
        yield MaterializeResult(
            asset_key=VERDICT,
            metadata={
                "green": decision.green,
                "checks": len(decision.checks),
                "blocking": json.dumps([check.check_name for check in decision.blocking]),
                "data_docs": str(candidate / "gate" / "data_docs" / "index.html"),
            },
        )
        with workplace.step(context, "gate"):
            if not decision.green:
                raise GateBlocked(verdict.explain(decision))

    return decide
