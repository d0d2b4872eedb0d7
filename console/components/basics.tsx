import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../../lib/format.ts';
import type { List } from '../hooks/use-list.ts';
import { text } from '../strings.ts';
import { Icon, type IconName } from './icon.tsx';
import { Problem } from './problem.tsx';

export interface Crumb {
  readonly label: string;
  readonly link: string;
}

/** A page's heading, which is also the title of the tab, the way to it, and its actions. */
export function PageHead(props: {
  readonly title: string;
  readonly about?: ComponentChildren;
  readonly crumbs?: readonly Crumb[];
  readonly children?: ComponentChildren;
}) {
  const { title, about, crumbs = [], children } = props;
  useEffect(() => {
    document.title = text.tab(title);
  }, [title]);
  return (
    <header class="page-head">
      <div class="title">
        {crumbs.length > 0 && (
          <nav class="crumbs" aria-label={text.breadcrumbs}>
            {crumbs.map(({ label, link }) => (
              <>
                <a href={link}>{label}</a>
                <Icon name="chevron" size={12} />
              </>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
        {about !== undefined && <div class="muted">{about}</div>}
      </div>
      <div class="row">{children}</div>
    </header>
  );
}

/** What an empty list says: what belongs here, and how it comes here. */
export function Empty(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={props.icon} size={30} />
      <h2>{props.title}</h2>
      {props.children !== undefined && <p>{props.children}</p>}
      {props.action}
    </div>
  );
}

export function Panel(props: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Whether the content has its own padding, as lists and tables do. */
  readonly isFlush?: boolean;
}) {
  const { title, aside, children, isFlush = false } = props;
  return (
    <section class="panel" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        {aside}
      </div>
      {isFlush ? children : <div class="body">{children}</div>}
    </section>
  );
}

/** A bar of progress. @param share 0..1; undefined while it is unknown */
export function Bar({ share, label }: { readonly share: number | undefined; readonly label: string }) {
  const shown = Math.round(Math.min(Math.max(share ?? 0, 0), 1) * 100);
  return (
    <div class="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={shown}>
      <span style={{ width: `${shown}%` }} />
    </div>
  );
}

/** Takes the room of a list that is being loaded, so that nothing jumps. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <section class="panel" aria-busy="true" aria-label={text.loading}>
      <div class="body">
        {Array.from({ length: lines }, (_, index) => (
          <div key={index} class="skeleton line" />
        ))}
      </div>
    </section>
  );
}

export function Stats({ of }: { readonly of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="stats">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Loads the next page of a list. Without a next page (`list.more` undefined), it renders nothing. */
export function MoreButton({ list: { items = [], more, failure } }: { readonly list: List<unknown> }) {
  if (more === undefined) return null;
  return (
    <>
      {failure !== undefined && <Problem error={failure} />}
      <button type="button" class="button" onClick={more}>
        {text.more(count(items.length))}
      </button>
    </>
  );
}

/** An option of a `SelectField`. */
export interface Option<Value extends string> {
  readonly value: Value;
  readonly name: string;
  readonly isDisabled?: boolean;
}

/** A labelled list of options, with what it means below. @param props.children between both */
export function SelectField<Value extends string>(props: {
  readonly id: string;
  readonly label: string;
  readonly about: ComponentChildren;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly isDisabled?: boolean;
  readonly onChange: (value: Value) => void;
  readonly children?: ComponentChildren;
}) {
  const { id, label, about, value, options, isDisabled = false, onChange, children } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="select"
        aria-describedby={`${id}-about`}
        value={value}
        disabled={isDisabled}
        onChange={({ currentTarget }) => {
          const chosen = options.find((option) => option.value === currentTarget.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.isDisabled ?? false}>
            {option.name}
          </option>
        ))}
      </select>
      {children}
      <p id={`${id}-about`} class="muted small">
        {about}
      </p>
    </div>
  );
}

/** The same button below the rows of a panel. */
export function MoreRows({ list }: { readonly list: List<unknown> }) {
  if (list.more === undefined) return null;
  return (
    <div class="more-rows">
      <MoreButton list={list} />
    </div>
  );
}

/** A row of the list of classes: its label, and a bar as long as its share of the largest class. */
export function ClassRow(props: {
  readonly label: string;
  readonly images: number;
  readonly most: number;
  readonly title?: string | undefined;
}) {
  const { label, images, most, title = label } = props;
  return (
    <li>
      <span class="label" title={title}>
        {label}
      </span>
      <span class="bar">
        <span style={{ width: `${(images / most) * 100}%` }} />
      </span>
      <span class="number muted">{count(images)}</span>
    </li>
  );
}

/** A text input with its label. */
export function TextField(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Stands below the input, and describes it. */
  readonly about?: string;
  /** Further attributes of the input; they change neither its value nor its label. */
  readonly attributes?: JSX.IntrinsicElements['input'];
}) {
  const { id, label, value, onInput, about, attributes } = props;
  const aboutId = about === undefined ? undefined : `${id}-about`;
  const isInvalid = attributes?.['aria-invalid'] === true;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        class="input"
        {...attributes}
        id={id}
        value={value}
        aria-describedby={aboutId}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {about !== undefined && (
        <span id={aboutId} class={isInvalid ? 'down small' : 'muted small'}>
          {about}
        </span>
      )}
    </div>
  );
}

/** The field of a name, with its rule. */
export function NameField(props: {
  readonly id: string;
  readonly label: string;
  readonly rule: string;
  /** Instead of the rule while the name keeps to it. */
  readonly about?: string;
  readonly value: string;
  readonly isValid: boolean;
  readonly onInput: (value: string) => void;
}) {
  const { rule, about = rule, isValid, ...field } = props;
  return <TextField {...field} about={isValid ? about : rule} attributes={{ 'aria-invalid': !isValid }} />;
}
