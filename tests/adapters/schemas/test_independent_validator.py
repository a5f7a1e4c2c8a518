"""A second validator, of another author and another design, judges as we do over twenty thousand generated documents.

`fastjsonschema` compiles a schema to Python. It knows draft 7, in which all that our schemas use means what it means in
2020-12, except that what stands beside a `$ref` is ignored there: those are put side by side in an `allOf`.
"""

import json
from typing import Any

import fastjsonschema
import pytest

from reconciler.adapters.schemas.formats import FORMATS
from reconciler.adapters.schemas.judge import Judge
from tests.adapters.schemas.schema_samples import CHECKER, REQUESTS, mutants

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def as_draft_7(schema: Any) -> Any:
    if isinstance(schema, list):
        return [as_draft_7(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: as_draft_7(value) for key, value in schema.items() if key != "$schema"}
    if isinstance(inner.get("$ref"), str) and len(inner) > 1:
        return {"allOf": [{"$ref": inner.pop("$ref")}, inner]}
    return inner


class Independent:
    def __init__(self, judge: Judge) -> None:
        schema = {"$schema": DRAFT_7, **as_draft_7(judge.schema)}
        self._validate = fastjsonschema.compile(schema, formats=dict(FORMATS), use_default=False)

    def passes(self, document: Any) -> bool:
        try:
            self._validate(document)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True


@pytest.mark.parametrize("seed", range(4))
def test_both_schemas_mean_the_same_to_an_independent_validator(seed: int) -> None:
    pairs = [(judge, Independent(judge)) for judge in (REQUESTS._judge, CHECKER._judge)]
    valid = [0, 0]
    for document in mutants(seed=100 + seed, count=5000):
        for which, (judge, independent) in enumerate(pairs):
            passes = judge.passes(document)
            assert passes is independent.passes(document), json.dumps(document)
            valid[which] += passes
    assert all(250 < each < 4750 for each in valid)
