"""A story in words: what ``lus explain`` prints."""

from __future__ import annotations

from dagster_project.explain.facts import Agreement, Term
from dagster_project.explain.interval import IntervalStory
from dagster_project.explain.layout import table, wrapped
from dagster_project.explain.render_conditions import conditions
from dagster_project.explain.render_days import days
from dagster_project.explain.render_money import otherwise, payment
from dagster_project.explain.sources import Source
from dagster_project.explain.story import Entry, Header, Story
from dagster_project.explain.texts import HARD_SPACE, Texts


def text(story: Story, language: str) -> str:
    """The whole story in a language of ``texts.LANGUAGES``, at most ``WIDTH`` columns wide."""
    say = Texts(language)
    lines = [
        *_header(say, story.header),
        "",
        *_timeline(say, story),
        *_no_interval(say, story),
        *[line for one in story.intervals for line in _interval(say, one, story)],
        *_others(say, story),
        *_sources(say, story.sources),
    ]
    return "\n".join(lines).replace(HARD_SPACE, " ") + "\n"


def _header(say: Texts, header: Header) -> list[str]:
    edition = header.edition
    place = f"{header.municipality_code} {header.municipality}"
    month = say.month(edition.month)
    release = say.say("header.release_is", release=edition.name, region=header.region, month=month)
    published = say.at(edition.published_at) if edition.published_at else say.say("header.published_unknown")
    rows = [("release", release), ("published", published)]
    if edition.withdrawn_reason is not None:
        known = "withdrawn_is" if edition.withdrawn_at else "withdrawn_unknown"
        values = {"at": edition.withdrawn_at} if edition.withdrawn_at else {}
        rows.append(("withdrawn", say.say(f"header.{known}", reason=edition.withdrawn_reason, **values)))
    if edition.current not in (None, edition.name):
        rows.append(("other_current", say.say("header.other_current_is", release=edition.current)))
    if header.has_payer:
        rows.append(("payer", place))
    else:
        rows.append(("registered", say.say("header.registered_is", municipality=place)))
    district = header.district
    if district in ("none", "unknown"):
        district = say.say(f"header.district_{district}")
    rows += [
        ("district", district),
        ("payment_class", say.say(f"payment_class.{header.payment_class}")),
        ("care_area", say.say(f"care_area.{header.care_area}")),
    ]
    titled = [(say.say(f"header.{key}"), content) for key, content in rows]
    return [say.say("header.title", case_id=header.case_id), *table(titled)]


def _timeline(say: Texts, story: Story) -> list[str]:
    spell = story.header.spell
    key = "timeline.spell" if spell.discharged_at else "timeline.spell_open"
    values = {"stays": say.count("stays", spell.stays), "admitted_at": spell.admitted_at}
    if spell.discharged_at:
        values["end"] = say.say(f"destination.{spell.discharge_destination}", at=spell.discharged_at)
    sentence = say.say(key, **values)
    return [
        say.say("timeline.title"),
        *wrapped(sentence),
        *wrapped(say.say("timeline.through", last_on=story.header.edition.last_on)),
        *table((say.at(entry.at), _event(say, entry)) for entry in story.timeline),
    ]


def _event(say: Texts, entry: Entry) -> str:
    parts = []
    name = _event_name(say, entry)
    if entry.planned_on and entry.event == "planned_discharge_changed":
        name += f" {say.say('timeline.changed', planned_on=entry.planned_on)}"
    elif entry.planned_on:
        parts.append(say.say("timeline.planned", planned_on=entry.planned_on))
    if entry.case_id:
        parts.append(say.say("timeline.other_case", case_id=entry.case_id))
    if entry.begins_interval:
        parts.append(say.say("timeline.begins", number=entry.begins_interval))
    if entry.ends_interval:
        parts.append(say.say("timeline.ends", number=entry.ends_interval))
    if entry.why_not_counted:
        why = say.say(f"timeline.{entry.why_not_counted}")
        parts.append(say.say("timeline.not_counted", why=why))
    return ", ".join([name, *parts])


def _event_name(say: Texts, entry: Entry) -> str:
    if say.knows(f"event.{entry.event}"):
        return say.say(f"event.{entry.event}")
    if say.language == "sv" and entry.term_sv:
        return entry.term_sv
    return entry.event.replace("_", " ")


def _no_interval(say: Texts, story: Story) -> list[str]:
    if story.why_no_interval is None:
        return []
    values = {"last_on": story.header.edition.last_on} if story.why_no_interval == "no_ready_notice" else {}
    return ["", say.say("no_interval.title"), *wrapped(say.say(f"no_interval.{story.why_no_interval}", **values))]


def _others(say: Texts, story: Story) -> list[str]:
    if not story.other_intervals:
        return []
    lines = ["", say.say("others.title")]
    for other in story.other_intervals:
        key = "others.one" if other.ended_at else "others.one_open"
        values = {"number": other.number, "case_id": other.case_id, "ready_at": other.ready_at}
        if other.ended_at:
            values |= {"ended_at": other.ended_at, "end_reason": say.say(f"end_reason.{other.end_reason}")}
        lines += wrapped(say.say(key, **values))
    return lines


