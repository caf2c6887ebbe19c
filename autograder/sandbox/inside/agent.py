"""Carries answers out of the kernel, and in the end calls functions on the inputs it is sent.

It runs in one process with the student's code, so nothing here is trusted outside: a student who rewrites it can only
answer something else.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import frames  # type: ignore[import-not-found]
import snapshot  # type: ignore[import-not-found]
from sender import Sender  # type: ignore[import-not-found]

from handin import carrier, wire

MODEL_CHUNK = 512 * 1024
HISTORY_BYTES = 40_000  # it goes into a header
BATCHES = 256  # of a dataset that a function returns


class Agent:
    """Carries answers out; keeps functions until they are called."""

    def __init__(self, settings: dict[str, Any], namespace: Callable[[], dict[str, Any]]) -> None:
        self._settings = settings
        self._namespace = namespace
        self._answers = Sender(settings["fds"]["answers"])
        self._models = Sender(settings["fds"]["models"])
        self._functions: dict[str, Any] = {}
        self._count = 0

    def carry(self, handed: carrier.Handed) -> None:
        """Send one answer out. Never raises: what goes wrong is said in the message."""
        self._count += 1
        header = {
            "exercise": handed.exercise,
            "variant": handed.variant,
            "number": self._count,
            "status": "ok",
            "detail": "",
        }
        try:
            if handed.kind == "function":
                self._take_function(header, handed.answer)
            elif handed.kind == "model":
                self._take_model(header, handed.answer)
            else:
                self._take_value(header, handed.answer)
        except Exception as error:
            self._answers.send(header | {"kind": "value", "status": "unreadable", "detail": _words(error)})

    def _take_value(self, header: dict[str, Any], answer: object) -> None:
        self._answers.send(header | {"kind": "value"}, wire.encode(answer, self._settings["value_mb"] * 2**20))

    def _take_function(self, header: dict[str, Any], answer: object) -> None:
        if not callable(answer):
            self._answers.send(header | {"kind": "value", "status": "unreadable", "detail": "not a function"})
            return
        self._functions[header["exercise"]] = snapshot.keep(answer, self._namespace())
        self._answers.send(header | {"kind": "function"})

    def _take_model(self, header: dict[str, Any], answer: Any) -> None:
        if not (hasattr(type(answer), "save") and hasattr(type(answer), "get_config")):
            self._answers.send(header | {"kind": "value", "status": "unreadable", "detail": "not a Keras model"})
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            _save(answer, path)
            size = path.stat().st_size
            if size > self._settings["model_mb"] * 2**20:
                raise ValueError(f"a model file of {size // 2**20} MB; {self._settings['model_mb']} MB are allowed")
            reported = header | {"kind": "model", "size": size, "history": _history(answer)}
            with path.open("rb") as file:
                while chunk := file.read(MODEL_CHUNK):
                    self._models.send({"number": header["number"], "last": file.tell() == size}, chunk)
        self._answers.send(reported)

    def serve(self) -> None:
        """Call functions until there is nothing left to ask. Runs in the main thread, after the last cell."""
        channel = socket.socket(fileno=os.dup(self._settings["fds"]["answers"]))
        channel.setblocking(True)
        reader = frames.Reader(2**30)
        with _silence():
            while data := channel.recv(256 * 1024):
                for request, body in reader.feed(data):
                    header, answer = self._call(request, body)
                    self._answers.send(header, answer)

    def _call(self, request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        reply = {"reply": request["number"], "status": "ok", "detail": ""}
        limit = self._settings["value_mb"] * 2**20
        try:
            asked: Any = wire.decode(body, 2**30)
            function = self._functions[request["exercise"]]
            with _laid_out(asked["files"]) as folder, _time_limit(request["seconds"]):
                result = function(*folder, *asked["args"], **asked["kwargs"])
                answer = wire.encode(_taken(result), limit)
                return reply | {"changed": _changed(asked, body)}, answer
        except TimeUp:
            return reply | {"status": "timeout"}, b""
        except MemoryError:
            return reply | {"status": "memory"}, b""
        except wire.WireError as error:
            return reply | {"status": "unreadable", "detail": _words(error)}, b""
        except BaseException as error:
            # The type alone: the text of an error may hold the hidden input.
            return reply | {"status": "raised", "detail": _type(error)}, b""


@contextlib.contextmanager
def _laid_out(files: dict[str, Any]) -> Iterator[list[str]]:
    """The path of a folder with these files, as the first argument of a call that comes with files."""
    if not files:
        yield []
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())
        yield [folder]


def _changed(asked: Any, body: bytes) -> bool:
    """Whether the function has written into what it was given."""
    try:
        return wire.encode(asked) != body
    except Exception:  # it has put something in that is no plain value
        return True


def _taken(result: Any) -> Any:
    """A tf.data.Dataset becomes the list of its batches; an endless one, of the first."""
    batches = getattr(result, "as_numpy_iterator", None)
    return list(itertools.islice(batches(), BATCHES)) if batches is not None and callable(result.take) else result


class TimeUp(BaseException):
    """No Exception, so that `except Exception` in a student's function does not swallow it."""


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def up(*_: object) -> None:
        raise TimeUp

    signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Nothing printed from here on is for anybody."""
    with Path(os.devnull).open("w") as nowhere:
        for fd in (1, 2):
            os.dup2(nowhere.fileno(), fd)
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            yield


def _type(error: BaseException) -> str:
    name: str = type.__dict__["__name__"].__get__(type(error))
    return name[:80]


def _words(error: BaseException) -> str:
    try:
        return f"{_type(error)}: {error}"[:300]
    except Exception:
        return _type(error)


def _history(model: Any) -> dict[str, list[float]]:
    """What fit() recorded: names of curves, and their values. As reported: a student could write anything here."""
    recorded = getattr(getattr(model, "history", None), "history", None)
    curves: dict[str, list[float]] = {}
    if isinstance(recorded, dict):
        for name, values in list(recorded.items())[:20]:
            with contextlib.suppress(TypeError, ValueError):
                curves[str(name)[:60]] = [round(float(value), 6) for value in list(values)[:200]]
    # NaN is no JSON; a curve that broke off says enough.
    found = {name: [v for v in values if v == v and abs(v) != float("inf")] for name, values in curves.items()}
    while len(json.dumps(found)) > HISTORY_BYTES:
        found.popitem()
    return found


def _save(model: Any, path: Path) -> None:
    """Write a .keras file without the optimizer, whose state is twice the size of the weights and needed by nobody."""
    try:
        from keras.src.saving import saving_lib

        config, metadata = saving_lib._serialize_model_as_json(model)
        described = json.loads(config)
        described.pop("compile_config", None)
        weights = path.with_name("model.weights.h5")
        skipped = [part for part in [getattr(model, "optimizer", None)] if part is not None]
        saving_lib.save_weights_only(model, str(weights), objects_to_skip=skipped)
    except (ImportError, AttributeError, TypeError):  # another version of Keras: larger, and just as good
        model.save(str(path))
        return
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", json.dumps(described))
        archive.write(weights, "model.weights.h5")
    weights.unlink()
