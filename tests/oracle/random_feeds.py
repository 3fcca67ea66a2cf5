"""Small adversarial deliveries by chance: few persons near the boundaries of the rules, in every combination.

Everything hangs on the seed. A row has a truth and a way to it: delivered open first and closed later, wrong first and
corrected, deleted, brought back, repeated. Rows are valid one by one; some have no parent. Person ids are no one's:
their birth month is 13.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle import clock
from tests.oracle.feeds import Deliveries, Frozen, Row


@dataclass(frozen=True)
class Window:
    """A region's deliveries from one month through another; ``earlier`` is a month between to release as well."""

    region: str
    first: str
    last: str
    earlier: str | None = None

    @property
    def releases(self) -> list[str]:
        return [self.last, self.earlier] if self.earlier else [self.last]


WINDOWS = [
    Window("01", "2019-12", "2020-07", earlier="2020-06"),
    Window("01", "2023-01", "2024-01"),
    Window("04", "2018-11", "2019-04", earlier="2019-02"),
    Window("14", "2021-10", "2022-03"),
    Window("20", "2023-10", "2024-03"),
    Window("24", "2017-12", "2018-04"),
]
"""In each a change of agreement, rates, districts, clocks, leap day or year; together every region and model.

One has a whole year, closed, and the same month of the next: districts merge between the two.
"""

MUNICIPALITIES = {
    "01": ["0180", "0184", "0191"],
    "04": ["0480", "0484"],
    "14": ["1480", "1490"],
    "20": ["2080", "2084"],
    "24": ["2480", "2482"],
}
ELSEWHERE = ["0380", "2580", "0180", "1480", "9998", "1917"]
DISTRICTS = ["01", "03", "04", "09", "10", "12", "21", "22", "30", "31", "32", "77", "00", "99", ""]

CLOCK = [
    "00:00", "00:00:01", "02:00", "02:30", "03:00", "09:00", "11:59:59", "12:00", "12:00:00", "12:00:00.000001",
    "12:00:01", "12:01", "22:00", "23:59:59", "23:59:59.999999",
]  # fmt: skip

BOUNDARIES = [
    (3, 25), (3, 28), (3, 31), (4, 1), (10, 25), (10, 28), (10, 31), (11, 1), (2, 27), (2, 28), (3, 1), (12, 20),
    (12, 23), (12, 29), (12, 31), (1, 1), (1, 5), (6, 5), (6, 18), (6, 23), (6, 30), (7, 1), (9, 30), (10, 1),
    (4, 30), (5, 17),
]  # fmt: skip
"""Clock changes, ends of months and years, leap days, holidays, mergers: month and day of any year."""

SPRING = {2018: "04-01", 2019: "04-21", 2020: "04-12", 2021: "04-04", 2022: "04-17", 2023: "04-09", 2024: "03-31"}
"""Easter Sundays."""

BIRTHS = [
    "1940-05-17",
    "1952-02-29",
    "1954-02-28",
    "1954-03-01",
    "1936-02-29",
    "2001-12-31",
    "2010-06-30",
    "2004-02-29",
]


