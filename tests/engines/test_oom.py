"""What libraries say when memory runs out, word for word, and what we make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.engines import told
from autograder.engines.oom import Asked, asked
from autograder.sandbox.gpus import CONTEXT_MB, Device, Slot
from autograder.types import Limits

GIB = 2**30
CPU = "/job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu [Op:Fill] name: "
GPU = "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc [Op:Conv2D] name: "
TEXTS = [
    # TensorFlow 2.21 on a CPU, as it said it here
    ("ResourceExhaustedError: {{function_node __wrapped__Fill_device_/job:localhost/replica:0/task:0/device:CPU:0}} "
     f"OOM when allocating tensor with shape[1048576,1048576] and type float on {CPU}",
     Asked((2**20, 2**20), 2**42, on_gpu=False)),
    # TensorFlow on a GPU, inside of fit()
    ("Graph execution error:\n\nDetected at node functional_1/conv2d_1/convolution defined at (most recent call "
     f"last):\n<stack traces unavailable>\n"
     f"OOM when allocating tensor with shape[32,64,224,224] and type float on {GPU}\n"
     "\t [[{{node functional_1/conv2d_1/convolution}}]]\nHint: If you want to see a list of allocated tensors",
     Asked((32, 64, 224, 224), 32 * 64 * 224 * 224 * 4, on_gpu=True)),
    (f"OOM when allocating tensor with shape[32,64,7,7] and type half on {GPU}",
     Asked((32, 64, 7, 7), 32 * 64 * 7 * 7 * 2, on_gpu=True, halved=True)),
    ("OOM when allocating tensor with shape[1792,4096]\n\t [[Node: projectx", Asked((1792, 4096))),
    ("ResourceExhaustedError: {{function_node __wrapped__AddV2_device_/job:localhost/replica:0/task:0/device:GPU:0}} "
     "failed to allocate memory [Op:AddV2]", Asked()),
    # JAX 0.10 on a CPU, as it said it here; and older ones
    ("JaxRuntimeError: RESOURCE_EXHAUSTED: Out of memory allocating 4398046511104 bytes.", Asked((), 2**42)),
    ("XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 7406166528 bytes.\n"
     "BufferAssignment OOM Debugging.", Asked((), 7406166528)),
    ("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1.50GiB.", Asked((), 3 * GIB // 2)),
    # PyTorch
    ("OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB. GPU 0 has a total capacity of 23.65 GiB of "
     "which 1.66 GiB is free. Including non-PyTorch memory, this process has 20.81 GiB memory in use.",
     Asked((), 3 * GIB, on_gpu=True)),
    ("RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 5.80 GiB total capacity; 4.36 GiB",
     Asked((), 20 * 2**20, on_gpu=True)),
    ("RuntimeError: [enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you "
     "tried to allocate 4398046511104 bytes. Error code 12 (Cannot allocate memory)", Asked((), 2**42, on_gpu=False)),
    # NumPy
    ("_ArrayMemoryError: Unable to allocate 74.5 GiB for an array with shape (100000, 100000) and data type float64",
     Asked((100000, 100000), int(74.5 * GIB), on_gpu=False)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), TEXTS)
def test_what_was_asked_for_is_read_from_the_librarys_words(text: str, found: Asked) -> None:
    assert asked(text) == found


@pytest.mark.parametrize(
    "text", ["", "ValueError: out of range", "RESOURCE_EXHAUSTED: quota", "MemoryError: ", "OOM when allocating tensor"]
)
def test_other_errors_say_nothing_of_memory(text: str) -> None:
    assert asked(text) is None


@given(st.text() | st.builds("".join, st.lists(st.sampled_from([text for text, _ in TEXTS]) | st.text(max_size=9))))
def test_whatever_a_student_writes_into_an_error_it_becomes_short_words_of_ours(text: str) -> None:
    found = asked(text)
    if found is not None:
        assert len(told.out_of_memory(found, {"source": "x"}, 0, Limits(), None, 0).student) < 1000


def test_a_shape_of_any_length_is_cut() -> None:
    found = asked(f"OOM when allocating tensor with shape[{'9' * 40},{'1,' * 50}2] and type float on {CPU}")
    assert found is not None
    assert len(found.shape) <= 10
    assert "more than 1,000 TB" in told.out_of_memory(found, {"source": "x"}, 0, Limits(), None, 0).student


SLOT = Slot((Device("GPU-1", "a GPU", 16000, ()),), 0.25, 3072)
CELL = {"cell_type": "code", "source": "model.fit(x, y)"}


def test_a_student_reads_what_was_asked_for_what_there_was_and_what_helps() -> None:
    text, _ = TEXTS[1]
    remark = told.out_of_memory(asked(text) or Asked(), CELL, 3, Limits(), SLOT, 2900)
    assert remark.student == (
        "Your code asked for a tensor of shape 32 × 64 × 224 × 224 (392 MB) in the cell that starts `model.fit(x, y)`, "
        "and the 3 GB of the GPU's memory that it may use had no room for it. What helps: smaller batches, smaller "
        "images, fewer maps or units in a layer; or "
        '`keras.mixed_precision.set_global_policy("mixed_float16")`, which takes half for each number.'
    )
    assert remark.staff == f"cell 3: memory of the GPU; 2900 MB of {3072 + CONTEXT_MB} MB were seen taken"


def test_who_computes_with_half_the_precision_already_is_not_told_to() -> None:
    remark = told.out_of_memory(asked(TEXTS[2][0]) or Asked(), CELL, 3, Limits(), SLOT, 0)
    assert remark.student.endswith("What helps: smaller batches, smaller images, fewer maps or units in a layer.")


@pytest.mark.parametrize(("text", "slot"), [(TEXTS[0][0], SLOT), (TEXTS[0][0], None), (TEXTS[5][0], None)])
def test_on_the_cpu_the_words_are_of_the_machines_memory(text: str, slot: Slot | None) -> None:
    remark = told.out_of_memory(asked(text) or Asked(), CELL, 3, Limits(memory_mb=6144), slot, 0)
    assert "(4 TB)" in remark.student
    assert "the 6 GB of memory that it may use had no room for it" in remark.student
    assert "GPU" not in remark.student + remark.staff
    assert "mixed_precision" not in remark.student
