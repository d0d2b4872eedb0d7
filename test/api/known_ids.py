"""Gives most generated requests the ids of what exists, so that they come to more than 404. What would delete keeps its own."""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["GRAFT_KNOWN_IDS"])
cases = 0


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    global cases
    cases += 1
    operation = context.operation
    if not path_parameters or operation.method.upper() == "DELETE" or cases % 4 == 0:
        return path_parameters
    known = KNOWN.get(operation.path.split("/")[2], {})
    return {name: known.get(name, value) for name, value in path_parameters.items()}
