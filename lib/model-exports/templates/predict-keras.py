# pip install keras jax pillow; KERAS_BACKEND=jax python predict.py photo.jpg
import json
import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageOps

folder = Path(__file__).parent
card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
model = keras.saving.load_model(folder / "model.keras")


def predict(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip instead of scale.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    pixels = np.asarray(image, dtype="float32")[None]
    # Without antialiasing, as Graft resizes.
    pixels = keras.ops.image.resize(
        pixels,
        model.input_shape[1:3],
        interpolation="bilinear",
        antialias=False,
        crop_to_aspect_ratio=card["input"].get("cropToAspectRatio", False),
        data_format="channels_last",
    )
    pairs = sorted(zip(card["labels"], model.predict(pixels, verbose=0)[0].tolist()), key=lambda pair: -pair[1])
    return {"labels": [{"label": label, "probability": p} for label, p in pairs]}


for path in sys.argv[1:]:
    print(json.dumps({"image": path, **predict(path)}))
