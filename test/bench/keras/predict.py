"""Predicts with an export for Keras: `predict.py MODEL PIXELS HEIGHT WIDTH`.

PIXELS is a file of float32 [images, HEIGHT, WIDTH, 3], RGB 0 to 255. Prints the probabilities as JSON, [images, labels].
"""

import json
import sys

import keras
import numpy as np

path, pixels, height, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
images = np.fromfile(pixels, dtype="<f4").reshape(-1, height, width, 3)
model = keras.saving.load_model(path)
print(json.dumps(model.predict(images, batch_size=8, verbose=0).tolist()))
