"""Leaves this process only the system calls that computing needs: a seccomp filter, which cannot be undone.

What is not in the list is refused: sockets, other processes and their limits, sessions and groups, namespaces, owners
and modes of files, shared memory of System V, tracing, keys, clocks, modules. A call that is newer than the list is
missing here, so that libraries take the older one. Standard library only; constants are those of ``linux/seccomp.h``,
``linux/filter.h``, ``linux/audit.h``, ``linux/sched.h`` and ``linux/prctl.h``.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LIBC = ctypes.CDLL(None, use_errno=True)
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PR_SET_NO_NEW_PRIVS, _PR_GET_SECCOMP, _PR_SET_SECCOMP, _MODE_FILTER = 38, 21, 22, 2
_SET_MODE_FILTER, _ALL_THREADS = 1, 1

_ALLOW, _REFUSE, _MISSING = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they lie in struct seccomp_data
_LAST = 450
"""The newest call that the list was chosen from (Linux 6.6)."""

_FOREIGN = 0x40000000  # x32: the same calls under other numbers
_CLONE_THREAD = 0x10000
_AF_UNIX = 1
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_PRCTL = (2, 3, 15, 16, 21, 22, 23, 29, 30, 38, 39, 41, 42, 0x53564D41)
"""Names of threads and of memory, timer slack, questions, and less rights: not its death with its parent."""

_USUAL = """
    read:0:63 write:1:64 readv:19:65 writev:20:66 pread64:17:67 pwrite64:18:68 preadv:295:69 pwritev:296:70
    preadv2:327:286 pwritev2:328:287 close:3:57 close_range:436:436 lseek:8:62 open:2: openat:257:56
    openat2:437:437 creat:85: stat:4: lstat:6: fstat:5:80 newfstatat:262:79 statx:332:291 access:21:
    faccessat:269:48 faccessat2:439:439 readlink:89: readlinkat:267:78 getdents:78: getdents64:217:61
    statfs:137:43 fstatfs:138:44 getcwd:79:17 chdir:80:49 fchdir:81:50 mkdir:83: mkdirat:258:34 rmdir:84:
    unlink:87: unlinkat:263:35 rename:82: renameat:264:38 renameat2:316:276 link:86: linkat:265:37
    symlink:88: symlinkat:266:36 truncate:76:45 ftruncate:77:46 fallocate:285:47 fadvise64:221:223
    readahead:187:213 fsync:74:82 fdatasync:75:83 sync_file_range:277:84 sendfile:40:71
    copy_file_range:326:285 splice:275:76 tee:276:77 vmsplice:278:75 flock:73:32 fcntl:72:25 dup:32:23
    dup2:33: dup3:292:24 pipe:22: pipe2:293:59 umask:95:166 getxattr:191:8 lgetxattr:192:9 fgetxattr:193:10
    mmap:9:222 munmap:11:215 mremap:25:216 mprotect:10:226 madvise:28:233 mincore:27:232 msync:26:227
    brk:12:214 membarrier:324:283 pkey_alloc:330:289 pkey_free:331:290 pkey_mprotect:329:288 futex:202:98
    futex_waitv:449:449 set_robust_list:273:99 get_robust_list:274:100 set_tid_address:218:96 rseq:334:293
    rt_sigaction:13:134 rt_sigprocmask:14:135 rt_sigreturn:15:139 rt_sigpending:127:136
    rt_sigsuspend:130:133 rt_sigtimedwait:128:137 sigaltstack:131:132 restart_syscall:219:128 pause:34:
    poll:7: ppoll:271:73 select:23: pselect6:270:72 epoll_create:213: epoll_create1:291:20 epoll_ctl:233:21
    epoll_ctl_old:214: epoll_wait:232: epoll_pwait:281:22 epoll_pwait2:441:441 eventfd:284: eventfd2:290:19
    signalfd:282: signalfd4:289:74 timerfd_create:283:85 timerfd_settime:286:86 timerfd_gettime:287:87
    timer_create:222:107 timer_settime:223:110 timer_gettime:224:108 timer_getoverrun:225:109
    timer_delete:226:111 alarm:37: getitimer:36:102 setitimer:38:103 nanosleep:35:101
    clock_nanosleep:230:115 clock_gettime:228:113 clock_getres:229:114 gettimeofday:96:169 time:201:
    times:100:153 getpid:39:172 getppid:110:173 gettid:186:178 getpgid:121:155 getpgrp:111: getsid:124:156
    getuid:102:174 geteuid:107:175 getgid:104:176 getegid:108:177 getresuid:118:148 getresgid:120:150
    getgroups:115:158 getrlimit:97:163 getrusage:98:165 sysinfo:99:179 uname:63:160 getcpu:309:168
    getpriority:140:141 sched_yield:24:124 sched_getaffinity:204:123 sched_getparam:143:121
    sched_getscheduler:145:120 sched_getattr:315:275 sched_get_priority_max:146:125
    sched_get_priority_min:147:126 getrandom:318:278 arch_prctl:158: exit:60:93 exit_group:231:94
    wait4:61:260 waitid:247:95 landlock_create_ruleset:444:444 landlock_add_rule:445:445
    landlock_restrict_self:446:446 seccomp:317:277
