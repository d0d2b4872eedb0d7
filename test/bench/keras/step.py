"""A fine-tuning step as a Keras user writes it: `step.py NETWORK SIDE CUT TRAINED CLASSES BATCH`.

Trains the layers whose names begin with one of TRAINED, separated by commas, and a head, from the features at CUT: one batch for each line of
standard input. BatchNormalization stays frozen. Prints the seconds of each step as JSON.
"""

import json
import sys
import time

import keras
import numpy as np
from keras import layers

network, side, cut, trained = sys.argv[1], int(sys.argv[2]), sys.argv[3], tuple(sys.argv[4].split(","))
classes, batch = int(sys.argv[5]), int(sys.argv[6])
build = {"vgg16": keras.applications.VGG16, "mobilenet_v2": keras.applications.MobileNetV2}[network]

base = build(weights=None, include_top=False, input_shape=(side, side, 3))
features = base.get_layer(cut).output
tail = keras.Model(features, base.output)
for layer in tail.layers:
    layer.trainable = layer.name.startswith(trained) and not isinstance(layer, layers.BatchNormalization)
model = keras.Sequential([tail, layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(classes, activation="softmax")])
model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="categorical_crossentropy")

random = np.random.default_rng(0)
inputs = random.random((batch, *features.shape[1:]), dtype="float32")
targets = keras.utils.to_categorical(np.arange(batch) % classes, classes)

for _ in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    model.train_on_batch(inputs, targets)
    print(json.dumps({"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}), flush=True)
