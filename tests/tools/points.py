"""Prints test results as TAP, for tests/FOLDER/run in Python:

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
    from points import Points

    points = Points()
    points.ok(answer == 42, "the answer", f"it was {answer}")
    sys.exit(points.done())
"""


class Points:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, passed, name, *remarks):
        """One test; the remarks are printed where it failed."""
        self.count += 1
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}")
        if not passed:
            self.failed += 1
            for line in "\n".join(str(remark) for remark in remarks).splitlines():
                print(f"# {line}")

    def same(self, got, expected, name):
        self.ok(got == expected, name, f"got      {got!r}", f"expected {expected!r}")

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")

    def done(self):
        """Prints the plan; gives the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0
