# mypy: ignore-errors
"""Show progress by writing over the same line."""

# %%
import sys
import time

for n in range(50):
    print(f"\r{n + 1}/50 " + "█" * (n // 5), end="", flush=True)
    time.sleep(0.001)
sys.stderr.write("done\n")

# %%
hand_in("work", "value", "v", n)
