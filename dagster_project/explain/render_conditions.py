"""Each condition of payment responsibility in words."""

from __future__ import annotations

from dagster_project.explain.conditions import Judged
from dagster_project.explain.layout import wrapped
from dagster_project.explain.texts import Texts


def conditions(say: Texts, judged: list[Judged]) -> list[str]:
    obstacles = [one for one in judged if one.is_obstacle]
    if not obstacles:
        lines = wrapped(say.say("conditions.all_met"), 4)
    elif len(obstacles) == 1:
        lines = wrapped(say.say("conditions.not_met_one", of=len(judged)), 4)
    else:
        lines = wrapped(say.say("conditions.not_met", n=len(obstacles), of=len(judged)), 4)
    marks = {outcome: say.say(f"conditions.{outcome}") for outcome in ("met", "obstacle", "not_judged")}
    width = max(map(len, marks.values()))
    for one in judged:
        lead = f"{marks[one.outcome]:<{width}}  "
        name = condition_name(say, one)
        status = say.say(f"conditions.{one.status}")
        lines += wrapped(f"{name[0].upper()}{name[1:]} ({one.paragraph}; {status})", 4, lead=lead)
        lines += wrapped(_finding(say, one), 4 + len(lead))
    return lines


def condition_name(say: Texts, one: Judged) -> str:
    """What is demanded, or in Swedish the obstacle's own term where it stands in the way."""
    if (one.is_obstacle and say.language == "sv") or not say.knows(f"condition.{one.reason_code}"):
        return one.term_sv
    return say.say(f"condition.{one.reason_code}")


def _finding(say: Texts, one: Judged) -> str:
    if one.finding == "as_defined":
        return one.definition_sv if say.language == "sv" else one.definition_en
    values = dict(one.values)
    if "elapsed_seconds" in values:
        values["elapsed"] = say.elapsed(values["elapsed_seconds"])
    if "deadline_days" in values:
        values["days"] = say.count("days", values["deadline_days"])
    return say.say(f"finding.{one.finding}", **values)