def _interval(say: Texts, one: IntervalStory, story: Story) -> list[str]:
    interval, last_on = one.interval, story.header.edition.last_on
    values = {"ready_at": interval.ready_at, "days": say.count("days", interval.ready_days)}
    if interval.ended_at:
        key = "from_to" if one.ended_in_month else "from_to_later"
        values |= {"ended_at": interval.ended_at, "end_reason": say.say(f"end_reason.{interval.end_reason}")}
    else:
        key = "from_open"
    lines = [
        "",
        say.say("interval.title", number=one.number),
        *wrapped(say.say(f"interval.{key}", last_on=last_on, **values)),
        *wrapped(say.say("interval.payer", payer=one.payer)),
    ]
    for title, body in (
        ("agreement", _agreement(say, one.agreement, one.weekday)),
        ("day_zero", _day_zero(say, one)),
        ("conditions", conditions(say, one.conditions)),
        ("day", days(say, one)),
        ("payment", payment(say, one, story)),
        ("otherwise", otherwise(say, one)),
    ):
        lines += ["", f"  {say.say(f'{title}.title')}", *body]
    return lines


def _agreement(say: Texts, agreement: Agreement | None, weekday: Term | None) -> list[str]:
    if agreement is None:
        return wrapped(say.say("agreement.none"), 4)
    sentences = [
        say.say(
            "agreement.act" if agreement.region_code == "SE" else "agreement.own",
            agreement_id=agreement.agreement_id,
            from_to=say.from_to(agreement.valid_from, agreement.valid_to),
        ),
        say.say(
            f"agreement.{agreement.model}",
            last_free_day=agreement.last_free_day,
            day_count=say.say(f"day_count.{agreement.day_count}"),
        ),
    ]
    if weekday is not None:
        definition = weekday.definition_sv if say.language == "sv" else weekday.definition_en
        values = {"definition": definition.rstrip("."), "source": weekday.source}
        sentences.append(say.say("agreement.weekday", **values))
    if agreement.consecutive_months > 1:
        months = say.count("months", agreement.consecutive_months)
        sentences.append(say.say("agreement.consecutive", months=months))
    if agreement.individual_above_days is not None:
        sentences.append(say.say("agreement.above", days=say.count("days", agreement.individual_above_days)))
    if agreement.cap_days is not None:
        sentences.append(say.say("agreement.cap", days=say.count("days", agreement.cap_days)))
    sentences += [
        say.say("agreement.status", status=say.say(f"status.{agreement.status}")),
        say.say("agreement.source", source=agreement.source.rstrip(".")),
    ]
    return [line for sentence in sentences for line in wrapped(sentence, 4, hang=6)]


def _day_zero(say: Texts, one: IntervalStory) -> list[str]:
    interval, agreement = one.interval, one.agreement
    if agreement is None or interval.day_zero is None:
        return wrapped(say.say("day_zero.none"), 4)
    values: dict[str, object] = {"on": interval.day_zero, "sent_at": say.exactly(interval.ready_at)}
    if agreement.noon_cutoff is None:
        key = "no_cutoff"
    else:
        key = "after_cutoff" if one.sent_after_cutoff else "in_time"
        values["cutoff"] = agreement.noon_cutoff
    lines = wrapped(say.say(f"day_zero.{key}", **values), 4)
    if interval.first_liable_date:
        lines += wrapped(say.say("day_zero.first_liable", on=interval.first_liable_date), 4)
    return lines


def _sources(say: Texts, sources: list[Source]) -> list[str]:
    """What the story rests on, the verified first: one heading says for all what a status means."""
    lines = []
    for status in ("verified", "provisional"):
        rows = [source for source in sources if source.status == status]
        if rows:
            lines += ["", say.say(f"sources.{status}")]
        for source in rows:
            lines += wrapped(f"{_source_name(say, source)}: {source.source.rstrip('.')}.", 2, hang=4)
    return lines


def _source_name(say: Texts, source: Source) -> str:
    if source.kind == "condition":
        known = say.knows(f"condition.{source.name}")
        name = say.say(f"condition.{source.name}") if known else source.name
        return say.say("sources.condition", name=name, paragraph=source.paragraph)
    if source.kind == "deadline":
        known = say.knows(f"deadline.{source.name}")
        return say.say("sources.deadline", name=say.say(f"deadline.{source.name}") if known else source.name)
    span = say.from_to(source.valid_from, source.valid_to) if source.valid_from else ""
    if source.kind == "agreement":
        return say.say("sources.agreement", name=source.name, from_to=span)
    if source.kind == "rate":
        key = "rate" if source.sek_per_day is not None else "rate_missing"
    else:
        key = "invoicing" if source.invoicing_active else "not_invoicing"
    whose = say.say("sources.national" if source.region_code == "SE" else "sources.regional")
    if source.payment_class != "all":
        whose += f", {say.say(f'payment_class.{source.payment_class}')}"
    values = {"amount": say.money(source.sek_per_day)} if key == "rate" else {}
    return say.say(f"sources.{key}", whose=whose, from_to=span, **values)
