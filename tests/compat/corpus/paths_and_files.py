# mypy: ignore-errors
"""Ask where one is, make folders, and list what there is."""

# %%
import os
import shutil
import tempfile
from pathlib import Path

here = Path(os.getcwd())
Path("a/b").mkdir(parents=True)
Path("a/b/c.txt").write_text("hello", encoding="utf-8")
os.symlink("a/b/c.txt", "linked")
shutil.copytree("a", "copy")
os.rename("copy", "moved")

# %%
with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w+") as file:
    Path(folder, "x").write_text("y")
    file.write("z")
    there = Path(folder).is_dir() and Path(file.name).exists()
gone = not Path(folder).exists()
home = Path.home().is_dir() and Path("~").expanduser() == Path.home()

# %%
hand_in(
    "work",
    "value",
    "v",
    [
        here == Path.cwd(),
        sorted(p.as_posix() for p in Path().rglob("*.txt")),
        Path("linked").read_text(),
        there,
        gone,
        home,
    ],
)
