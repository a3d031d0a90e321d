"""What is wrong with a station, its directory or its machine: one line that names it and what was expected, exit status 2, and
nothing is left running."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess

import scene
import wire
from scene import PROGRAM, points
from station import Station

SECONDS_MAX = 60
TROUBLE = 2
NOBODY = 65534
HINOMI = 64123
PATH_MAX = 511
DIRECTORY_MAX = 94  # a socket must fit
METRICS_PORT = 9464
MAIL = 'mail: {server: "127.0.0.1:25", security: none, from: hinomi@station.example, '
METRICS = "station: {name: live}\nsources: [\"ring:vb\"]\ncanary: {every: 0}\n"
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]


def without(capability):
    """As root, but for this."""
    return ["setpriv", "--bounding-set", f"-{capability}", "--inh-caps", f"-{capability}"]


def make(folder, *sources, more=""):
    station = Station(PROGRAM, folder)
    station.make(scene.configuration(*sources, more=more))
    return station


def run(station, *within, options=()):
    return subprocess.run([*within, str(PROGRAM), "run", "--station", str(station.folder), *options], capture_output=True, text=True,
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
         "ring:vb: Operation not permitted; expected root, or the capability CAP_NET_RAW", *without("net_raw"), keeps=False)
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


def try_capabilities(folder):
    """Rights that cannot be given up: nothing is started that would keep them."""
    says("root that cannot give up its rights", make(folder / "setpcap", "ring:vb"), "rights: root without the capability CAP_SETPCAP "
         "cannot give them up; expected root with it, or another user with CAP_NET_RAW alone", *without("setpcap"), keeps=False)
    users = folder / "users"
    users.mkdir()
    for name, line in (("passwd", f"hinomi:x:{HINOMI}:{HINOMI}::/nonexistent:/bin/false\n"), ("group", f"hinomi:x:{HINOMI}:\n")):
        (users / name).write_text(pathlib.Path("/etc", name).read_text() + line)
    with_user = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", 'mount --bind "$0/passwd" /etc/passwd\n'
                 'mount --bind "$0/group" /etc/group\nexec "$@"', str(users)]
    for capability in ("setuid", "setgid"):
        says(f"root without {capability}, where there is a user hinomi", make(folder / capability, "ring:vb"), "rights: root without "
             f"the capability CAP_{capability.upper()} cannot give them up; expected root with it, or another user with CAP_NET_RAW alone",
             *with_user, *without(capability), keeps=False)
    says("xdp without the capability, nor ring", make(folder / "xdp", "xdp:vb"),
         "ring:vb: Operation not permitted; expected root, or the capability CAP_NET_RAW", *without("net_raw"), keeps=False)


def try_listen(folder):
    """Where its numbers are to be had. What was asked for must be; a default that is taken is no reason not to watch."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        def wrong(title, listen, expected, *within):
            station = make(folder / title.replace(" ", "-"), "ring:vb")
            station.configure(f"{METRICS}metrics: {{listen: \"{listen}\"}}\n")
            says(title, station, expected, *within)

        wrong("a port in use", f"127.0.0.1:{port}", f"metrics.listen: 127.0.0.1:{port}: another program listens there; expected a free "
              "port: choose another, or off")
        wrong("an address of others", f"192.0.2.77:{port}", f"metrics.listen: 192.0.2.77:{port}: no interface has this address; expected "
              "one of this machine, such as 127.0.0.1")
        wrong("a port for root", "127.0.0.1:80", "metrics.listen: 127.0.0.1:80: ports below 1024 are for root; expected a higher one",
              *without("net_bind_service"))
        wrong("a name to listen by", "localhost:9464", '{dir}/station.yaml:4: metrics.listen: found "localhost:9464", expected '
              "ADDRESS:PORT, such as 127.0.0.1:9464 or [::1]:9464, or off")
    with socket.create_server(("127.0.0.1", METRICS_PORT)), scene.station_of(folder / "default", METRICS) as station:
        points.same(station.count_lines(" warning ", "metrics.off", "another program listens there; expected a free port"), 1,
                    "the default's port in use: a line, and it watches")
        points.same(station.stop(), 0, "and it ends when it is told to")


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


def try_no_database(folder):
    """It may be the first start, or a loss: it watches, and says so."""
    station = make(folder / "lost", "ring:vb")
    forget_database(station)
    station.start()
    opened = scene.await_open(station, 1)
    points.ok(opened and station.count_lines(" warning ", "store.missing", f"{station.folder}/station.db: is not there: an empty one is "
                                             "made, which knows no members; put back a copy if there was one") == 1,
              "no database: a line, and it watches", *station.lines()[-8:])
    points.same((station.stop(), station.rows("select count(*) as n from member")[0]["n"]), (0, 0), "with an empty one")


