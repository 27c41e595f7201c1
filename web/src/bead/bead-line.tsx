// Another bead, named in a drawer: id, title, status.
import { Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { BeadPill } from '../parts/pieces.tsx';

export const BeadLine = (props: { readonly beadId: string; readonly note?: string | undefined }) => {
  const { townId } = useTown();
  const read = useRead('getBead', () => ({ params: { townId, beadId: props.beadId } }));
  return (
    <DrawerLink kind="bead" to={props.beadId} class="list-row" style={{ padding: '8px 12px' }}>
      <span class="id">{props.beadId}</span>
      <span class="grow ellipsis small">{read.data()?.bead.title ?? '…'}</span>
      <Show when={props.note}>
        <span class="muted tiny">{props.note}</span>
      </Show>
      <Show when={read.data()}>{(known) => <BeadPill bead={known().bead} />}</Show>
    </DrawerLink>
  );
};
