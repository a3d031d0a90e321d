"""A machine of one's own, in qemu: Debian's kernel, and a root file system in memory that is made of files of this machine.

    guest = Guest(cache)                      # a folder in which the kernel is kept
    guest.add_program("/usr/sbin/dmsetup")    # with the libraries that it wants
    guest.add_tree(folder, "/tests")
    guest.run("import guest_power", seconds)  # gives what its console said

Without KVM it is emulated, which is slow but the same. Debian's package of the kernel is unpacked, never installed: installing
it would change what this machine boots.
"""
import ctypes
import gzip
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile

KERNEL = "linux-image-cloud-amd64"
MODULES = ["virtio_pci", "virtio_blk", "virtio_rng", "dm-mod", "dm-flakey", "veth"]
MEMORY = "1536"
# What no test needs of Python's library.
LEFT_OUT = {"test", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo", "pydoc_data", "distutils", "__pycache__",
            "site-packages", "dist-packages"}
TOOLS = ("qemu-system-x86_64", "apt-get", "dpkg-deb", "dmsetup", "mke2fs")

INIT = """\
#!{python} -B
import ctypes, os, sys, traceback
libc = ctypes.CDLL(None, use_errno=True)
def mount(what, where, kind):
    os.makedirs(where, exist_ok=True)
    libc.mount(what.encode(), where.encode(), kind.encode(), 0, None)
mount("proc", "/proc", "proc")
mount("sysfs", "/sys", "sysfs")
mount("devtmpfs", "/dev", "devtmpfs")
mount("tmpfs", "/tmp", "tmpfs")
mount("tmpfs", "/run", "tmpfs")
os.makedirs("/dev/shm", exist_ok=True)
mount("tmpfs", "/dev/shm", "tmpfs")
os.environ.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", HOME="/tmp", LANG="C.UTF-8")
console = os.open("/dev/ttyS0", os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(console, number)
print(flush=True)
sys.path[:0] = {paths!r}
try:
    for name in open("/modules/order").read().split():
        with open(f"/modules/{{name}}.ko", "rb") as file:
            if libc.syscall(313, file.fileno(), b"", 0) != 0:
                print(f"# module {{name}}: {{os.strerror(ctypes.get_errno())}}", flush=True)
    exec({script!r})
except BaseException:
    traceback.print_exc()
print("guest: the end", flush=True)
os.sync()
libc.reboot(0x4321fedc)
"""


def lacks():
    """A tool that is not there, or None."""
    return next((tool for tool in TOOLS if shutil.which(tool) is None), None)


def libraries_of(path):
    """Those that the loader finds for a program or library, and the loader."""
    said = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", said)


def wants_of(module):
    """The modules that a module depends on, as it says itself."""
    found = re.search(rb"\0depends=([^\0]*)\0", module.read_bytes())
    return [name for name in found.group(1).decode().split(",") if name] if found else []


