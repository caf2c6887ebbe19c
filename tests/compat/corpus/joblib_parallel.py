# mypy: ignore-errors
"""Compute in parallel with joblib.

needs: joblib
"""

# %%
from joblib import Memory, Parallel, delayed

done = Parallel(n_jobs=2)(delayed(pow)(n, 2) for n in range(10))
kept = Memory("kept", verbose=0).cache(abs)(-3)

# %%
hand_in("work", "value", "v", [done, kept])
