import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { text } from '../strings.ts';
import { Icon, type IconName } from './icon.tsx';

/** An area to drop files on, with buttons for those who choose them with a dialog. */
export function DropZone(props: {
  readonly icon: IconName;
  readonly lead: string;
  readonly about: string;
  readonly accept: string;
  /** Whether to offer choosing a folder. */
  readonly takesFolder?: boolean;
  readonly isMultiple?: boolean;
  readonly onDrop: (transfer: DataTransfer) => void;
  readonly onChoose: (files: readonly File[]) => void;
  /** Stands above, and takes files, too. */
  readonly above?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  const { icon, lead, about, accept, takesFolder = false, isMultiple = true, onDrop, onChoose, above, children } = props;
  const [isOver, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chosen = (input: HTMLInputElement) => {
    if (input.files !== null && input.files.length > 0) onChoose([...input.files]);
    // Choosing the same file again is a change, too.
    input.value = '';
  };
  return (
    <section
      class={isOver ? 'column over' : 'column'}
      aria-label={lead}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        // Not from one of its parts to another.
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer !== null) onDrop(event.dataTransfer);
      }}
    >
      {above}
      <div class="drop">
        <Icon name={icon} size={26} />
        <p class="lead">{lead}</p>
        <p class="muted">{about}</p>
        <div class="row">
          {takesFolder && (
            <button type="button" class="button" onClick={() => folder.current?.click()}>
              {text.drop.folder}
            </button>
          )}
          <button type="button" class="button" onClick={() => files.current?.click()}>
            {isMultiple ? text.drop.files : text.drop.file}
          </button>
          {children}
        </div>
        <input
          ref={files}
          type="file"
          hidden
          multiple={isMultiple}
          accept={accept}
          data-pick="files"
          onChange={(event) => chosen(event.currentTarget)}
        />
        {takesFolder && (
          <input
            ref={folder}
            type="file"
            hidden
            multiple
            {...{ webkitdirectory: true }}
            data-pick="folder"
            onChange={(event) => chosen(event.currentTarget)}
          />
        )}
      </div>
    </section>
  );
}
