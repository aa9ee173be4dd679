"""A seccomp filter for sandboxes: system calls that no function needs and that escapes are made of fail with EPERM.

The namespaces and the missing capabilities forbid most of these already; the filter keeps the kernel code behind them out of
reach, and keeps the function from tracing the supervisor, which runs under the same user id.
"""

import errno
import struct

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_SYSCALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_NEW_ANYTHING = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET"""
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_DENIED: dict[str, tuple[int | None, int]] = {
    # name: number on x86_64 (None where it has no such call), number on aarch64 (-1 likewise)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "lookup_dcookie": (212, 18),
    "vhangup": (153, 58),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "modify_ldt": (154, -1),
    "uselib": (134, -1),
    "ustat": (136, -1),
    "sysfs": (139, -1),
    "_sysctl": (156, -1),
    "nfsservctl": (180, 42),
}
_CLONE = (56, 220)
_CLONE3 = 435
_MEMFD_CREATE = (319, 279)
_PRLIMIT64 = (302, 261)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def program(machine: str, *, forbid_memfd: bool = False) -> bytes:
    """The filter's instructions for *machine* (x86_64 or aarch64); empty for others.

    *forbid_memfd*: where no cgroup counts memory, files that live in memory alone would escape every limit.
    """
    if machine not in _ARCHITECTURES:
        return b""
    column = 0 if machine == "x86_64" else 1
    numbers = sorted(number for pair in _DENIED.values() if (number := pair[column]) is not None and number >= 0)
    numbers += [_MEMFD_CREATE[column]] if forbid_memfd else []
    deny, missing = _instruction(_RETURN, _ERRNO | errno.EPERM), _instruction(_RETURN, _ERRNO | errno.ENOSYS)
    allow = _instruction(_RETURN, _ALLOW)
    head = _instruction(_LOAD, _ARCHITECTURE) + _instruction(_JUMP_EQUAL, _ARCHITECTURES[machine], 1, 0) + missing
    head += _instruction(_LOAD, _SYSCALL) + _instruction(_JUMP_GREATER_EQUAL, _X32, 0, 1) + missing
    # glibc falls back to clone, whose flags can be looked at; clone3 has them behind a pointer
    head += _instruction(_JUMP_EQUAL, _CLONE3, 0, 1) + missing
    head += _instruction(_JUMP_EQUAL, _CLONE[column], 0, 4) + _instruction(_LOAD, _FIRST_ARGUMENT)
    head += _instruction(_JUMP_ANY_BIT, _CLONE_NEW_ANYTHING, 0, 1) + deny + allow
    # prlimit64 of another process: the function could lower the supervisor's limits
    head += _instruction(_JUMP_EQUAL, _PRLIMIT64[column], 0, 4) + _instruction(_LOAD, _FIRST_ARGUMENT)
    head += _instruction(_JUMP_EQUAL, 1, 0, 1) + deny + allow
    return head + b"".join(_instruction(_JUMP_EQUAL, number, 0, 1) + deny for number in numbers) + allow
