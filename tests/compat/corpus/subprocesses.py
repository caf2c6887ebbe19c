# mypy: ignore-errors
"""Start other programs, and read what they say."""

# %%
import subprocess
import sys

said = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
other = subprocess.check_output([sys.executable, "-c", "import numpy; print(numpy.arange(3).sum())"], text=True)
piped = subprocess.Popen(["sort"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True).communicate("b\na\n")[0]

# %%
hand_in("work", "value", "v", [said.stdout, said.stderr, said.returncode, other, piped])