def try_database_owner(folder):
    for title, change in (("may not be written", lambda path: path.chmod(0o444)), ("is somebody else's", lambda path: os.chown(path, NOBODY, NOBODY))):
        station = make(folder / title.replace(" ", "-").replace("'", ""), "ring:vb")
        change(database_of(station))
        says(f"a database that {title}", station, "{dir}/station.db: cannot be written: check its owner and permissions (Permission denied)",
             keeps=False)


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
        points.ok(station.child.poll() is None and len(station.duties()) == 4, "and that one goes on", station.duties())
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
    long = path_of(PATH_MAX + 1 - len(f"{authority.folder}/"))
    authority.configure(scene.configuration("ring:vb", more=f"{MAIL}ca_file: {long}}}\n"))
    says("a path one byte too long", authority, f"mail.ca_file: has {PATH_MAX + 1} bytes with the directory before it, expected at "
         f"most {PATH_MAX}: name a shorter path")
    longest = path_of(PATH_MAX - len(f"{authority.folder}/"))
    authority.configure(scene.configuration("ring:vb", more=f"{MAIL}ca_file: {longest}}}\n"))
    points.same(run(authority, options=["--explain"]).returncode, 0, "the longest path is taken")


def path_of(count):
    """keys/ca, in so many bytes: a path may say twice where nothing leads to."""
    filling = count - len("keys/ca")
    return "keys/" + "./" * (filling // 2) + "/" * (filling % 2) + "ca"


def try_keys(folder):
    def wrong(name, more, expected):
        says(name, make(folder / name.replace(" ", "-"), "ring:vb", more=more), expected)

    sections = dict.fromkeys(key.split(".")[0] for key in keys())
    wrong("unknown key", "canry: {every: 0}\n", '{dir}/station.yaml:7: "canry" is not known, did you mean "canary"? Expected one of: ' +
          ", ".join(sections))
    wrong("wrong value", "memory: much\n", '{dir}/station.yaml:7: memory: found "much", expected a size such as 256M or 2G')
    wrong("more memory than there is", "memory: 1T\n",
          f"memory: found 1T, expected less than this machine has ({memory_of_machine()})")
    for key in keys():
        try_key(make(folder / f"key-{key}", "ring:vb"), *key.split("."))


def keys():
    """Of station.yaml, as the program itself lists them."""
    told = subprocess.run([str(PROGRAM), "check", "--explain"], capture_output=True, text=True, check=True).stdout
    found = [line.split(":")[0] for line in told.splitlines() if line and not line.startswith(" ")]
    points.ok(len(found) > 40, "there are many keys", found)
    return found


def try_key(station, *names):
    """One letter too many, and a value that no key takes."""
    head = "".join(f"{'  ' * depth}{name}:\n" for depth, name in enumerate(names[:-1]))
    at = f"hinomi: {station.folder}/station.yaml:{len(names)}: "
    indent = "  " * (len(names) - 1)
    for wrong, line in ((f"{names[-1]}q: 1", f'"{names[-1]}q" is not known'), (f"{names[-1]}: {{q: [1]}}", "")):
        station.configure(f"{head}{indent}{wrong}\n")
        ran = run(station)
        said = ran.stderr.splitlines()
        points.ok(ran.returncode == TROUBLE and len(said) == 1 and said[0].startswith(at + line) and ("xpected" in said[0]) and
                  ("did you mean" in said[0] or not line), f"{'.'.join(names)}: {wrong}: a line with what was expected, and status 2",
                  ran.returncode, *said[:5])


def try_command_line(folder):
    station = make(folder / "options", "ring:vb")
    for title, options, expected in (
            ("no such option", ["--wathc"], "run: --wathc: unknown option; hinomi run --help lists them"),
            ("a word", ["now"], "run: now: expected options only"),
            ("no value", ["--source"], "run: --source: expected a value after it"),
            ("no source", ["--source", "eth0"], "--source eth0: expected KIND:NAME, such as ring:eth0 or drill:demo-day"),
            ("no such directory", ["--station", "/nonexistent"],
             "/nonexistent: no such directory, expected a station: `hinomi init /nonexistent` makes one")):
        ran = run(station, options=options)
        points.same((ran.returncode, ran.stderr), (TROUBLE, f"hinomi: {expected}\n"), f"{title}: a line, and status 2")


def memory_of_machine():
    mebibytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return f"{mebibytes // 1024}G" if mebibytes % 1024 == 0 else f"{mebibytes}M"


def try_directory(folder):
    station = make(folder / "dir", "ring:vb")
    file = station.folder / "station.yaml"
    text = file.read_text()
    file.chmod(0o666)
    says("a configuration that others may change", station, "{dir}/station.yaml: others may change it (mode 0666), expected 0640: chmod 640 "
         "{dir}/station.yaml")
    file.unlink()
    says("no configuration", station, "{dir}/station.yaml: No such file or directory, expected a station: `hinomi init {dir}` makes one")
    file.write_text(text)
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
    long = folder / ("x" * (DIRECTORY_MAX + 1 - len(f"{folder}/")))
    station.folder.rename(long)
    station.folder = long
    os.chown(long, 0, 0)
    says("a directory of a path too long", station, f"{{dir}}: longer than {DIRECTORY_MAX} bytes, expected a shorter path, since a "
         "socket must fit")
    shutil.rmtree(station.folder)
    says("no directory", station, "{dir}: no such directory, expected a station: `hinomi init {dir}` makes one")


def try_wrong(folder):
    try_sources(folder)
    try_capabilities(folder)
    try_listen(folder)
    try_some_missing(folder)
    try_no_interface(folder)
    try_databases(folder)
    try_database_owner(folder)
    try_no_database(folder)
    try_earlier_schema(folder)
    try_in_use(folder)
    try_mail(folder)
    try_keys(folder)
    try_command_line(folder)
    try_directory(folder)
