/** Outlines on a grid of 24, drawn for this page. */
const PATHS = {
  datasets: 'M4 7.5 12 4l8 3.5-8 3.5-8-3.5Zm0 4.5 8 3.5 8-3.5M4 16.5 12 20l8-3.5',
  jobs: 'M4 13h4l2.5-7 4 12 2.5-5h3',
  models: 'm12 3 8 4.5v9L12 21l-8-4.5v-9L12 3Zm0 9 8-4.5M12 12v9m0-9L4 7.5',
  try: 'M4 8V5h3m10 0h3v3M4 16v3h3m10 0h3v-3M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  upload: 'M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 19h14',
  download: 'M12 5v11m0 0 4.5-4.5M12 16l-4.5-4.5M5 19h14',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2m9-9h-2M5 12H3m15.4-6.4L17 7M7 17l-1.4 1.4m12.8 0L17 17M7 7 5.6 5.6',
  signOut: 'M14 5H5v14h9M10 12h10m0 0-3.5-3.5M20 12l-3.5 3.5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  copy: 'M9 9V5h10v10h-4M5 9h10v10H5V9Z',
  cross: 'M6 6l12 12M18 6 6 18',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  chevron: 'm9 6 6 6-6 6',
  back: 'm15 6-6 6 6 6',
  alert: 'M12 8.5v4.5m0 3h.01M12 4 3 19.5h18L12 4Z',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4V8Zm8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  like: 'M4 4h7v7H4V4Zm9 9h7v7h-7v-7Zm0-9h7v7h-7V4ZM7.5 13v4.5H12m-2-2 2 2-2 2',
  leaf: 'M12 21V10m0 5c0-4.5 2.2-7 7-7 0 4.5-2.2 7-7 7Zm0-3.5c0-4-2-6-6.5-6 0 4 2 6 6.5 6Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
