# mypy: ignore-errors
"""Types into a terminal as if the person before it had.

expect: answered
held-by: seccomp
"""
# %%
import ctypes, fcntl, os, termios

answer = 0
try:
    ours, theirs = os.openpty()
    if (pid := os.fork()) == 0:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        try:
            fcntl.ioctl(theirs, termios.TIOCSTI, b"x")
            os._exit(7)
        except OSError as error:
            os._exit(8 if error.errno == 5 else 0)  # EIO: the machine's kernel has switched it off itself
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) in (7, 8):
        answer = "through"
except OSError:
    pass