"""
"""Calls as name:x86_64:aarch64. Files are Landlock's business, which sees their paths."""

_DRIVERS = """
    memfd_create:319:279 mlock:149:228 mlock2:325:284 munlock:150:229 mlockall:151:230 munlockall:152:231
    get_mempolicy:239:236 set_mempolicy:238:237 mbind:237:235 sched_setaffinity:203:122 recvfrom:45:207
    recvmsg:47:212 recvmmsg:299:243 sendto:44:206 sendmsg:46:211 sendmmsg:307:269 shutdown:48:210
    getsockopt:55:209 setsockopt:54:208 getsockname:51:204 getpeername:52:205
"""
"""What GPU drivers and memory on several processors need besides; no call here makes a connection."""

_JUDGED = """
    clone:56:220 clone3:435:435 execve:59:221 execveat:322:281 kill:62:129 tgkill:234:131 socketpair:53:199
    prctl:157:167 prlimit64:302:261 ioctl:16:29
"""
"""Calls that their arguments decide about, or the caller."""


class _Call(NamedTuple):
    name: str
    number: int


class _Step(NamedTuple):
    code: int
    if_so: int
    if_not: int
    value: int


def is_offered() -> bool:
    """Return whether this kernel has such filters, and the list this machine's numbers."""
    return platform.machine() in _AUDIT and bool(LIBC.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0)


def allow_only_computing(*, drivers: bool = False, programs: bool = False) -> bool:
    """Refuse this process, and what it becomes, all other calls; return whether the kernel took that on.

    With *drivers* it has what GPU drivers need, and with *programs* it may become another program.
    """
    if platform.machine() not in _AUDIT:
        return False
    return _install(list(_program(drivers=drivers, programs=programs)))


def stay_this_program() -> bool:
    """Refuse every thread of this process to become another program; return whether the kernel took that on."""
    if platform.machine() not in _AUDIT:
        return False
    numbers = [call.number for call in _calls(_JUDGED) if call.name in ("execve", "execveat")]
    refused = [step for number in numbers for step in _when(number, [_Step(_RETURN, 0, 0, _REFUSE)])]
    return _install([*_start(), *refused, _Step(_RETURN, 0, 0, _ALLOW)], all_threads=True)


def _program(*, drivers: bool, programs: bool) -> Iterator[_Step]:
    yield from _start()
    usual = [call.number for call in _calls(_USUAL + (_DRIVERS if drivers else ""))]
    for low, high in _ranges(usual):
        yield from (
            _Step(_AT_LEAST, 0, 2, low),
            _Step(_GREATER, 1, 0, high),
            _Step(_RETURN, 0, 0, _ALLOW),
        )
    for call in _calls(_JUDGED):
        yield from _when(call.number, _judgment(call.name, drivers=drivers, programs=programs))
    yield _Step(_GREATER, 0, 1, _LAST)
    yield _Step(_RETURN, 0, 0, _MISSING)
    yield _Step(_RETURN, 0, 0, _REFUSE)


