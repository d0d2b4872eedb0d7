# pip install onnxruntime pillow numpy; python predict.py photo.jpg
import json
import os
import platform
import sys
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime would send telemetry to Microsoft.

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

folder = Path(__file__).parent
card = json.loads((folder / "card.json").read_text(encoding="utf-8"))


def session_options():
    """As Graft: on x86 without VNNI, sums of int8 products could overflow otherwise."""
    options = onnxruntime.SessionOptions()
    processor = Path("/proc/cpuinfo")
    has_vnni = processor.exists() and "_vnni" in processor.read_text()  # avx512_vnni, avx_vnni
    if platform.machine() in ("x86_64", "AMD64") and not has_vnni:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


session = onnxruntime.InferenceSession(folder / "model.onnx", session_options())


def axis(old, new):
    """Positions before and after, and the weight of the second: half-pixel centres, in float32."""
    scale = np.float32(old / new)
    centre = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    before = np.maximum(np.floor(centre), 0).astype(int)
    after = np.minimum(np.ceil(centre), old - 1).astype(int)
    return before, after, centre - np.floor(centre)


def crop_to_aspect_ratio(image, height, width):
    """The largest part in the middle with the aspect ratio of the input, as Keras's argument of this name."""
    rows, columns = image.shape[:2]
    crop_rows = min(rows, max(1, columns * height // width))
    crop_columns = min(columns, max(1, rows * width // height))
    top, left = (rows - crop_rows) // 2, (columns - crop_columns) // 2
    return image[top : top + crop_rows, left : left + crop_columns]


def resize_bilinear(image, height, width):
    """As Graft and tf.image.resize: no antialiasing. uint8 [h, w, 3] -> float32 [height, width, 3]."""
    image = image.astype(np.float32)
    left, right, across = axis(image.shape[1], width)
    image = image[:, left] + (image[:, right] - image[:, left]) * across[:, None]
    above, below, down = axis(image.shape[0], height)
    return image[above] + (image[below] - image[above]) * down[:, None, None]


def predict(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip instead of scale.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    size = card["input"]["height"], card["input"]["width"]
    pixels = np.asarray(image.convert("RGB"))
    if card["input"].get("cropToAspectRatio"):
        pixels = crop_to_aspect_ratio(pixels, *size)
    pixels = resize_bilinear(pixels, *size)
    output, *novelty = session.run(None, {session.get_inputs()[0].name: pixels[None]})
    pairs = sorted(zip(card["labels"], output[0].tolist()), key=lambda pair: -pair[1])
    known = {"known": bool(novelty[0][0] <= card["novelty"]["threshold"])} if novelty else {}
    return {"labels": [{"label": label, "probability": p} for label, p in pairs], **known}


for path in sys.argv[1:]:
    print(json.dumps({"image": path, **predict(path)}))
