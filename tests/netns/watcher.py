"""tests/tools/watch_source at the end of the wire where frames arrive: what it printed so far, and at its end."""
import subprocess
import time

from wire import NAME, SECONDS_MAX, TOOLS


class Watcher:
    def __init__(self, folder, mode, address):
        self.path = folder / f"watch-{time.monotonic_ns()}"
        self.address = address
        with open(self.path, "wb") as out:
            self.child = subprocess.Popen(
                ["ip", "netns", "exec", f"{NAME}-b", str(TOOLS / "watch_source"), mode, address],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE, text=True)

    def lines(self):
        return self.path.read_text().splitlines()

    def events(self):
        return [line for line in self.lines() if not line.startswith("frame ")]

    def awaits(self, line, times=1, seconds=10):
        """Whether a line comes so many times."""
        end = time.monotonic() + seconds
        while self.events().count(line) < times and time.monotonic() < end and self.child.poll() is None:
            time.sleep(0.01)
        return self.events().count(line) >= times

    def end(self):
        """Exit status and errors."""
        _, errors = self.child.communicate(timeout=SECONDS_MAX)
        return self.child.returncode, errors

    def counts(self):
        """Of the last one: frames, bytes, dropped, refused, passed."""
        found = [line.split()[1:] for line in self.lines() if line.startswith("counts ")]
        return [int(number) for number in found[-1]] if found else None

    def frames(self):
        return [bytes.fromhex(line.split()[1]) for line in self.lines() if line.startswith("frame ")]


def finish(watcher):
    """Ends it from outside."""
    watcher.child.stdin.close()
    watcher.child.stdin = None
    return watcher.end()
