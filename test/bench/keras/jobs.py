"""A job as a Keras user writes it: `jobs.py FOLDER tutorial|mobilenet fit|cached|unfrozen EPOCHS` prints seconds and versions as JSON.

`fit` trains a head behind a trunk that does not train; `cached` predicts the trunk's features once and trains the head on them; `unfrozen`
trains every layer.
"""

import sys

import keras
import numpy as np
from keras import layers
from stages import Stages

folder, job, way, epochs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
SIDE, BATCH, application, network, rate = {
    "tutorial": (64, 64, keras.applications.vgg16, keras.applications.VGG16, 1e-4),
    "mobilenet": (224, 32, keras.applications.mobilenet_v2, keras.applications.MobileNetV2, 1e-3),
}[job]


def read():
    """Training and validation images, RGB 0..255, with one-hot labels."""
    parts = keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", image_size=(SIDE, SIDE), batch_size=BATCH, validation_split=0.2, subset="both", seed=0
    )
    arrays = [[np.concatenate(side) for side in zip(*part.as_numpy_iterator())] for part in parts]
    return [(application.preprocess_input(images), labels) for images, labels in arrays]


def head(classes):
    if job == "mobilenet":
        return [layers.GlobalAveragePooling2D(), layers.Dense(classes, activation="softmax")]
    return [layers.Flatten(), layers.Dense(1024, activation="relu"), layers.Dropout(0.5), layers.Dense(classes, activation="softmax")]


def train(model, train_set, validation_set, ended):
    """Trains all epochs. `ended` is called after the first one, which compiles the model, and after the others."""
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"])
    data = {"batch_size": BATCH, "validation_data": validation_set, "verbose": 0}
    model.fit(*train_set, epochs=1, **data)
    ended("first")
    model.fit(*train_set, initial_epoch=1, epochs=epochs, **data)
    ended("others")


stages = Stages()
train_set, validation_set = read()
stages.end("read")
classes = train_set[1].shape[1]
base = network(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3))
base.trainable = way == "unfrozen"
stages.end("build")
if way == "cached":
    features = [(base.predict(images, batch_size=BATCH, verbose=0), labels) for images, labels in (train_set, validation_set)]
    stages.end("features")
    train(keras.Sequential(head(classes)), *features, stages.end)
else:
    train(keras.Sequential([base, *head(classes)]), train_set, validation_set, stages.end)
stages.print()
