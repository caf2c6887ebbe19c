from __future__ import annotations

from tests.nbgrader_ext.conftest import generated as generated
from tests.nbgrader_ext.conftest import school as school
from tests.watch.conftest import hall as hall