def _judgment(name: str, *, drivers: bool, programs: bool) -> list[_Step]:
    """What decides about one call, to its end."""
    match name:
        case "clone3":  # its flags lie in memory, where no filter sees them
            return [_Step(_RETURN, 0, 0, _MISSING)]
        case "clone":
            # a thread of this process is no new process
            steps = [_Step(_LOAD, 0, 0, _ARGUMENTS), _Step(_ANY_BIT, 1, 0, _CLONE_THREAD)]
            return [*steps, _Step(_RETURN, 0, 0, _REFUSE), _Step(_RETURN, 0, 0, _ALLOW)]
        case "execve" | "execveat":
            return [_Step(_RETURN, 0, 0, _ALLOW if programs else _REFUSE)]
        case "kill" | "tgkill":
            return _argument(0, (os.getpid(),))
        case "prctl":
            return _argument(0, _PRCTL)
        case "ioctl":
            return _argument(1, _TERMINAL_INPUT, found=_REFUSE, other=_ALLOW)
        case "socketpair":
            return _argument(0, (_AF_UNIX,) if drivers else ())
        case "prlimit64":  # its own limits, and only to look at them: root could raise them
            pointer = _ARGUMENTS + 8 * 2
            return [
                _Step(_LOAD, 0, 0, _ARGUMENTS),
                _Step(_EQUAL, 0, 4, 0),
                _Step(_LOAD, 0, 0, pointer),
                _Step(_EQUAL, 0, 2, 0),
                _Step(_LOAD, 0, 0, pointer + 4),
                _Step(_EQUAL, 1, 0, 0),
                _Step(_RETURN, 0, 0, _REFUSE),
                _Step(_RETURN, 0, 0, _ALLOW),
            ]
    raise ValueError(name)


def _argument(place: int, values: tuple[int, ...], found: int = _ALLOW, other: int = _REFUSE) -> list[_Step]:
    """Decide by the lower half of an argument: the kernel looks at no more of these."""
    steps = [_Step(_LOAD, 0, 0, _ARGUMENTS + 8 * place)]
    steps += [_Step(_EQUAL, len(values) - number, 0, value) for number, value in enumerate(values)]
    return [*steps, _Step(_RETURN, 0, 0, other), _Step(_RETURN, 0, 0, found)]


def _when(number: int, steps: list[_Step]) -> list[_Step]:
    """Take these steps, which end, for this call alone; the number is loaded before and after."""
    return [_Step(_EQUAL, 0, len(steps), number), *steps]


def _start() -> list[_Step]:
    """Refuse calls of another architecture, and load the number of the call."""
    return [
        _Step(_LOAD, 0, 0, _ARCHITECTURE),
        _Step(_EQUAL, 1, 0, _AUDIT[platform.machine()]),
        _Step(_RETURN, 0, 0, _REFUSE),
        _Step(_LOAD, 0, 0, _NUMBER),
        _Step(_AT_LEAST, 0, 1, _FOREIGN),
        _Step(_RETURN, 0, 0, _REFUSE),
    ]


def _calls(table: str) -> list[_Call]:
    """The calls of a table that this machine's architecture has."""
    place = 1 + list(_AUDIT).index(platform.machine())
    rows = [entry.split(":") for entry in table.split()]
    return [_Call(row[0], int(row[place])) for row in rows if row[place]]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as ranges, both ends within."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _install(steps: list[_Step], *, all_threads: bool = False) -> bool:
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HxxxxxxQ", len(steps), ctypes.addressof(code)))
    if LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    if all_threads:
        return bool(LIBC.syscall(_SECCOMP[platform.machine()], _SET_MODE_FILTER, _ALL_THREADS, program) == 0)
    return bool(LIBC.prctl(_PR_SET_SECCOMP, _MODE_FILTER, program, 0, 0) == 0)
