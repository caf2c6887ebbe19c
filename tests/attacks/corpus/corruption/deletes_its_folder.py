# mypy: ignore-errors
"""Deletes everything that is its own: the files beside the notebook, its home folder, its temporary files.

expect: no-answer
held-by: doctor
kernel: spoiled
"""
# %%
import shutil

for folder in ("/home/student/work", "/home/student", "/tmp/.ipython", "/tmp/.matplotlib"):
    shutil.rmtree(folder, ignore_errors=True)
del answer
