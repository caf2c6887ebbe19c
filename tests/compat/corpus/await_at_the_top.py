# mypy: ignore-errors
"""Await at the top of a cell, and run tasks side by side."""

# %%
import asyncio


async def slowly(n):
    await asyncio.sleep(0.01 * (3 - n))
    return n * 2


done = await asyncio.gather(*map(slowly, range(3)))


# %%
async def count():
    for n in range(3):
        yield n
        await asyncio.sleep(0)


counted = [n async for n in count()]
process = await asyncio.create_subprocess_exec("echo", "hello", stdout=asyncio.subprocess.PIPE)
said, _ = await process.communicate()

# %%
hand_in("work", "value", "v", [done, counted, said.decode()])
