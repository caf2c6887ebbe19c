# mypy: ignore-errors
"""Use threads, locks, timers and a queue."""

# %%
import queue
import threading

numbers, lock, total = queue.Queue(), threading.Lock(), 0


def add():
    global total
    while (n := numbers.get()) is not None:
        with lock:
            total += n


threads = [threading.Thread(target=add) for _ in range(8)]
for thread in threads:
    thread.start()
for n in [*range(1000), *[None] * 8]:
    numbers.put(n)
for thread in threads:
    thread.join()

# %%
rang = threading.Event()
threading.Timer(0.1, rang.set).start()

# %%
hand_in("work", "value", "v", [total, rang.wait(20)])
