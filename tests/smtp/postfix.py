"""A Postfix of our own: loopback ports, TLS by a test authority, passwords in a sasldb, mail into a Maildir. And its smtp-sink,
which refuses and breaks off as it is told. Used by tests/smtp/run."""
import contextlib
import email
import email.policy
import os
import pathlib
import pwd
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

NEEDED = ("postfix", "smtp-sink", "saslpasswd2")
READY_S = 30
DAEMONS = """
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def await_port(port, what):
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what} does not listen")


class Postfix:
    def __init__(self, certs):
        # Its parts run as another user, who must be able to come in here.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hinomi-postfix-"))
        self.folder.chmod(0o755)
        self.owner = pwd.getpwnam("postfix")
        self.reader = pwd.getpwnam("nobody")
        self.port = free_port()
        self.tls_port = free_port()
        for name in ("etc", "etc/sasl", "queue", "data", "mail", "sasl"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "data", self.owner.pw_uid, self.owner.pw_gid)
        os.chown(self.folder / "mail", self.reader.pw_uid, self.reader.pw_gid)
        shutil.copy(certs.pair("good"), self.folder / "etc/pair")
        self.configure()
        self.add_user("kita", "secret")
        self.log = open(self.folder / "start", "wb")
        self.child = subprocess.Popen(["postfix", "-c", self.folder / "etc", "start-fg"], stdout=self.log, stderr=self.log,
                                      stdin=subprocess.DEVNULL)
        await_port(self.port, "Postfix")

    def configure(self):
        settings = {
            "compatibility_level": "3.6", "queue_directory": self.folder / "queue", "data_directory": self.folder / "data",
            "mail_owner": "postfix", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "myhostname": "mx.town.example",
            "mydestination": "", "notify_classes": "", "alias_maps": "", "local_recipient_maps": "", "mynetworks": "192.0.2.0/32",
            "virtual_mailbox_domains": "town.example", "virtual_mailbox_base": self.folder / "mail",
            "virtual_mailbox_maps": "inline:{soumu@town.example=soumu/}",
            "virtual_uid_maps": f"static:{self.reader.pw_uid}", "virtual_gid_maps": f"static:{self.reader.pw_gid}",
            "smtpd_tls_chain_files": self.folder / "etc/pair", "smtpd_tls_security_level": "encrypt",
            "smtpd_sasl_auth_enable": "yes", "smtpd_sasl_path": "smtpd",
            "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject", "message_size_limit": "102400",
            "maillog_file": self.folder / "log", "maillog_file_prefixes": self.folder,
        }
        (self.folder / "etc/main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        (self.folder / "etc/master.cf").write_text(
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n"
            f"127.0.0.1:{self.tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n{DAEMONS}")
        database = self.folder / "sasl/sasldb2"
        # Where Debian's Postfix looks for it, whatever cyrus_sasl_config_path says.
        (self.folder / "etc/sasl/smtpd.conf").write_text(
            f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: {database}\n")

    def add_user(self, user, password):
        database = self.folder / "sasl/sasldb2"
        subprocess.run(["saslpasswd2", "-c", "-p", "-f", database, "-u", "mx.town.example", user], input=password, text=True,
                       check=True, capture_output=True)
        os.chown(database, self.owner.pw_uid, self.owner.pw_gid)

    def delivered(self, count):
        """The messages in the Maildir, once so many are there."""
        end = time.monotonic() + READY_S
        new = self.folder / "mail/soumu/new"
        while time.monotonic() < end:
            files = list(new.iterdir()) if new.is_dir() else []
            if len(files) >= count:
                break
            time.sleep(0.02)
        return [path.read_bytes() for path in files]

    def stop(self):
        subprocess.run(["postfix", "-c", self.folder / "etc", "stop"], capture_output=True, check=False)
        self.child.wait(READY_S)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self):
        """What it wrote down, where a test failed."""
        log = self.folder / "log"
        return (log.read_text("utf-8", "replace") if log.exists() else "no log")[-1000:] + \
            (self.folder / "start").read_text("utf-8", "replace")


def letter(program, folder):
    """A whole letter of ours, in Japanese, as mail_write makes it: its path."""
    tools = pathlib.Path(program).resolve().parent / "tests/tools"
    body = subprocess.run([tools / "write_letters", "scan-dark", "ja"], capture_output=True, check=True).stdout.decode()
    subject, _, body = body.partition("Subject: ")[2].partition("\n\n")
    body, _, finding = body.partition("===== ")[0].partition("----- finding.json\n")
    fields = ["火の見", "noc@example.jp", "desk@example.jp", "soumu@town.example", subject, body, "42.1@station.example",
              "42.0@station.example", finding, "finding.json"]
    asked = b"".join(struct.pack(">I", len(field.encode())) + field.encode() for field in fields)
    answer = subprocess.run([tools / "write_mails"], input=asked, capture_output=True, check=True).stdout
    path = pathlib.Path(folder, "letter")
    path.write_bytes(answer[8:])
    return path, subject, body, finding


def try_postfix(points, courier, certs, folder):
    server = Postfix(certs)
    made, subject, body, finding = letter(sys.argv[1], folder)

    def job(number=1, **fields):
        return {"kind": "mail", "id": number, "host": "localhost", "port": server.port, "tls": "starttls", "user": "kita",
                "password": "secret", "ca_file": certs.authority, "hello": "station.example", "sender": "noc@example.jp",
                "recipient": "soumu@town.example", "file": made, **fields}

    def expect(title, outcome, result):
        points.ok(f"{result.outcome} {result.code}" == outcome, title, result, server.tell())

    try:
        expect("Postfix: STARTTLS, a password, a letter: delivered", "delivered 250", courier().one(job()))
        arrived = server.delivered(1)
        message = email.message_from_bytes(arrived[0] if arrived else b"", policy=email.policy.default)
        parts = list(message.iter_parts())
        points.ok(len(parts) == 2 and message["Subject"] == subject and parts[0].get_content().replace("\r\n", "\n") == body and
                  parts[1].get_content().decode() == finding and message["Message-ID"].strip() == "<42.1@station.example>",
                  "Postfix: what lies in the mailbox is what was written", message.items(), server.tell())
        points.ok(made.read_bytes().replace(b"\r\n", b"\n") in b"".join(arrived), "Postfix: not a byte of it was changed")
        expect("Postfix: TLS from the first byte", "delivered 250",
               courier().one(job(tls="tls", port=server.tls_port)))
        expect("Postfix: nobody of that name there", "permanent 550", courier().one(job(recipient="nobody@town.example")))
        expect("Postfix: a wrong password", "temporary 535", courier().one(job(password="wrong")))
        bare = {name: value for name, value in job().items() if name not in ("user", "password")}
        expect("Postfix: without a password nothing is relayed", "permanent 554", courier().one(bare))
        large = pathlib.Path(folder, "too-large")
        large.write_bytes(b"Subject: x\r\n\r\n" + b"y" * 70 + b"\r\n" + b"z" * 102400)
        expect("Postfix: a message larger than it takes", "permanent 552", courier().one(job(file=large)))
        before = len(server.delivered(2))
        began = time.monotonic()
        results = courier(mail_total_s=60, mail_connect_s=60).run(*(job(number) for number in range(100)))
        seconds = time.monotonic() - began
        good = sum(result.outcome == "delivered" for result in results)
        points.ok(good == 100, "Postfix: a hundred letters, each accepted", *results[:5], server.tell())
        points.same(len(server.delivered(before + 100)), before + 100, "Postfix: and each arrives once")
        waits = sorted(result.ms for result in results)
        print(f"# Postfix took 100 letters over TLS in {seconds:.1f} s: median {waits[50]} ms, worst {waits[-1]} ms each")
    finally:
        server.stop()


@contextlib.contextmanager
def sink(*words):
    port = free_port()
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    child = subprocess.Popen(["smtp-sink", *user, *words, f"127.0.0.1:{port}", "100"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        yield port
    finally:
        child.kill()
        child.wait()


def try_sink(points, courier, folder):
    """Each flag at each stage; the sink speaks no TLS."""
    path = pathlib.Path(folder, "message")
    late = ("RCPT", "DATA", ".")
    cases = [("takes all", (), "delivered", (250,))]
    for command in ("connect", "MAIL", "RCPT", "DATA", "."):
        # A sink that disconnects after "." has heard all of it: whether it kept it is not known.
        cases += [(f"refuses for good at {command}", ("-f", command), "permanent" if command in late else "temporary", (500, 521, 550, 554)),
                  (f"refuses for now at {command}", ("-r", command), "temporary", (421, 450, 451)),
                  (f"says 421 and goes at {command}", ("-Q", command), "temporary", (421,)),
                  (f"goes without a word at {command}", ("-q", command), "unknown" if command == "." else "temporary", (0,))]
    cases += [("knows only HELO", ("-f", "EHLO"), "delivered", (250,)),
              ("says 421 and goes at EHLO", ("-Q", "EHLO"), "temporary", (421,)),
              ("goes without a word at EHLO", ("-q", "EHLO"), "temporary", (0,))]
    for title, words, outcome, codes in cases:
        with sink(*words) as port:
            job = {"kind": "mail", "id": 1, "host": "127.0.0.1", "port": port, "tls": "clear", "sender": "noc@example.jp",
                   "recipient": "soumu@town.example", "file": path}
            end = time.monotonic() + 5
            result = courier().one(job)
            while "onnect to" in result.reply and time.monotonic() < end:  # not there yet
                time.sleep(0.05)
                result = courier().one(job)
            points.ok(result.outcome == outcome and result.code in codes, f"smtp-sink {title}: {outcome}", result)


def try_all(points, courier, certs, folder):
    missing = [name for name in NEEDED if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    if missing:
        points.skip("Postfix and smtp-sink", f"{missing[0]} is not installed (conf/packages.txt)")
        return
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    try_sink(points, courier, folder)
    if os.geteuid() != 0:
        points.skip("Postfix", "only root can start one")
        return
    try_postfix(points, courier, certs, folder)
