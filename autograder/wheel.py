"""The student's wheel, to lie beside a released notebook: made of the installed `handin`, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import distribution
from importlib.resources import files

PACKAGE = "handin"
EXTENSION = f"share/jupyter/labextensions/{PACKAGE}"
"""Where JupyterLab looks for the quiz form, below the environment that the wheel is installed in."""


def student_wheel() -> tuple[str, bytes]:
    """Return the wheel's file name and content (PEP 427: a zip archive of the package and its dist-info)."""
    installed = distribution(PACKAGE)
    info = f"{PACKAGE}-{installed.version}.dist-info"
    extension = f"{PACKAGE}-{installed.version}.data/data/{EXTENSION}"
    form = files(PACKAGE) / "form"
    members = {
        f"{PACKAGE}/{p.name}": p.read_bytes() for p in files(PACKAGE).iterdir() if p.name.endswith((".py", ".typed"))
    }
    members[f"{extension}/package.json"] = (form / "package.json").read_bytes()
    members |= {f"{extension}/static/{p.name}": p.read_bytes() for p in (form / "static").iterdir()}
    needs = "".join(f"Requires-Dist: {need}\n" for need in installed.requires or ())
    metadata = installed.metadata
    members[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {installed.version}\nSummary: {metadata['Summary']}\n"
        f"Requires-Python: {metadata['Requires-Python']}\n{needs}"
    ).encode()
    members[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{info}/RECORD"
    rows = [f"{name},{_hash(content)},{len(content)}" for name, content in sorted(members.items())]
    members[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in sorted(members.items()):
            # A fixed date: the same package gives the same bytes, and with them the same release.
            file.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return f"{PACKAGE}-{installed.version}-py3-none-any.whl", archive.getvalue()


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
