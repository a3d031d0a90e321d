"""A station in a directory of a test, its processes, and what its database says.

    station = Station(program, folder, within=["ip", "netns", "exec", "x"])
    station.make(CONFIG)
    station.add_member("town", ["198.51.100.0/24"], "soc@town.example")
    station.start()
    station.await_lines(1, "duty.ready", "duty=keeper")
    ...
    station.stop()

The database is read by this test's own means (Python's sqlite3), so that what is checked does not rest on what is tested.
"""
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

READY_S = 30
STOP_S = 60


def children_of(process):
    found = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True).stdout
    return [int(number) for number in found.split()]


def words_of(process):
    """Its command line; none where it is gone or a zombie."""
    try:
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []


class Station:
    def __init__(self, program, folder, within=()):
        self.program = str(program)
        self.folder = pathlib.Path(folder)
        self.within = list(within)
        self.child = None
        self.log = self.folder.with_suffix(".log")

    # ---- its directory ----

    def make(self, config):
        done = subprocess.run([self.program, "init", str(self.folder)], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        self.configure(config)

    def configure(self, config):
        (self.folder / "station.yaml").write_text(config)

    def write(self, statements):
        with sqlite3.connect(self.folder / "station.db", timeout=30) as database:
            for statement, values in statements:
                database.execute(statement, values)
        database.close()

    def add_member(self, name, prefixes, *addresses, language="en", severity="low"):
        """With contacts that are verified already."""
        database = sqlite3.connect(self.folder / "station.db", timeout=30)
        with database:
            number = database.execute("insert into member (name, language, zone, created_us) values (?, ?, '', 1)",
                                      (name, language)).lastrowid
            for prefix in prefixes:
                database.execute("insert into prefix (member_id, prefix, dark) values (?, ?, 0)", (number, prefix))
            for address in addresses:
                database.execute("insert into contact (member_id, kind, address, language, severity_min, state, failures, created_us)"
                                 " values (?, ?, ?, ?, ?, 'verified', 0, 1)",
                                 (number, "mail" if "@" in address else "webhook", address, language, severity))
        database.close()
        return number

    # ---- its processes ----

    def start(self, *options, environment=None):
        log = open(self.log, "ab")
        self.child = subprocess.Popen([*self.within, self.program, "run", "--station", str(self.folder), *options],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                      env={**os.environ, **(environment or {})})
        log.close()

    def parent(self):
        """Its first process; None where there is none yet."""
        for process in [self.child.pid, *children_of(self.child.pid)]:
            words = words_of(process)
            if words[1:2] == ["run"]:
                return process
        return None

    def duties(self):
        """The number of each duty's process, by name."""
        parent = self.parent()
        found = {}
        for process in children_of(parent) if parent else []:
            words = words_of(process)
            if words[1:2] == ["duty"]:
                name = words[2]
                found[name if name not in found else f"{name}{len(found)}"] = process
        return found

    def lines(self):
        try:
            return self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def count_lines(self, *words):
        return sum(all(word in line for word in words) for line in self.lines())

    def await_lines(self, count, *words, seconds=READY_S):
        """Until so many lines of the log hold all these words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.count_lines(*words) >= count:
                return True
            if self.child.poll() is not None:
                return self.count_lines(*words) >= count
            time.sleep(0.02)
        return False

    def kill(self, process):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def kill_all(self):
        """All at once, as far as that can be had: the first process is stopped, so that it starts none anew."""
        parent = self.parent()
        if parent is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait(timeout=STOP_S)
            return
        os.kill(parent, signal.SIGSTOP)
        processes = [*children_of(parent), parent]
        for process in processes:
            self.kill(process)
        self.child.wait(timeout=STOP_S)
        end = time.monotonic() + STOP_S
        while time.monotonic() < end and any(words_of(process) for process in processes):
            time.sleep(0.01)

    def reload(self):
        parent = self.parent()
        if parent is not None:
            os.kill(parent, signal.SIGHUP)

    def stop(self, number=signal.SIGTERM):
        parent = self.parent()
        if parent is not None:
            os.kill(parent, number)
        try:
            return self.child.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.kill_all()
            return None

    # ---- its database ----

    def rows(self, query, *values):
        database = sqlite3.connect(f"file:{self.folder / 'station.db'}?mode=ro", uri=True, timeout=30)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(query, values)]
        finally:
            database.close()

    def await_rows(self, query, wanted, seconds=READY_S):
        """Until the query's first value is at least `wanted`; gives it."""
        end = time.monotonic() + seconds
        value = 0
        while time.monotonic() < end:
            rows = self.rows(query)
            value = next(iter(rows[0].values())) if rows else 0
            if value is not None and value >= wanted:
                break
            time.sleep(0.05)
        return value
