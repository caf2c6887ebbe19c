# mypy: ignore-errors
"""Show progress with tqdm.

needs: tqdm
"""

# %%
from tqdm.auto import tqdm

total = sum(n for n in tqdm(range(1000)))

# %%
hand_in("work", "value", "v", total)
