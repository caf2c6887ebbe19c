# mypy: ignore-errors
"""Prints the hidden input in every way there is: streams, descriptors, displays, messages, a thread, at the end.

expect: answered
held-by: silence, desk
"""

# %% function
import atexit, os, sys, threading
from IPython.display import display
from ipykernel.kernelapp import IPKernelApp

original = os.dup(1), sys.stdout
seen = []


def twice(x):
    seen.append(x)
    print(x, file=original[1], flush=True)
    os.write(original[0], str(x).encode())
    os.write(2, str(x).encode())
    display(x)
    app = IPKernelApp.instance()
    app.session.send(app.iopub_socket, "stream", {"name": "stdout", "text": str(x)})
    app.session.send(app.iopub_socket, "display_data", {"data": {"text/plain": str(x)}, "metadata": {}})
    threading.Timer(0.05, lambda: print(x, file=original[1], flush=True)).start()
    atexit.register(print, x)
    return x
