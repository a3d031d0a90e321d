"""Reads what a test program printed (Test Anything Protocol) and counts, believing nothing.

A program that ends without its plan, before its plan is fulfilled, with an exit status that its lines do
not explain, or without having tried anything, has failed, whatever its lines say.
"""
import dataclasses
import re

POINT = re.compile(r"(?P<no>not )?ok\b\s*(?P<number>\d+)?\s*(?:- )?(?P<name>.*)$")
SKIP = re.compile(r"(?P<name>.*?)\s*#\s*skip\S*\s*(?P<reason>.*)$", re.IGNORECASE)
PLAN = re.compile(r"1\.\.(?P<count>\d+)\s*(?:#\s*(?:skip\S*)?\s*(?P<reason>.*))?$", re.IGNORECASE)


@dataclasses.dataclass
class Failure:
    what: str
    details: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failures: list = dataclasses.field(default_factory=list)
    skips: list = dataclasses.field(default_factory=list)  # the reasons, one for each skipped test

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def total(self):
        return self.passed + len(self.failures) + len(self.skips)

    def fail(self, what, *details):
        self.failures.append(Failure(what, list(details)))


def count(output, exit_status, errors=""):
    """The tally of one program. exit_status is negative where a signal ended it; errors is what stands on
    its standard error, shown where the program went wrong as a whole."""
    tally = Tally()
    plans = []
    points = 0
    failing = None
    for line in output.splitlines():
        plan = PLAN.match(line)
        point = POINT.match(line)
        if plan:
            plans.append(plan)
            failing = None
        elif point:
            points += 1
            failing = read_point(tally, point)
        elif line.startswith("Bail out!"):
            tally.fail(line)
        elif line.startswith("#") and failing:
            failing.details.append(line)
    judge_whole(tally, plans, points, exit_status, last_lines(errors) or last_lines(output))
    return tally


def read_point(tally, point):
    """Counts one line; gives the failure, so that the remarks after it can be added."""
    skip = SKIP.match(point["name"])
    if point["no"]:
        tally.fail(point["name"])
        return tally.failures[-1]
    if skip:
        tally.skips.append(skip["reason"] or skip["name"])
    else:
        tally.passed += 1
    return None


def judge_whole(tally, plans, points, exit_status, said):
    if exit_status < 0:
        tally.fail(f"ended by signal {-exit_status}", *said)
    elif not plans:
        tally.fail(f"ended without its plan, exit status {exit_status}", *said)
    elif len(plans) > 1:
        tally.fail("has more than one plan")
    elif int(plans[0]["count"]) != points:
        tally.fail(f"planned {plans[0]['count']} tests and ran {points}", *said)
    elif points == 0 and plans[0]["reason"]:
        tally.skips.append(plans[0]["reason"])
    elif points == 0:
        tally.fail("ran nothing")
    if exit_status > 0 and not tally.failures:
        tally.fail(f"every test passed, and yet the exit status is {exit_status}", *said)


def last_lines(text, most=12):
    """What a person needs to see: a sanitizer's or the build's report from its heading on, else the end."""
    lines = [line for line in text.splitlines() if line.strip()]
    for i, line in enumerate(lines):
        if "ERROR: " in line or "runtime error: " in line or line.startswith("FAILED: "):
            return lines[i:i + most]
    return lines[-most:]
