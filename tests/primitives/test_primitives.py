"""Each scalar function goes through every job, and a row that lacks a part is reported by name."""

from __future__ import annotations

import pytest
from primitive_jobs import JOBS, failing

from symbp.calculus.primitives import PRIMITIVES

ROWS = {row.name: row for row in PRIMITIVES}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.__name__)
@pytest.mark.parametrize("name", ROWS)
def test_every_primitive_goes_through_every_job(name, job):
    assert failing(ROWS[name], (job,)) == []
