"""The files an environment sees: linked trees of code and layers, and a few made-up files in /etc."""

import errno
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

SMALL_TREE = 400
"""Files that can be linked into a prepared sandbox faster than a new sandbox starts."""

ETC = {
    "passwd": "root:x:0:0:root:/root:/sbin/nologin\nsbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n",
    "group": "root:x:0:\nsbx_user1051:x:990:\n",
    "hosts": "127.0.0.1 localhost\n",
    "hostname": "localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "",
}
"""The few files in /etc that programs look for. Nothing of the host's own is shown, least of all its users."""
ETC_FROM_HOST = ("ld.so.cache", "ssl/certs", "pki/tls/certs", "pki/ca-trust/extracted", "ssl/openssl.cnf", "mime.types")
"""Public parts of the host's /etc that its libraries need."""


def link_file(source: Path, target: Path) -> None:
    """Hard-links one file, or copies it where the file system cannot; an older file of that name gives way."""
    try:
        _link(source, target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(source, target)
    except FileExistsError:
        target.unlink()
        _link(source, target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}:
            raise
        shutil.copy2(source, target, follow_symlinks=False)


def link_tree(source: Path, target: Path) -> None:
    """Links all of *source* into *target*. What is there already gives way: a file to a folder and a folder to a file too."""
    for folder, folders, files in os.walk(source):
        here = target / os.path.relpath(folder, source)
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            here.unlink()
        here.mkdir(parents=True, exist_ok=True)
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in [*files, *links]:
            if (here / name).is_dir() and not (here / name).is_symlink():
                shutil.rmtree(here / name)
            link_file(Path(folder, name), here / name)


def is_small(tree: Path, most: int = SMALL_TREE) -> bool:
    """True when *tree* has no more than *most* entries; looks no further than that."""
    seen = 0
    for _, folders, files in os.walk(tree):
        seen += len(folders) + len(files)
        if seen > most:
            return False
    return True


def merged(trees: Sequence[Path], folder: Path) -> Path:
    """One tree that shows all *trees*, later ones over earlier ones. Made once in *folder* and kept there."""
    if len(trees) == 1:
        return trees[0]
    name = hashlib.sha256("\0".join(str(tree) for tree in trees).encode()).hexdigest()[:32]

    def fill(target: Path) -> None:
        for tree in trees:
            link_tree(tree, target)

    return made_once(folder / name, fill)


def made_once(target: Path, fill: Callable[[Path], None]) -> Path:
    """The folder *target*, filled by *fill* if it is not there yet, and never seen half full."""
    if target.is_dir():
        return target
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    unfinished.mkdir(parents=True)
    try:
        fill(unfinished)
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not target.is_dir():  # else somebody else was faster
            raise
    return target


def make_etc(target: Path) -> None:
    """The /etc of every environment."""
    for name, text in ETC.items():
        (target / name).write_text(text)
    for name in ETC_FROM_HOST:
        source = Path("/etc") / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        elif source.is_file():
            shutil.copy2(source, target / name)


_COMPILE = """
import compileall, sys
try:
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG: not to outlive the service
except (ImportError, AttributeError, OSError):
    pass
compileall.compile_dir(sys.argv[1], quiet=2)
"""


def compile_scripts(interpreter: Path, folder: Path, *, quietly: bool = False) -> None:
    """Byte-compiles *folder* for *interpreter*: inside, it is read-only, and each start would compile it again."""
    command: list[str | Path] = [interpreter, "-I", "-S", "-c", _COMPILE, folder]
    if quietly and shutil.which("nice"):
        command = ["nice", "-n", "19", *command]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=300)
