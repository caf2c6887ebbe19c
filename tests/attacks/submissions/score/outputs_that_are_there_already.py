"""Submits outputs that say that everything was right.

expect: answered
held-by: judge
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    for cell in given.solved["cells"]:
        if cell["cell_type"] == "code":
            right = {"text/plain": "1.0", "application/vnd.nbgrader+json": {"score": 1}}
            cell["outputs"] = [
                {"output_type": "execute_result", "data": right, "metadata": {}, "execution_count": 1},
                {"output_type": "stream", "name": "stdout", "text": "Right. score=1"},
            ]
            cell["execution_count"] = 1
    given.solved["metadata"]["score"] = given.solved["metadata"]["autograder"] = {"target": 1}
    given.write(given.solved)