class Guest:
    def __init__(self, cache):
        self.cache = pathlib.Path(cache)
        self.cache.mkdir(parents=True, exist_ok=True)
        self.files = {}  # path in the guest -> path here, or bytes
        self.paths = []
        self.add_python()
        for tool in ("/usr/bin/env", "/bin/mount", "/bin/umount", "/usr/bin/pgrep", "/sbin/ip", "/sbin/sysctl", "/usr/sbin/dmsetup",
                     "/usr/sbin/mke2fs"):
            self.add_program(shutil.which(pathlib.Path(tool).name) or tool)
        for path in ("/etc/mke2fs.conf", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/timezone",
                     "/usr/share/zoneinfo/UTC"):
            if os.path.exists(path):
                self.add(path)
        self.files["/etc/hosts"] = b"127.0.0.1 localhost\n"
        self.files["/etc/hostname"] = b"guest\n"

    # ---- what is in it ----

    def add(self, path, where=None):
        self.files[where or str(path)] = pathlib.Path(path).resolve()

    def add_program(self, path, where=None):
        self.add(path, where)
        for library in libraries_of(path):
            self.add(library)

    def add_tree(self, folder, where, endings=(".py", ".so")):
        for path in pathlib.Path(folder).rglob("*"):
            inside = path.relative_to(folder)
            if path.is_file() and not LEFT_OUT & set(inside.parts) and path.name.endswith(endings):
                self.add(path, f"{where}/{inside}")

    def add_python(self):
        real = os.path.realpath(sys.executable)
        self.python = real
        self.add_program(real)
        self.add(real, "/usr/bin/python3")
        library = sysconfig.get_path("stdlib")
        self.add_tree(library, library)
        for path in pathlib.Path(library, "lib-dynload").glob("*.so"):
            for wanted in libraries_of(path):
                self.add(wanted)

    def add_modules(self, folder):
        """The modules that are wanted, after those on which they depend."""
        there = {path.stem.replace("-", "_"): path for path in folder.rglob("*.ko")}
        order = []

        def add(name):
            path = there.get(name.replace("-", "_"))
            if path is None or path.stem in order:
                return
            for wanted in wants_of(path):
                add(wanted)
            order.append(path.stem)
            self.add(path, f"/modules/{path.stem}.ko")

        for name in MODULES:
            add(name)
        self.files["/modules/order"] = " ".join(order).encode()

    # ---- its kernel ----

    def find_kernel(self):
        """The kernel's file and its modules' folder: unpacked once."""
        unpacked = self.cache / "kernel"
        if not unpacked.exists():
            depends = subprocess.run(["apt-cache", "depends", KERNEL], capture_output=True, text=True).stdout
            package = re.search(r"Depends: (linux-image-\S+)", depends)
            if package is None:
                return None
            with tempfile.TemporaryDirectory(dir=self.cache) as folder:
                subprocess.run(["apt-get", "-q", "download", package.group(1)], cwd=folder, capture_output=True)
                fetched = list(pathlib.Path(folder).glob("*.deb"))
                if not fetched or subprocess.run(["dpkg-deb", "-x", fetched[0], f"{folder}/x"]).returncode != 0:
                    return None
                os.rename(f"{folder}/x", unpacked)
        kernels = list(unpacked.glob("boot/vmlinuz-*"))
        return (kernels[0], unpacked / "lib" / "modules") if kernels else None

    # ---- its start ----

    def write_image(self, path, script):
        """The root file system, as an archive in the form "newc" that the kernel unpacks."""
        self.files["/init"] = INIT.format(python=self.python, paths=self.paths, script=script).encode()
        folders = {"/proc", "/sys", "/dev", "/tmp", "/run", "/disk", "/var/run"}
        for name in self.files:
            folders.update(str(parent) for parent in pathlib.PurePosixPath(name).parents if str(parent) != "/")
        with gzip.open(path, "wb", compresslevel=1) as out:
            for number, name in enumerate(sorted(folders)):
                put(out, number, name, stat.S_IFDIR | 0o755, b"")
            for number, (name, what) in enumerate(self.files.items(), len(folders)):
                runs = name == "/init" or (not isinstance(what, bytes) and os.access(what, os.X_OK))
                put(out, number, name, stat.S_IFREG | (0o755 if runs else 0o644),
                    what if isinstance(what, bytes) else what.read_bytes())
            put(out, 0, "/TRAILER!!!", 0, b"")

    def run(self, script, seconds, disk_bytes=512 << 20):
        """Starts it, and gives all that its console said; None where there is no kernel."""
        found = self.find_kernel()
        if found is None:
            return None
        kernel, modules = found
        self.add_modules(modules)
        with tempfile.TemporaryDirectory(prefix="hinomi-guest-") as folder:
            image = f"{folder}/root.gz"
            disk = f"{folder}/disk"
            self.write_image(image, script)
            with open(disk, "wb") as out:
                out.truncate(disk_bytes)
            command = ["qemu-system-x86_64", "-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2", "-m", MEMORY,
                       "-nographic", "-no-reboot", "-kernel", str(kernel), "-initrd", image, "-append",
                       "console=ttyS0 quiet panic=-1 random.trust_cpu=on", "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe",
                       "-device", "virtio-rng-pci", "-nic", "none"]
            try:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
                said = done.stdout
            except subprocess.TimeoutExpired as late:
                said = (late.stdout or b"") + b"\nguest: was ended\n"
            return said.decode("utf-8", "replace").replace("\r", "")


def put(out, number, name, mode, data):
    """One entry of the archive."""
    inside = name.lstrip("/").encode() + b"\0"
    head = b"070701" + b"".join(b"%08x" % field for field in (number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(inside), 0))
    out.write(head + inside + bytes(-(len(head) + len(inside)) % 4))
    out.write(data + bytes(-len(data) % 4))
