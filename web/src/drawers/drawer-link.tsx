// A link that opens a drawer; it can be copied, and opened in another tab.
import { useLocation } from '@solidjs/router';
import { splitProps } from 'solid-js';
import type { JSX } from 'solid-js';
import { withDrawerOnTop } from './drawer-address.ts';
import type { DrawerKind } from './drawer-address.ts';

type Props = Omit<JSX.AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  readonly kind: DrawerKind;
  readonly to: string;
  readonly 'data-bead-id'?: string | undefined;
};

export const DrawerLink = (props: Props) => {
  const location = useLocation();
  const [own, rest] = splitProps(props, ['kind', 'to', 'children']);
  return (
    <a {...rest} href={`${location.pathname}${withDrawerOnTop(location.search, { kind: own.kind, id: own.to })}`} noScroll>
      {own.children}
    </a>
  );
};
