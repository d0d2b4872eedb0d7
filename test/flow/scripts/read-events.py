"""Reads the event files below a folder as TensorBoard does, and prints them as JSON: {run: {tag: [[step, value]]}}."""

import json
import sys

from tensorboard.backend.event_processing import plugin_event_multiplexer
from tensorboard.util import tensor_util

multiplexer = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()
runs = {}
for run, tags in multiplexer.Runs().items():
    values = {}
    for tag in tags["tensors"]:
        plugin = multiplexer.SummaryMetadata(run, tag).plugin_data.plugin_name
        read = (lambda array: array.item().decode()) if plugin == "text" else (lambda array: array.item())
        values[tag] = [[event.step, read(tensor_util.make_ndarray(event.tensor_proto))] for event in multiplexer.Tensors(run, tag)]
    runs[run] = values
print(json.dumps(runs))
