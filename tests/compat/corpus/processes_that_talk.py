# mypy: ignore-errors
"""Have processes talk through a queue, a pipe, a lock and shared memory."""

# %%
import multiprocessing as mp
from multiprocessing import shared_memory


def work(queue, value, name):
    with value.get_lock():
        value.value += 1
    block = shared_memory.SharedMemory(name)
    block.buf[0] += 1
    block.close()
    queue.put(mp.current_process().name != "MainProcess")


queue, value, block = mp.Queue(), mp.Value("i", 40), shared_memory.SharedMemory(create=True, size=16)

# %%
for _ in range(2):
    process = mp.Process(target=work, args=(queue, value, block.name))
    process.start()
    process.join()
said, shared = [queue.get(), queue.get()], block.buf[0]
block.close()
block.unlink()

# %%
hand_in("work", "value", "v", [said, value.value, shared, process.exitcode])
