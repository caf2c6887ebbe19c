# mypy: ignore-errors
"""Mounts, binds, and changes the root.

expect: answered
held-by: uid, seccomp
"""
# %%
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/tmp/m", exist_ok=True)
found = []
for name, call in {
    "tmpfs": lambda: libc.mount(b"none", b"/tmp/m", b"tmpfs", 0, None),
    "bind": lambda: libc.mount(b"/", b"/tmp/m", None, 4096, None),
    "remount": lambda: libc.mount(None, b"/", None, 32, None),
    "umount": lambda: libc.umount2(b"/proc/sys", 2),
    "chroot": lambda: libc.chroot(b"/tmp/m"),
    "pivot_root": lambda: libc.syscall(155, b"/tmp/m", b"/tmp/m"),
    "fsopen": lambda: -1 if libc.syscall(430, b"tmpfs", 0) < 0 else 0,
    "open_tree": lambda: -1 if libc.syscall(428, -100, b"/", 1) < 0 else 0,
}.items():
    if call() == 0:
        found.append(name)
answer = f"through {found}" if found else 0
