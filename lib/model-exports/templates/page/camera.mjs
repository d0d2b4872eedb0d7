/** Lets a user take pictures: one button starts and stops the camera, another one takes a picture. */
export function addCamera({ video, toggle, capture }, onPicture, onFailure) {
  toggle.addEventListener('click', async () => {
    if (video.srcObject !== null) return stop();
    // Browsers hide their cameras from pages that others could change on the way.
    if (navigator.mediaDevices === undefined)
      return onFailure('The camera needs a page from https, or from this machine. Choose, drop or paste an image instead.');
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      await video.play();
    } catch (error) {
      return onFailure(`The camera cannot be used: ${error.message}`);
    }
    switchTo({ on: true });
  });

  capture.addEventListener('click', () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d').drawImage(video, 0, 0);
    canvas.toBlob((picture) => picture !== null && onPicture(picture));
  });

  function stop() {
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
    switchTo({ on: false });
  }

  function switchTo({ on }) {
    toggle.textContent = on ? 'Stop the camera' : 'Use the camera';
    video.hidden = !on;
    capture.hidden = !on;
  }
}
