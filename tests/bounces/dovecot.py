"""A Dovecot of our own: IMAP over TLS on a loopback port, one user, a Maildir. Used by tests/bounces/run."""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

READY_S = 30
PROGRAM = "/usr/sbin/dovecot"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Dovecot:
    USER, PASSWORD = "hinomi", "geheim und mehr"

    def __init__(self, pair):
        # Its parts run as other users, who must be able to come in here.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hinomi-dovecot-"))
        self.folder.chmod(0o755)
        self.owner = pwd.getpwnam("nobody")
        self.mail = self.folder / "mail"
        for path in (self.mail, *(self.mail / name for name in ("new", "cur", "tmp"))):
            path.mkdir()
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        shutil.copy(pair, self.folder / "pair")
        (self.folder / "users").write_text(f"{self.USER}:{{PLAIN}}{self.PASSWORD}:{self.owner.pw_uid}:{self.owner.pw_gid}::{self.folder}/home::\n")
        self.port = free_port()
        (self.folder / "conf").write_text(f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
protocols = imap
ssl = required
ssl_cert = <{self.folder}/pair
ssl_key = <{self.folder}/pair
mail_location = maildir:{self.mail}
first_valid_uid = 1
first_valid_gid = 1
listen = 127.0.0.1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
userdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
""")
        self.child = subprocess.Popen([PROGRAM, "-F", "-c", self.folder / "conf"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.STDOUT)
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Dovecot does not listen: {self.tell()}")

    def deliver(self, content, name):
        path = self.mail / "tmp" / name
        path.write_bytes(content)
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        path.rename(self.mail / "new" / name)

    def tell(self):
        log = self.folder / "log"
        return log.read_text("utf-8", "replace")[-2000:] if log.exists() else "no log"

    def stop(self):
        self.child.terminate()
        self.child.wait(READY_S)
        shutil.rmtree(self.folder, ignore_errors=True)
