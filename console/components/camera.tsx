import { useEffect, useRef, useState } from 'preact/hooks';
import { useGone } from '../hooks/use-gone.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';
import { Problem } from './problem.tsx';

/** A button that starts the camera, and one that takes a picture. */
export function Camera({ onPicture }: { readonly onPicture: (picture: Blob) => void }) {
  const [stream, setStream] = useState<MediaStream>();
  const [failure, setFailure] = useState<unknown>();
  const [isStarting, setStarting] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const isGone = useGone();

  useEffect(() => {
    if (stream === undefined) return;
    let isCurrent = true;
    const { current } = video;
    if (current !== null) {
      current.srcObject = stream;
      current.play().catch(() => isCurrent && setFailure(unusable()));
    }
    return () => {
      isCurrent = false;
      stop(stream);
    };
  }, [stream]);

  if (globalThis.navigator.mediaDevices === undefined) return <p class="muted small">{text.camera.none}</p>;

  async function start(): Promise<void> {
    setFailure(undefined);
    setStarting(true);
    try {
      const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      // The page may have been left while the browser asked for permission.
      if (isGone.current) stop(opened);
      else setStream(opened);
    } catch {
      setFailure(unusable());
    } finally {
      setStarting(false);
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
      <button
        type="button"
        class="button"
        disabled={isStarting}
        onClick={() => (stream === undefined ? start() : setStream(undefined))}
      >
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

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function unusable(): PageError {
  return new PageError(text.camera.failed, text.camera.failedFix);
}
