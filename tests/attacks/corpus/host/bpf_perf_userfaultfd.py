# mypy: ignore-errors
"""Asks for the parts of the machine's kernel that have been broken most often.

expect: answered
held-by: seccomp
"""
# %%
import ctypes, errno

libc = ctypes.CDLL(None, use_errno=True)
found = []
# A call that is let through complains about its arguments; one that is refused does not look at them.
for name, number, arguments in (
    ("bpf", 321, (0, 0, 0)), ("perf_event_open", 298, (0, 0, -1, -1, 0)), ("userfaultfd", 323, (1,)), ("kcmp", 312, (1, 1, 0, 0, 0)),
    ("process_vm_readv", 310, (1, 0, 0, 0, 0, 0)), ("pidfd_getfd", 438, (-1, 0, 0)), ("finit_module", 313, (-1, 0, 0)),
    ("fanotify_init", 300, (0xFFFFFFFF, 0)), ("memfd_secret", 447, (0xFF,)), ("personality", 135, (0xFFFFFFFF,)),
):
    if libc.syscall(number, *arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        found.append(name)
answer = f"through {found}" if found else 0
