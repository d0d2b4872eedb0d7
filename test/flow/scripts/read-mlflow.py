"""Prints the runs of a folder of MLflow's file store as JSON. Usage: read-mlflow.py FOLDER"""
import json
import pathlib
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient(pathlib.Path(sys.argv[1]).resolve().as_uri())
found = []
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id]):
        steps = {
            name: [[metric.step, metric.value] for metric in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        }
        found.append({
            "experiment": experiment.name,
            "name": run.info.run_name,
            "status": run.info.status,
            "params": run.data.params,
            "tags": run.data.tags,
            "metrics": steps,
        })
print(json.dumps(found))
