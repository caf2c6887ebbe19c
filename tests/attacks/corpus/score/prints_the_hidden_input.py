# mypy: ignore-errors
"""Prints the hidden input in every way there is: streams, descriptors, displays, messages, a thread, at the end.

expect: answered
held-by: silence, desk
"""

# %% function
import atexit, os, sys, threading
from IPython.display import display
from handin import carrier

original = os.dup(1), sys.stdout
seen = []


def twice(x):
    seen.append(x)
    print(x, file=original[1], flush=True)
    os.write(original[0], str(x).encode())
    os.write(2, str(x).encode())
    display(x)
    get_ipython().kernel.session.send(None, "display_data", {"data": {"text/plain": str(x)}, "metadata": {}})
    cells = carrier.carry.__self__._settings["fds"]["cells"]
    os.write(cells, sys.modules["autograder.frames"].pack({"shown": "stream", "name": "stdout"}, str(x).encode()))
    os.write(cells, sys.modules["autograder.frames"].pack({"done": 0, "status": "error", "error": str(x)}))
    threading.Timer(0.05, lambda: print(x, file=original[1], flush=True)).start()
    atexit.register(print, x)
    return x
