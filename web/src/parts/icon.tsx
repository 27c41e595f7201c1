// The icons of the product, drawn with strokes on a 24 × 24 grid so that they take the text's colour.
const paths = {
  home: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4.5v-6h-5v6H5a1 1 0 0 1-1-1z',
  board: 'M4 5h4.5v14H4zM10 5h4.5v9H10zM16 5h4v6h-4z',
  convoy: 'M5 7h9M5 12h14M5 17h6M17.5 7h1.5M15 17h4',
  merge: 'M7 8v8M7 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17 14a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm-2 2c-4.5 0-8-3-8-8',
  agent: 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.400-6 7-6s6.400 2 7 6',
  repository: 'M6 4h12v16l-3-2-3 2-3-2-3 2zM9.500 8h5M9.500 11.500h5',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400zM9 19.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400z',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 20 20',
  note: 'M5 4h14v11l-5 5H5zM14 20v-5h5M8.500 8.500h7M8.500 12h4',
  close: 'm6 6 12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  alert:
    'M12 9v4.500M12 17v.01M10.500 4.500 3 18a1.600 1.600 0 0 0 1.500 2.500h15A1.600 1.600 0 0 0 21 18L13.500 4.500a1.700 1.700 0 0 0-3 0z',
  info: 'M12 11v5M12 8v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  clock: 'M12 7.500V12l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  send: 'M12 19V5M6 11l6-6 6 6',
  play: 'M8 5.500v13l10.500-6.500z',
  pause: 'M9 5v14M15 5v14',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700L12 7.200M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.700 5.700L12 16.800',
  chat: 'M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z',
  eye: 'M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600z',
  commit: 'M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 12h5.500M15.500 12H21',
  tool: 'M14.500 6.500a4 4 0 0 1 5-1.500L17 7.500l.5 2 2 .5 2-2.500a4 4 0 0 1-5.500 4.500l-7.500 7.500a1.800 1.800 0 0 1-2.500-2.500L13.500 9.500a4 4 0 0 1 1-3z',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13.500 6.500l4 4',
  trash: 'M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4',
  out: 'M14 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h8M11 12h9M17 9l3 3-3 3',
  high: 'm6 14 6-6 6 6',
  critical: 'm6 12 6-6 6 6M6 18l6-6 6 6',
  low: 'm6 10 6 6 6-6',
  down: 'm6 9.500 6 6 6-6',
  blocked: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.700 5.700l12.600 12.600',
  hook: 'M12 3v11a4 4 0 0 1-8 0v-1M12 3h.01M20 9h-8',
  town: 'M4 20V10l5-3v13M9 20V5l6-2v17M15 9l5 2v9M2.500 20h19',
} as const;
export type IconName = keyof typeof paths;

export const Icon = (props: { readonly name: IconName; readonly label?: string }) => (
  <svg
    class="icon"
    viewBox="0 0 24 24"
    role={props.label === undefined ? undefined : 'img'}
    aria-label={props.label}
    aria-hidden={props.label === undefined ? 'true' : undefined}
  >
    <path d={paths[props.name]} />
  </svg>
);
