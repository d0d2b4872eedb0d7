import { addCamera } from './camera.mjs';
import { openModel } from './model.mjs';

const MOST_LABELS = 5;
const UNKNOWN = 'Unknown: the image is unlike those that the model was trained on.';

const element = (id) => document.getElementById(id);
const card = JSON.parse(element('card').textContent);
const opening = openModel(card).catch((cause) => fail(`The model cannot be loaded: ${cause.message}`));
let newest = 0;

/** Shows an image and its most probable labels. A newer image replaces one that is still computed. */
async function show(file) {
  const number = ++newest;
  const showing = (text, items = []) => {
    if (number !== newest) return;
    element('status').textContent = text;
    element('labels').replaceChildren(...items);
  };
  showing('Computing…');
  try {
    const predict = await opening;
    const bitmap = await createImageBitmap(file).catch(() => fail('The browser cannot read this image.'));
    if (number !== newest) return;
    showImage(file);
    const { labels, known } = await predict(bitmap);
    const found = `Most probable: ${labels[0].label}, ${percent(labels[0].probability)}.`;
    showing(known ? found : `${UNKNOWN} ${found}`, labels.slice(0, MOST_LABELS).map(row));
  } catch (error) {
    showing(error.message);
  }
}

function showImage(file) {
  const image = element('image');
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  image.hidden = false;
}

/** Labels are text: the page never parses them as markup. */
function row({ label, probability, given }) {
  const name = document.createElement('span');
  name.textContent = given ? `${label} ✓` : label;
  const bar = Object.assign(document.createElement('meter'), { value: probability });
  bar.setAttribute('aria-label', label);
  const number = document.createElement('span');
  number.textContent = percent(probability);
  const item = document.createElement('li');
  item.dataset.probability = probability;
  item.append(name, bar, number);
  return item;
}

function percent(probability) {
  return `${(100 * probability).toFixed(1)}%`;
}

function fail(message) {
  throw new Error(message);
}

function say(text) {
  element('status').textContent = text;
}

/** Shows the first image of a paste or a drop. */
function showFirst({ files }) {
  const image = [...files].find(({ type }) => type.startsWith('image/'));
  if (image !== undefined) show(image);
  return image !== undefined;
}

element('file').addEventListener('change', ({ target: { files } }) => files.length > 0 && show(files[0]));
document.addEventListener('paste', ({ clipboardData }) => showFirst(clipboardData));
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  element('drop').classList.add('over');
});
document.addEventListener('dragleave', () => element('drop').classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  element('drop').classList.remove('over');
  if (!showFirst(event.dataTransfer)) say('This is not an image.');
});
addCamera({ video: element('video'), toggle: element('camera'), capture: element('capture') }, show, say);
opening.then(
  () => newest === 0 && say('Ready.'),
  (error) => say(error.message),
);
