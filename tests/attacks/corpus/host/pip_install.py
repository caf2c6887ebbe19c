# mypy: ignore-errors
"""Installs a package into the environment that everybody's kernel starts from.

expect: answered
held-by: mount-namespace, net-namespace
"""
# %%
import subprocess, sys
from pathlib import Path

folder = Path("/tmp/pkg/ag_probe")
folder.mkdir(parents=True)
(folder / "__init__.py").touch()
(folder.parent / "pyproject.toml").write_text('[project]\nname = "ag_probe"\nversion = "1"\n')
ran = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", str(folder.parent)], capture_output=True)
answer = "through" if ran.returncode == 0 and "/opt" in ran.stdout.decode() else 0
