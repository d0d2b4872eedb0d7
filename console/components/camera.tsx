import { useEffect, useRef, useState } from 'preact/hooks';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';
import { Problem } from './problem.tsx';

/** A button that starts the camera, and one that takes a picture. A browser without a camera has neither. */
export function Camera({ onPicture }: { readonly onPicture: (picture: Blob) => void }) {
  const [stream, setStream] = useState<MediaStream>();
  const [failure, setFailure] = useState<unknown>();
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    if (stream === undefined) return;
    const { current } = video;
    if (current !== null) {
      current.srcObject = stream;
      void current.play();
    }
    return () => {
      for (const track of stream.getTracks()) track.stop();
    };
  }, [stream]);

  if (globalThis.navigator.mediaDevices === undefined) return null;

  async function start(): Promise<void> {
    setFailure(undefined);
    try {
      setStream(await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }));
    } catch {
      setFailure(new PageError(text.camera.failed, text.camera.failedFix));
    }
  }

  function capture(): void {
    const { current } = video;
    if (current === null || current.videoWidth === 0) return;
    const canvas = Object.assign(document.createElement('canvas'), { width: current.videoWidth, height: current.videoHeight });
    canvas.getContext('2d')?.drawImage(current, 0, 0);
    canvas.toBlob((picture) => picture !== null && onPicture(picture), 'image/jpeg', 0.92);
  }

  return (
    <>
      <button type="button" class="button" onClick={() => (stream === undefined ? start() : setStream(undefined))}>
        <Icon name="camera" size={16} />
        {stream === undefined ? text.camera.start : text.camera.stop}
      </button>
      {stream !== undefined && (
        <>
          <button type="button" class="button primary" onClick={capture}>
            {text.camera.take}
          </button>
          <video ref={video} class="camera" muted playsInline />
        </>
      )}
      {failure !== undefined && <Problem error={failure} />}
    </>
  );
}
