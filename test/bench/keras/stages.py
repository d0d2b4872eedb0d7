"""Times the stages of a script, on the clock and on all of the process's threads, and prints them as JSON."""

import json
import time

import keras
import tensorflow as tf


class Stages:
    def __init__(self):
        self.measured = {}
        self.total = {"seconds": 0.0, "cpuSeconds": 0.0}
        self._start()

    def _start(self):
        self.start = time.perf_counter(), time.process_time()

    def end(self, stage):
        """Ends a stage, and begins the next one."""
        seconds, cpu = time.perf_counter() - self.start[0], time.process_time() - self.start[1]
        self.measured |= {f"{stage}Seconds": seconds, f"{stage}CpuSeconds": cpu}
        self.total = {"seconds": self.total["seconds"] + seconds, "cpuSeconds": self.total["cpuSeconds"] + cpu}
        self._start()

    def print(self):
        versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
        print(json.dumps({"sample": self.total | self.measured, "versions": versions}))