@dataclass
class Generator:
    region: str
    first: str
    last: str
    random: random.Random
    months: list[str] = field(init=False)
    anchors: list[date] = field(init=False)
    limits: list[datetime] = field(init=False)
    deliveries: Deliveries = field(init=False)
    stays: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    ids: int = 0

    def __post_init__(self) -> None:
        first, last = date.fromisoformat(f"{self.first}-01"), date.fromisoformat(f"{self.last}-01")
        self.months = [f"{month:%Y-%m}" for month in clock.months_through(first, last)]
        self.deliveries = {month: {} for month in self.months}
        for month in self.months:
            for feed in ("episodes", "cases", "messages", "invoices"):
                self.deliveries[month][feed] = []
        # A delivery is extracted on the third of the month after, and may hold no later time than that.
        self.limits = [
            clock.instant(f"{clock.next_month(date.fromisoformat(f'{month}-01')) + timedelta(days=2)}T01:00")
            for month in self.months
        ]
        begin, end = first - timedelta(days=40), clock.last_of(last) + timedelta(days=2)
        self.anchors = [day for day in clock.dates_until(begin, end) if is_boundary(day)]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *values: str) -> str:
        return self.random.choice(values)

    def id(self, prefix: str) -> str:
        """A new id, whose order as a text is not the order in which the ids were made."""
        self.ids += 1
        return f"{prefix}{self.random.randrange(10, 100)}-{self.ids}"

    def days(self) -> int:
        """Mostly a few days, sometimes weeks."""
        if self.chance(0.85):
            return self.random.choice([0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8])
        return self.random.choice([9, 13, 14, 15, 20, 21, 22, 29, 30, 31, 32, 45, 70])

    def anchor(self) -> date:
        if self.chance(0.9):
            return self.random.choice(self.anchors) + timedelta(days=self.random.randrange(-2, 3))
        return date.fromisoformat(f"{self.months[0]}-01") + timedelta(days=self.random.randrange(-400, 400))

    def at(self, day: date) -> str:
        """A timestamp of the day that exists, in one of the spellings of the contract."""
        while True:
            text = f"{day}{self.pick('T', ' ')}{self.random.choice(CLOCK)}"
            try:
                instant = clock.instant(text)
            except ValueError:
                continue
            if self.chance(0.04):
                return instant.isoformat().replace("+00:00", "Z")
            if self.chance(0.04):
                return instant.astimezone(clock.STOCKHOLM).isoformat()
            return text

    def after(self, earlier: str, days: int) -> str:
        """A timestamp some days after another one, never before it."""
        start = clock.instant(earlier)
        for _ in range(20):
            text = self.at(clock.date_of(start) + timedelta(days=days))
            if clock.instant(text) >= start:
                return text
        return earlier

    # -- how a row is delivered -----------------------------------------------------------------------------------

    def earliest(self, *times: str) -> int | None:
        """The number of the first month whose delivery may hold these times, if any."""
        newest = max((clock.instant(text) for text in times if text), default=clock.instant("1950-01-01"))
        return next((number for number, limit in enumerate(self.limits) if newest <= limit), None)

    def deliver(self, feed: str, key: str, versions: list[Row], times: list[str]) -> None:
        """Hand over the versions of a row, each in a later month than the one before, as far as the months reach."""
        month = -1
        for version in versions:
            may = self.earliest(*(version.get(name, "") for name in times))
            if may is None:
                return
            wait = self.random.choice([0, 0, 0, 0, 1, 2]) if month >= 0 else self.random.choice([0] * 8 + [1, 3])
            month = max(month + 1, may + wait)
            if month >= len(self.months):
                return
            self.deliveries[self.months[month]].setdefault(feed, []).append(version)
            if self.chance(0.03) and month + 1 < len(self.months):
                month += 1
                self.deliveries[self.months[month]].setdefault(feed, []).append(version)

    def versions(self, row: Row, wrong: Row, deletable: bool) -> list[Row]:
        """The way to the truth: straight, corrected, deleted, or deleted and brought back."""
        dice = self.random.random()
        if dice < 0.75:
            return [row]
        if dice < 0.90 or not deletable:
            return [row | wrong, row]
        if dice < 0.94:
            return [row, row | {"is_deleted": "true"}]
        if dice < 0.97:
            return [row, row | {"is_deleted": "true"}, row | {"is_deleted": "false"}]
        return [row | wrong | {"is_deleted": "true"}, row]

    # -- what is delivered ----------------------------------------------------------------------------------------

    def municipality(self) -> str:
        dice = self.random.random()
        if dice < 0.55:
            return MUNICIPALITIES[self.region][0]
        if dice < 0.85:
            return self.random.choice(MUNICIPALITIES[self.region])
        return self.random.choice(ELSEWHERE) if dice < 0.95 else ""

    def district(self) -> str:
        return self.random.choice(DISTRICTS) if self.region == "01" or self.chance(0.2) else ""

    def birth(self, near: date) -> str:
        """Mostly somebody who is about to turn 18, 65 or 80."""
        if self.chance(0.5):
            return self.random.choice(BIRTHS)
        years = self.random.choice([18, 65, 65, 65, 80])
        day = near + timedelta(days=self.random.randrange(-3, 6))
        return f"{day.year - years:04d}-{day.month:02d}-{min(day.day, 28):02d}"

    def person(self) -> str:
        self.ids += 1
        return f"194013{self.ids:06d}"

    def same_person(self, person: str) -> str:
        """Another id of the person, joined to it by a chain of one or two identity links."""
        if not self.chance(0.12):
            return person[:8] + "-" + person[8:] if self.chance(0.05) else person
        old = f"SE2321000016-1001:{self.ids}x{self.random.randrange(1000)}"
        if self.chance(0.3):
            between = f"SE2321000016-2001:{self.ids}y{self.random.randrange(1000)}"
            self.link(old, between)
            self.link(between, person)
        else:
            self.link(old, person)
        return old

    def link(self, old: str, new: str) -> None:
        month = self.random.choice(self.months)
        row = {"region_code": self.region, "old_person_id": old, "new_person_id": new, "linked_at": f"{month}-03"}
        links = self.deliveries[month].setdefault("identity_links", [])
        if all(other["old_person_id"] != old for other in links):
            links.append(row)
            if self.chance(0.1) and month > self.months[0]:
                stranger = row | {"new_person_id": self.person(), "linked_at": f"{self.months[0]}-03"}
                self.deliveries[self.months[0]].setdefault("identity_links", []).append(stranger)

    def person_with_stays(self) -> None:
        person, start = self.person(), self.anchor()
        birth = self.birth(start)
        admitted = self.at(start)
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4])):
            discharged = self.stay(person, birth, admitted)
            # The next admission: before, on or after the discharge, or nested in an earlier stay.
            admitted = self.after(admitted, self.days()) if self.chance(0.4) else self.near(discharged or admitted)

    def near(self, at: str) -> str:
        day = clock.date_of(clock.instant(at))
        return self.at(day + timedelta(days=self.random.choice([-2, -1, 0, 0, 1, 1, 2, 3, 6, 7, 8])))

    def stay(self, person: str, birth: str, admitted: str) -> str:
        discharged = "" if self.chance(0.12) else self.after(admitted, self.days())
        row = {
            "region_code": self.region, "episode_id": self.id("E"), "person_id": self.same_person(person),
            "birth_date": birth, "sex": self.pick("1", "2"), "municipality_code": self.municipality(),
            "district_code": self.district(), "hospital_id": self.pick("H1", "H2", "H3"), "clinic_code": "",
            "care_area": self.pick("somatic", "somatic", "somatic", "geriatric", "psychiatric", "addiction"),
            "protected_identity": self.pick("", "false", "false", "false", "false", "true"),
            "admission_mode": self.pick("planned", "unplanned", "unplanned"), "admitted_at": admitted,
            "discharged_at": discharged, "is_deleted": self.pick("", "false"),
            "discharge_destination": self.destination() if discharged else "",
        }  # fmt: skip
        still_open = {"discharged_at": "", "discharge_destination": ""}
        otherwise = {"municipality_code": self.municipality(), "care_area": "somatic", "sex": "1"}
        wrong = still_open if discharged and self.chance(0.7) else otherwise
        self.stays.append(row["episode_id"])
        if self.chance(0.985):
            self.deliver("episodes", "episode_id", self.versions(row, wrong, True), ["admitted_at", "discharged_at"])
        for _ in range(self.random.choice([0, 1, 1, 1, 1, 1, 2, 3])):
            self.case(row)
        return discharged

    def destination(self) -> str:
        return self.pick("home", "home", "special_housing", "inpatient", "inpatient", "deceased", "other")

    def case(self, stay: Row) -> None:
        same = {"municipality_code": stay["municipality_code"], "district_code": stay["district_code"]}
        other = {"municipality_code": self.municipality(), "district_code": self.district()}
        registered = same if self.chance(0.5) else other if self.chance(0.5) else dict.fromkeys(same, "")
        well = self.chance(0.6)
        row = {
            "region_code": self.region, "case_id": self.id("C"), "episode_id": stay["episode_id"],
            "source_system": "canonical", **registered,
            "deciding_municipality_code": self.municipality() if self.chance(0.15) else "",
            "sip_required": self.pick("true", "false"),
            "open_care_available": "yes" if well else self.pick("yes", "no", "unclear"),
            "measures_declined": "false" if well else self.pick("false", "true"),
            "coordinated_care_plan": "false" if well else self.pick("false", "true"),
            "is_deleted": self.pick("", "false"),
        }  # fmt: skip
        wrong = {"sip_required": "true", "municipality_code": "", "open_care_available": "no"}
        if self.chance(0.3):
            wrong = {"episode_id": self.random.choice(self.stays)}
        self.cases.append(row["case_id"])
        if self.chance(0.985):
            self.deliver("cases", "case_id", self.versions(row, wrong, True), [])
        self.messages(row, stay)

    def messages(self, case: Row, stay: Row) -> None:
        admitted, discharged = stay["admitted_at"], stay["discharged_at"]
        if self.chance(0.9):
            self.admission_notice(case, admitted)
        day = clock.date_of(clock.instant(admitted))
        sent = self.after(admitted, self.days())
        for _ in range(self.random.choice([0, 1, 1, 1, 1, 2, 3])):
            self.message(case, "ready_notice", sent, assessed_at=admitted)
            if self.chance(0.3):
                withdrawn = sent if self.chance(0.2) else self.after(sent, self.days())
                self.message(case, "ready_withdrawn", withdrawn)
                sent = withdrawn if self.chance(0.3) else self.after(withdrawn, self.days())
            else:
                sent = self.pick(sent, self.after(sent, self.days()), discharged or sent)
        for kind, share in (("sip_call", 0.6), ("sip_held", 0.4), ("planned_discharge_changed", 0.3)):
            for _ in range(self.random.choice([1, 1, 2])):
                if self.chance(share):
                    close = self.pick(sent, discharged or sent, admitted)
                    self.message(case, kind, self.near(close) if self.chance(0.8) else close)
        if self.chance(0.6):
            self.message(case, "discharge_information", self.near(discharged or sent))
        if self.chance(0.1):
            stray = self.at(day + timedelta(days=self.random.randrange(-5, 40)))
            self.message(case, self.pick("ready_notice", "ready_withdrawn", "admission_notice"), stray)
        if self.chance(0.05):
            self.message(case, "ready_withdrawn", admitted)
            self.message(case, "ready_notice", admitted)
        if discharged and self.chance(0.05):
            self.message(case, self.pick("ready_notice", "ready_withdrawn"), discharged)

    def admission_notice(self, case: Row, admitted: str) -> None:
        start = clock.instant(admitted)
        hours = self.random.choice([-2, 0, 1, 1, 1, 5, 23, 24, 24, 25, 48])
        sent = start + timedelta(hours=hours, microseconds=self.random.choice([-1, 0, 0, 1]))
        assessed = sent - timedelta(hours=self.random.choice([1, 24, 24, 25]), microseconds=self.random.choice([0, 1]))
        self.message(case, "admission_notice", sent.isoformat(), assessed.isoformat() if self.chance(0.4) else "")

    def message(self, case: Row, kind: str, sent: str, assessed_at: str = "") -> None:
        row = {
            "region_code": self.region, "message_id": self.id("M"), "case_id": case["case_id"], "message_type": kind,
            "sent_at": sent, "assessed_at": assessed_at, "voided_at": sent if self.chance(0.05) else "",
            "planned_discharge_on": "2020-01-01" if kind == "planned_discharge_changed" else "", "sender_unit_id": "",
        }  # fmt: skip
        wrong = self.random.choice(
            [{"voided_at": sent}, {"message_type": "ready_notice"}, {"case_id": self.random.choice(self.cases)}]
        )
        self.deliver(
            "messages", "message_id", self.versions(row, wrong, False), ["sent_at", "assessed_at", "voided_at"]
        )

    def population(self) -> None:
        """By municipality; Stockholm by its districts, those of before and after the mergers side by side."""
        for month in (self.months[0], self.months[-1]):
            rows = self.deliveries[month].setdefault("population", [])
            for code in MUNICIPALITIES[self.region]:
                for sex in ("1", "2"):
                    for low, high in (("0", "64"), ("65", "79"), ("80", "")):
                        year = str(int(month[:4]) - 1)
                        inhabitants = self.random.randrange(100, 5000)
                        for part, district in enumerate(DISTRICTS[:-1] if code == "0180" else [""], start=1):
                            rows.append(
                                {"municipality_code": code, "district_code": district,
                                 "year": year, "sex": sex, "age_from": low, "age_to": high,
                                 "inhabitants": str(inhabitants // part)}
                            )  # fmt: skip

    def deviation(self) -> None:
        reported = self.anchor()
        closed = reported + timedelta(days=self.random.choice([-1, 0, 1, 8, 9, 30, 90]))
        row = {
            "region_code": self.region, "deviation_id": self.id("D"), "reported_on": f"{reported}",
            "reporting_party": self.pick("region", "municipality"),
            "municipality_code": self.municipality() or MUNICIPALITIES[self.region][0], "district_code": "",
            "case_id": "", "category": self.pick("sip", "planning", "local_cooperation"),
            "severity": self.pick("low", "medium", "high"), "status": self.pick("open", "closed", "closed"),
            "closed_on": f"{closed}" if self.chance(0.9) else "",
            "escalation_step": self.pick("", "local", "steering_group", "vis"),
        }  # fmt: skip
        wrong = {"status": "open", "escalation_step": "local", "municipality_code": MUNICIPALITIES[self.region][0]}
        self.deliver("deviations", "deviation_id", self.versions(row, wrong, False), ["reported_on", "closed_on"])

    def contacts(self) -> None:
        """Some months have a list, one of them an empty one; details were confirmed near the bound of half a year."""
        for number, month in enumerate(self.months):
            if number % 3 == 1:
                continue
            ends = [clock.last_of(date.fromisoformat(f"{of}-01")) for of in self.months[number:]]
            rows = self.deliveries[month].setdefault("contacts", [])
            for unit in range(0 if number == 2 else 12):
                days = self.random.choice([100, 182, 183, 184, 300])
                verified = min(self.random.choice(ends) - timedelta(days=days), ends[0])
                rows.append(
                    {"region_code": self.region,
                     "municipality_code": self.municipality() or MUNICIPALITIES[self.region][0], "district_code": "",
                     "unit_name": f"Enhet {unit}", "role": "samordnare", "phone": "", "email": "",
                     "weekend_hours": self.pick("true", "false", ""),
                     "verified_on": f"{verified}" if self.chance(0.9) else ""}
                )  # fmt: skip


def is_boundary(day: date) -> bool:
    easter = SPRING.get(day.year)
    near_easter = easter is not None and abs((date.fromisoformat(f"{day.year}-{easter}") - day).days) <= 4
    return near_easter or (day.month, day.day) in BOUNDARIES or day == clock.last_of(day)


def random_deliveries(
    seed: int, region: str, first: str | None = None, last: str | None = None, persons: int = 1800
) -> Deliveries:
    """Deliveries of every month from ``first`` through ``last`` (the region's first window unless given).

    A person has about two stays and two or three cases. Not every row of every person gets delivered.
    """
    window = next(window for window in WINDOWS if window.region == region)
    chance = random.Random(f"{seed}-{region}-{first}")
    made = Generator(region, first or window.first, last or window.last, chance)
    made.population()
    for _ in range(persons):
        made.person_with_stays()
    if region == "01":  # No rule of these is another in another region, and each file takes its time to be read.
        for _ in range(persons // 10):
            made.deviation()
        made.contacts()
    for feeds in made.deliveries.values():
        for rows in feeds.values():
            made.random.shuffle(rows)
    return made.deliveries


def with_invoices(
    deliveries: Deliveries, month: str, owed: list[dict[str, object]], region: str, seed: int
) -> Deliveries:
    """The deliveries with invoice lines in a month: right, a little wrong, credited, missing or out of the blue.

    ``owed`` are rows of the expected payment responsibility of that month's release.
    """
    chance = random.Random(f"{seed}-{region}-{month}-invoices")
    lines: list[Row] = []

    def add(row: dict[str, object], amount: str, **changes: str) -> None:
        line = {
            "region_code": region, "invoice_line_id": f"L{month}-{len(lines)}", "invoice_id": "F1",
            "invoice_kind": "debit", "invoice_date": f"{month}-20", "municipality_code": str(row["municipality_code"]),
            "care_month": str(row["month"])[:7], "payment_class": str(row["payment_class"]), "case_id": "",
            "days": "1", "rate_sek": amount.lstrip("-"), "amount_sek": amount, "credits_invoice_id": "",
            "dispute_status": chance.choice(["none", "none", "disputed", "upheld", "rejected"]), "dispute_step": "",
        }  # fmt: skip
        lines.append(line | changes)

    credit = {"invoice_kind": "credit", "credits_invoice_id": "F0"}
    for row in owed:
        amount = Decimal(str(row["amount_to_invoice"] or 0))
        wrong_by = chance.choice([["0"], ["0"], ["0.01"], ["-0.01"], ["0.02"], ["-0.02"], ["100"], ["5", "credit"], []])
        for difference in wrong_by:
            if difference == "credit":
                add(row, "-5.00", **credit)
            else:
                add(row, f"{amount + Decimal(difference):.2f}")
    for code in MUNICIPALITIES[region]:
        stray: dict[str, object] = {
            "municipality_code": code, "payment_class": "psychiatric", "month": chance.choice(list(deliveries)),
        }  # fmt: skip
        add(stray, chance.choice(["0.00", "0.01", "12.50"]))
        add(stray, "-0.02", **credit)
        add(stray | {"month": "2010-01"}, "7.00")
        add(stray | {"month": "2030-01"}, "8.00")
    return {**deliveries, month: {**deliveries[month], "invoices": lines}}


def frozen_amounts(reconciled: list[dict[str, object]], month: str, region: str, seed: int) -> Frozen:
    """What the releases of some of the months before may have said: the same, a little else, no rate, nothing.

    ``reconciled`` are rows of the expected reconciliation of that month's release.
    """
    chance = random.Random(f"{seed}-{region}-{month}-frozen")
    frozen: Frozen = {}
    for care_month in sorted({_date(row["month"]) for row in reconciled}):
        if f"{care_month:%Y-%m}" == month or chance.random() < 0.3:
            continue
        said: dict[tuple[str, str], Decimal | None] = {}
        for row in reconciled:
            if row["month"] == care_month and chance.random() < 0.8:
                amount = Decimal(str(row["expected_amount"] or 0)) + chance.choice([0, 0, Decimal("0.01"), -100, 8200])
                key = (str(row["municipality_code"]), str(row["payment_class"]))
                said[key] = None if chance.random() < 0.1 else amount
        for code in MUNICIPALITIES[region]:
            said.setdefault((code, "psychiatric"), chance.choice([Decimal(0), Decimal(500), None]))
        frozen[care_month] = said
    return frozen


def _date(value: object) -> date:
    assert isinstance(value, date)
    return value
