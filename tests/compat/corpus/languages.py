# mypy: ignore-errors
"""Write in many languages, and ask for the locale."""

# %%
import locale
import sys

print("Grüße, 你好, שלום, 😀 e\u0301")
text = "Straße 😀"
open("Grüße 你好.txt", "w").write(text)
try:
    locale.setlocale(locale.LC_ALL, "")
    known = locale.setlocale(locale.LC_ALL)
except locale.Error:
    known = "none"

# %%
hand_in(
    "work",
    "value",
    "v",
    [
        open("Grüße 你好.txt").read(),
        text.upper(),
        sys.getfilesystemencoding(),
        sys.stdout.encoding.lower(),
        locale.getpreferredencoding(),
        known,
        f"{1234567.891:n}",
    ],
)
