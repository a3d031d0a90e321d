"""Runs tests/tools/deliver.c: jobs in, results out."""
import dataclasses
import pathlib
import subprocess
import time

SECONDS_MAX = 120


@dataclasses.dataclass
class Result:
    id: int
    outcome: str
    code: int
    ms: int
    reply: str


class Courier:
    def __init__(self, program, **options):
        """`program` is hinomi, beside whose build deliver lies."""
        tool = pathlib.Path(program).resolve().parent / "tests/tools/deliver"
        self.command = [tool, *(f"{name}={value}" for name, value in options.items())]
        self.took_s = 0

    def run(self, *jobs):
        """Each job is a dict of deliver's fields; results in the order in which they came."""
        lines = "".join("\t".join(f"{name}={value}" for name, value in job.items()) + "\n" for job in jobs)
        began = time.monotonic()
        done = subprocess.run(self.command, input=lines, capture_output=True, text=True, errors="surrogateescape",
                              timeout=SECONDS_MAX, check=False)
        self.took_s = time.monotonic() - began
        if done.returncode != 0:
            raise RuntimeError(f"deliver: exit status {done.returncode}: {done.stderr}")
        results = []
        for line in done.stdout.splitlines():
            number, outcome, code, ms, reply = line.split("\t", 4)
            results.append(Result(int(number), outcome, int(code), int(ms), reply))
        return results

    def one(self, job):
        return self.run(job)[0]
