// Addresses of the dashboard. Pages beyond the overview are lazy chunks.
import { Navigate, Route, Router, useLocation } from '@solidjs/router';
import { QueryClientProvider } from '@tanstack/solid-query';
import { ErrorBoundary, Show, Suspense, createEffect, lazy } from 'solid-js';
import type { ParentProps } from 'solid-js';
import { signInPaths } from '../../functions/contracts/site-config.schema.ts';
import { createClient } from './api/read.ts';
import { renewal } from './api/renewal.ts';
import { session } from './api/session.ts';
import { Bones } from './parts/pieces.tsx';
import { OverviewPage } from './pages/overview-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { SignedInPage } from './pages/signed-in-page.tsx';
import { TownsPage } from './pages/towns-page.tsx';
import { ProblemPage } from './pages/problem-page.tsx';
import { Toasts } from './shell/toasts.tsx';
import { TownLayout } from './shell/town-layout.tsx';

const BoardPage = lazy(() => import('./pages/board-page.tsx').then((module) => ({ default: module.BoardPage })));
const ConvoysPage = lazy(() => import('./pages/convoys-page.tsx').then((module) => ({ default: module.ConvoysPage })));
const MergesPage = lazy(() => import('./pages/merges-page.tsx').then((module) => ({ default: module.MergesPage })));
const AgentsPage = lazy(() => import('./pages/agents-page.tsx').then((module) => ({ default: module.AgentsPage })));
const RepositoriesPage = lazy(() => import('./pages/repositories-page.tsx').then((module) => ({ default: module.RepositoriesPage })));
const SearchPage = lazy(() => import('./pages/search-page.tsx').then((module) => ({ default: module.SearchPage })));
const SettingsPage = lazy(() => import('./pages/settings-page.tsx').then((module) => ({ default: module.SettingsPage })));
const AllSettingsPage = lazy(() => import('./pages/all-settings-page.tsx').then((module) => ({ default: module.AllSettingsPage })));

/** Shows a page to those who are signed in; others sign in first and come back. */
const SignedIn = (props: ParentProps) => {
  const location = useLocation();
  return (
    <Show when={session()} fallback={<Navigate href={`/sign-in?next=${encodeURIComponent(`${location.pathname}${location.search}`)}`} />}>
      {props.children}
    </Show>
  );
};

const Root = (props: ParentProps) => (
  <ErrorBoundary fallback={(error: unknown) => <ProblemPage error={error} />}>
    <Suspense fallback={<Bones lines={4} />}>{props.children}</Suspense>
    <Toasts />
  </ErrorBoundary>
);

// Made once: an expression in the attribute would make a new one at each look.
const client = createClient();

export const App = () => {
  createEffect(() => renewal.follow(session()));
  return (
    <QueryClientProvider client={client}>
      <Router root={Root} preload={false}>
        <Route path="/sign-in" component={SignInPage} />
        <Route path={signInPaths.signedIn} component={SignedInPage} />
        <Route component={SignedIn}>
          <Route path="/" component={TownsPage} />
          <Route path="/towns/:townId" component={TownLayout}>
            <Route path="/" component={OverviewPage} />
            <Route path="/board" component={BoardPage} />
            <Route path="/convoys" component={ConvoysPage} />
            <Route path="/merges" component={MergesPage} />
            <Route path="/agents" component={AgentsPage} />
            <Route path="/repositories" component={RepositoriesPage} />
            <Route path="/search" component={SearchPage} />
            <Route path="/settings" component={SettingsPage} />
            <Route path="/settings/all" component={AllSettingsPage} />
          </Route>
        </Route>
        <Route path="*" component={() => <ProblemPage />} />
      </Router>
    </QueryClientProvider>
  );
};
