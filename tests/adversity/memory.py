"""What the processes of a station take: memory as it is shared out (PSS), and descriptors. Of a release build: a sanitizer takes more
than the program.
"""
import os
import pathlib
import subprocess

from scene import TOP

RELEASE = TOP / "build"
MEGABYTE = 1 << 20


def release():
    """The program of the release build, up to date; None where it cannot be built."""
    built = subprocess.run([TOP / "scripts" / "build", "release", "hinomi"], capture_output=True, text=True)
    return RELEASE / "hinomi" if built.returncode == 0 else None


def pss_of(process):
    for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


class Measure:
    """Of all processes of a station, at one moment."""

    def __init__(self, station):
        self.processes = {"parent": station.parent(), **station.duties()}
        self.pss = {name: pss_of(process) for name, process in self.processes.items()}
        self.descriptors = {name: len(os.listdir(f"/proc/{process}/fd")) for name, process in self.processes.items()}
        self.total = sum(self.pss.values())

    def __str__(self):
        parts = ", ".join(f"{name} {count / MEGABYTE:.1f}" for name, count in self.pss.items())
        return f"{self.total / MEGABYTE:.1f} MiB ({parts}); {sum(self.descriptors.values())} descriptors"
