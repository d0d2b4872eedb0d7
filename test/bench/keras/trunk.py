"""A frozen backbone as a Keras user runs it: `trunk.py APPLICATION SIDE BATCH`.

Predicts the pooled features of one batch for each line of standard input, with random weights, which take the same time. Prints the
seconds of each image as JSON.
"""

import json
import sys
import time

import keras
import numpy as np

application, side, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = getattr(keras.applications, application)(weights=None, include_top=False, input_shape=(side, side, 3), pooling="avg")
images = np.random.default_rng(0).random((batch, side, side, 3), dtype="float32")

for _ in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    model.predict_on_batch(images)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"seconds": seconds / batch, "cpuSeconds": cpu_seconds / batch}), flush=True)
