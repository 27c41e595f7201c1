// The way in: a one-time link on one machine, the hosted sign-in pages at a deployment on AWS.
import { useNavigate, useSearchParams } from '@solidjs/router';
import { Match, Show, Switch, createSignal, onMount } from 'solid-js';
import type { CognitoSignIn, SiteConfig } from '../../../functions/contracts/site-config.schema.ts';
import { session } from '../api/session.ts';
import { FrontCard } from '../parts/front-card.tsx';
import { ErrorNote } from '../parts/pieces.tsx';
import { safeNext } from '../sign-in/attempt.ts';
import { HostedSignIn } from '../sign-in/hosted-sign-in.tsx';
import { LinkSignIn, LocalHint } from '../sign-in/local-sign-in.tsx';
import { readSignIn } from '../sign-in/site-config.ts';

const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

const Ways = (props: { readonly next: string }) => {
  const [way, setWay] = createSignal<SiteConfig['signIn']>();
  const [error, setError] = createSignal<unknown>();
  const look = async (): Promise<void> => {
    setError(undefined);
    try {
      setWay(await readSignIn());
    } catch (thrown) {
      setError(() => thrown);
    }
  };
  onMount(() => {
    void look();
  });
  const hosted = (): CognitoSignIn | undefined => {
    const found = way();
    return found?.kind === 'cognito' ? found : undefined;
  };
  return (
    <>
      <h1>Sign in to Gastown</h1>
      <ErrorNote
        error={error()}
        onRetry={() => {
          void look();
        }}
      />
      <Switch>
        <Match when={hosted()}>{(client) => <HostedSignIn client={client()} next={props.next} />}</Match>
        <Match when={way()?.kind === 'local'}>
          <LocalHint />
        </Match>
      </Switch>
    </>
  );
};

export const SignInPage = () => {
  const [search] = useSearchParams<{ code?: string; next?: string }>();
  const navigate = useNavigate();
  const code = one(search.code);
  const next = safeNext(one(search.next));
  onMount(() => {
    document.title = 'Sign in · Gastown';
    if (code === undefined && session() !== undefined) navigate(next, { replace: true });
  });
  return (
    <FrontCard>
      <Show when={code} fallback={<Ways next={next} />}>
        {(given) => <LinkSignIn code={given()} next={next} />}
      </Show>
    </FrontCard>
  );
};
