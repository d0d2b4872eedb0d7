"""The tutorial's frozen job as a Keras user writes it: `tutorial.py FOLDER fit|cached EPOCHS` prints seconds and versions as JSON.

`fit` trains a head behind a trunk that does not train; `cached` predicts the trunk's features once and trains the head on them.
"""

import json
import sys
import time

import keras
import numpy as np
import tensorflow as tf

folder, way, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
SIDE, BATCH = 64, 64
lap = time.perf_counter


def read():
    """Training and validation images, RGB 0..255, with one-hot labels."""
    parts = keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", image_size=(SIDE, SIDE), batch_size=BATCH, validation_split=0.2, subset="both", seed=0
    )
    arrays = [[np.concatenate(side) for side in zip(*part.as_numpy_iterator())] for part in parts]
    preprocess = keras.applications.vgg16.preprocess_input
    return [(preprocess(images), labels) for images, labels in arrays]


def head():
    layers = keras.layers
    return [layers.Flatten(), layers.Dense(1024, activation="relu"), layers.Dropout(0.5), layers.Dense(10, activation="softmax")]


def train(model, train_set, validation_set):
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(*train_set, epochs=epochs, batch_size=BATCH, validation_data=validation_set, verbose=0)


start = lap()
train_set, validation_set = read()
seconds = {"read": lap() - start}
base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3))
base.trainable = False
start = lap()
if way == "fit":
    train(keras.Sequential([base, *head()]), train_set, validation_set)
    seconds["fit"] = lap() - start
else:
    features = [(base.predict(images, batch_size=BATCH, verbose=0), labels) for images, labels in (train_set, validation_set)]
    seconds["features"] = lap() - start
    start = lap()
    train(keras.Sequential(head()), *features)
    seconds["head"] = lap() - start
print(json.dumps({"seconds": seconds, "versions": {"keras": keras.__version__, "tensorflow": tf.__version__}}))
