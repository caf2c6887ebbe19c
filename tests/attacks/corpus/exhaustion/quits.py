# mypy: ignore-errors
"""Asks the kernel to shut down.

expect: crashed
held-by: kill
"""
# %%
answer = 0
get_ipython().ask_exit()
quit()
# %%
import time; time.sleep(5)
