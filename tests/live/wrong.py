"""What is wrong with a station, its directory or its machine: one line that names it and what was expected, exit status 2, and
nothing is left running."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import sqlite3
import subprocess

import scene
import wire
from scene import PROGRAM, points
from station import Station

SECONDS_MAX = 60
TROUBLE = 2
NOBODY = 65534
PATH_MAX = 511
MAIL = 'mail: {server: "127.0.0.1:25", security: none, from: hinomi@station.example, '
WITHOUT_RAW = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]


def make(folder, *sources, more=""):
    station = Station(PROGRAM, folder)
    station.make(scene.configuration(*sources, more=more))
    return station


def run(station, *within):
    return subprocess.run([*within, str(PROGRAM), "run", "--station", str(station.folder)], capture_output=True, text=True,
                          timeout=SECONDS_MAX)


def left_running():
    """Processes of this program in our network."""
    found = wire.ip("netns", "pids", f"{wire.NAME}-b").stdout.split()
    running = []
    for process in found:
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{process}/exe") == str(PROGRAM):
                running.append(process)
    return running


def says(title, station, expected, *within, keeps=True):
    """`expected` without the program's name; {dir} is the station's directory."""
    before = contents(station.folder)
    ran = run(station, *within)
    lines = ran.stderr.splitlines()
    said = [line for line in lines if line.startswith("hinomi: ")]
    line = f"hinomi: {expected.replace('{dir}', str(station.folder))}"
    points.ok((ran.returncode, said) == (TROUBLE, [line]) and lines[-1] == line, f"{title}: a line, and status 2", ran.returncode,
              f"expected {line}", *lines[-6:])
    points.same(left_running(), [], f"{title}: nobody is left")
    if keeps:
        points.same(contents(station.folder), before, f"{title}: nothing is changed")


def contents(folder):
    """Of its files, but for locks."""
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())
            if path.is_file() and path.name not in ("lock", "station.db-lock")} if pathlib.Path(folder).is_dir() else None


def try_sources(folder):
    says("no such interface", make(folder / "a", "ring:vx"), "ring:vx: no such interface; expected one of: lo, vb", keeps=False)
    says("nor for xdp", make(folder / "b", "xdp:vx"), "xdp:vx: no such interface; expected one of: lo, vb", keeps=False)
    ran = run(make(folder / "c", "ring:vx", "ring:vy"))
    points.ok(ran.returncode == TROUBLE and ran.stderr.splitlines()[-1].endswith(": no such interface; expected one of: lo, vb"),
              "none of two: status 2", ran.stderr)
    says("without the capability", make(folder / "d", "ring:vb"),
         "ring:vb: Operation not permitted; expected root, or the capability CAP_NET_RAW", *WITHOUT_RAW, keeps=False)
    wire.inside("b", "ip", "address", "add", "192.0.2.1/24", "dev", "vb")
    says("an interface on which the host lives", make(folder / "e", "xdp:vb"),
         "xdp:vb: takes all packets away from this host, and it has the address 192.0.2.1; expected a port that only a mirror or tap "
         "feeds, or ring:vb, or xdp:vb?take=yes", keeps=False)
    wire.inside("b", "ip", "address", "flush", "dev", "vb")
    says("a file that is not there", make(folder / "f", "pcap:/nosuch"),
         "/nosuch: No such file or directory; expected a pcap or pcapng capture", keeps=False)
    says("the same twice", make(folder / "g", "ring:vb", "ring:vb"),
         '{dir}/station.yaml:2: sources: found "ring:vb", expected each source once')
    says("one interface in two ways", make(folder / "h", "ring:vb", "xdp:vb"),
         "{dir}/station.yaml:2: sources: found ring:vb and xdp:vb, expected each interface once")
    says("no such kind", make(folder / "i", "eth:vb"),
         '{dir}/station.yaml:2: sources: found "eth:vb", kind "eth" is not known, did you mean "xdp"? Expected ring:INTERFACE, xdp:INTERFACE, drill:EXERCISE or pcap:FILE')


def try_some_missing(folder):
    """What is there is watched, and what is missing is waited for: after a power cut not every card is there first."""
    with scene.station_of(folder / "some", scene.configuration("ring:vb", "ring:vd"), wait=False) as station:
        points.ok(station.await_lines(1, "source.wanted", "source=ring:vd", "no such interface") and
                  station.await_lines(1, "source.open", "source=ring:vb"), "one of two is missing: the other is watched",
                  *station.lines()[-8:])
        scene.make_wire(wire.NAME, "vc", "vd")
        points.ok(station.await_lines(1, "source.open", "source=ring:vd", seconds=5), "and it is as soon as it is there",
                  *station.lines()[-8:])
        points.same(station.stop(), 0, "and it ends when it is told to")
    wire.inside("b", "ip", "link", "del", "vd")


def try_no_interface(folder):
    station = make(folder / "auto", "ring:vb")
    station.configure("station: {name: auto}\n")
    wire.inside("b", "ip", "link", "set", "vb", "down")
    says("nothing to watch", station, "sources: auto: this machine has no Ethernet interface that is up; expected one, or sources in "
         "station.yaml")
    wire.inside("b", "ip", "link", "set", "vb", "up")


def database_of(station):
    return station.folder / "station.db"


def forget_database(station):
    for path in station.folder.glob("station.db*"):
        path.unlink()


def with_database(folder, statements):
    station = make(folder, "ring:vb")
    forget_database(station)
    database = sqlite3.connect(database_of(station))
    database.executescript(statements)
    database.close()
    return station


def try_databases(folder):
    says("another program's database", with_database(folder / "foreign", "create table t (a);"),
         "{dir}/station.db: is another program's database: put the station's back")
    text = make(folder / "text", "ring:vb")
    forget_database(text)
    database_of(text).write_text("Dear station\n")
    says("no database", text, "{dir}/station.db: cannot be opened: it is no database, or damaged at its start: name another file, or "
         "put back a copy (file is not a database)")
    newer = make(folder / "newer", "ring:vb")
    number = 1000
    database = sqlite3.connect(database_of(newer))
    ours = database.execute("pragma user_version").fetchone()[0]
    database.execute(f"pragma user_version = {number}")
    database.close()
    says("a newer schema", newer, f"{{dir}}/station.db: has the schema {number} of a newer Hinomi, this one knows {ours}: install the "
         "newer one, or put back a copy from before", keeps=False)
    held = make(folder / "held", "ring:vb")
    with open(held.folder / "station.db-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        says("a database that is in use", held, "{dir}/station.db: another process has it open for writing: stop that one first")
    damaged = make(folder / "damaged", "ring:vb")
    with sqlite3.connect(database_of(damaged)) as database:
        database.execute("drop table notice")
    database.close()
    says("a table is missing", damaged, "{dir}/station.db: lacks tables or columns: it is damaged: put back a copy (no such table: "
         "notice)", keeps=False)


def try_earlier_schema(folder):
    """Is no mistake: it is brought up to date, beside a copy."""
    station = with_database(folder / "earlier", (scene.TOP / "tests/unit/schemas/1.sql").read_text())
    incidents = station.rows("select count(*) as n from incident")[0]["n"]
    station.start()
    opened = scene.await_open(station, 1)
    points.ok(opened and station.stop() == 0, "an earlier schema: it runs", *station.lines()[-8:])
    points.same(station.rows("select count(*) as n from incident")[0]["n"], incidents, "an earlier schema: with all that was there")
    points.ok((station.folder / "station.db.before-2").exists() or any(station.folder.glob("station.db.before-*")),
              "an earlier schema: beside a copy", *station.folder.iterdir())


def try_in_use(folder):
    with scene.station_of(folder / "use", scene.configuration("ring:vb")) as station:
        parent = station.parent()
        ran = run(station)
        points.ok(ran.returncode == TROUBLE and ran.stderr.count("\n") == 1 and str(parent) in ran.stderr and
                  str(station.folder) in ran.stderr, "a station that runs already: a line with its process, and status 2", ran.stderr)
        points.ok(station.child.poll() is None and len(station.duties()) == 3, "and that one goes on", station.duties())
        points.same(station.stop(), 0, "and ends when it is told to")


def try_mail(folder):
    password = make(folder / "mail", "ring:vb", more=f"{MAIL}user: x, password_file: keys/p}}\n")
    line = "{dir}/station.yaml:7: mail.password_file: {dir}/keys/p"
    says("no password", password, f"{line}: No such file or directory, expected a file that can be read")
    path = password.folder / "keys" / "p"
    path.write_text("secret\n")
    path.chmod(0o644)
    says("a password that others can read", password, f"{line}: others may read it (mode 0644), expected 0600: chmod 600 {{dir}}/keys/p")
    path.chmod(0o600)
    path.write_text("")
    says("an empty password", password, "keys/p: expected a secret of 1 to 1023 bytes")
    path.write_text("x" * 1024)
    says("a password one byte too long", password, "keys/p: expected a secret of 1 to 1023 bytes")
    authority = make(folder / "authority", "ring:vb", more=f"{MAIL}ca_file: keys/ca}}\n")
    says("no authority", authority, '{dir}/station.yaml:7: mail.ca_file: found "keys/ca" (No such file or directory), expected a file')
    (authority.folder / "keys" / "ca").write_text("")
    long = "keys/" + "./" * PATH_MAX + "ca"
    long = long[:-2 - 2 * ((len(f"{authority.folder}/{long}") - PATH_MAX - 1) // 2)] + "ca"  # one or two bytes too many
    authority.configure(scene.configuration("ring:vb", more=f"{MAIL}ca_file: {long}}}\n"))
    says("a path too long", authority, f"mail.ca_file: {{dir}}/{long}: expected at most {PATH_MAX} bytes with the directory")


def try_keys(folder):
    def wrong(name, more, expected):
        says(name, make(folder / name.replace(" ", "-"), "ring:vb", more=more), expected)

    wrong("unknown key", "canry: {every: 0}\n", '{dir}/station.yaml:7: "canry" is not known, did you mean "canary"? Expected one of: '
          "station, sources, dark, watch, memory, workers, operator, mail, webhook, notices, canary, heartbeat, metrics, store, geo, "
          "thresholds")
    wrong("wrong value", "memory: much\n", '{dir}/station.yaml:7: memory: found "much", expected a size such as 256M or 2G')
    wrong("more memory than there is", "memory: 1T\n",
          f"memory: found 1T, expected less than this machine has ({memory_of_machine()})")


def memory_of_machine():
    mebibytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return f"{mebibytes // 1024}G" if mebibytes % 1024 == 0 else f"{mebibytes}M"


def try_directory(folder):
    station = make(folder / "dir", "ring:vb")
    station.folder.chmod(0o777)
    says("a directory that others may change", station, "{dir}: others may change it (mode 0777), expected 0750: chmod 750 {dir}")
    station.folder.chmod(0o750)
    os.chown(station.folder, NOBODY, NOBODY)
    says("somebody else's directory", station, f"{{dir}}: belongs to user {NOBODY}, expected root, hinomi or the user who runs this: "
         "chown it, or run this as its owner")
    for path in station.folder.rglob("*"):
        os.chown(path, NOBODY, NOBODY)
    says("not by root", station, "ring:vb: Operation not permitted; expected root, or the capability CAP_NET_RAW", *AS_NOBODY,
         keeps=False)
    shutil.rmtree(station.folder)
    says("no directory", station, "{dir}: no such directory, expected a station: `hinomi init {dir}` makes one")


def try_wrong(folder):
    try_sources(folder)
    try_some_missing(folder)
    try_no_interface(folder)
    try_databases(folder)
    try_earlier_schema(folder)
    try_in_use(folder)
    try_mail(folder)
    try_keys(folder)
    try_directory(folder)
