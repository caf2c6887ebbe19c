# mypy: ignore-errors
"""Has a library loaded into every program that is started, and starts some.

expect: answered
held-by: environment
"""
# %%
import os, subprocess, sys

os.environ["LD_PRELOAD"] = "/tmp/evil.so"
os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = "/tmp"
open("/tmp/evil.so", "wb").write(b"\x7fELF" + bytes(100))
open("/tmp/sitecustomize.py", "w").write("import os; os._exit(3)")
subprocess.run([sys.executable, "-c", "1"], capture_output=True)
answer = 0
