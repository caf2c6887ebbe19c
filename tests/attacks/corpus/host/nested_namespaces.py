# mypy: ignore-errors
"""Makes namespaces of its own, in which it would be root.

expect: answered
held-by: seccomp
"""
# %%
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
found = []
for flag in (0x10000000, 0x10000000 | 0x00020000, 0x40000000, 0x02000000, 0x00000080):  # user, mount, net, cgroup, time
    pid = os.fork()
    if pid == 0:
        os._exit(7 if libc.unshare(flag) == 0 else 0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7:
        found.append(hex(flag))
if os.uname().machine == "x86_64":
    child = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)  # clone
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        found.append("clone")
answer = f"through {found}" if found else 0
