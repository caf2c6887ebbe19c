# mypy: ignore-errors
"""Pack files into a zip and a tar, and unpack them."""

# %%
import gzip
import shutil
import tarfile
from pathlib import Path

Path("things").mkdir()
for number in range(3):
    Path("things", f"{number}.txt").write_text(str(number) * 100)
shutil.make_archive("packed", "zip", "things")
shutil.make_archive("packed", "gztar", "things")
shutil.unpack_archive("packed.zip", "unzipped")
with tarfile.open("packed.tar.gz") as archive:
    names = sorted(archive.getnames())
Path("x.gz").write_bytes(gzip.compress(b"x" * 1000))

# %%
hand_in(
    "work",
    "value",
    "v",
    [sorted(path.name for path in Path("unzipped").iterdir()), names, len(gzip.open("x.gz").read())],
)
