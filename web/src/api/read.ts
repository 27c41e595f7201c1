// Reads of the control plane as reactive values: one query per route and input, kept fresh by the live connection.
import { QueryClient, QueryObserver, useQueryClient } from '@tanstack/solid-query';
import type { QueryObserverOptions } from '@tanstack/solid-query';
import { createComputed, createSignal, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import type { RouteId, RouteResponse } from '../../../functions/contracts/routes.ts';
import { call } from './client.ts';
import type { CallInput } from './client.ts';
import { ApiError, UnexpectedAnswer } from './errors.ts';

/** Keys start with the route id, so that a topic can invalidate a route as a whole. */
export const keyOf = <I extends RouteId>(routeId: I, input: CallInput<I>): readonly unknown[] => [
  routeId,
  input.params ?? {},
  input.query ?? {},
];

/** Answers are kept until a hint or a reconnect says otherwise; only a missing answer is tried again. */
export const createClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        networkMode: 'always',
        retry: (failures, error) =>
          !(error instanceof ApiError && error.problem.status < 500) && !(error instanceof UnexpectedAnswer) && failures < 4,
        retryDelay: (attempt) => Math.min(400 * 2 ** attempt, 5000),
      },
    },
  });

export interface Read<T> {
  /** The newest answer; undefined until there is one. An answer stays while a newer one is fetched or fails. */
  readonly data: Accessor<T | undefined>;
  /** Why there is no answer at all. */
  readonly error: Accessor<Error | undefined>;
  /** No answer yet, and one is on its way. */
  readonly isLoading: Accessor<boolean>;
  readonly refetch: () => void;
}

type Options<T> = Pick<QueryObserverOptions<T>, 'queryKey' | 'queryFn' | 'enabled' | 'refetchInterval'>;

/**
 * Observes one query. Unlike `useQuery` it never suspends: a drawer or list that loads must not blank what is around it.
 */
export const useObserved = <T>(options: () => Options<T>): Read<T> => {
  const observer = new QueryObserver<T>(useQueryClient(), options());
  const [result, setResult] = createSignal(observer.getCurrentResult());
  const unsubscribe = observer.subscribe((next) => setResult(() => next));
  createComputed(() => {
    observer.setOptions(options());
    setResult(() => observer.getCurrentResult());
  });
  onCleanup(unsubscribe);
  return {
    data: () => result().data,
    error: () => (result().data === undefined ? (result().error ?? undefined) : undefined),
    isLoading: () => result().data === undefined && result().isFetching,
    refetch: () => {
      void observer.refetch();
    },
  };
};

/** Reads a route. `input` answers undefined while there is nothing to ask for. */
export const useRead = <I extends RouteId>(
  routeId: I,
  input: () => CallInput<I> | undefined,
  more?: { readonly refetchMs?: (data: RouteResponse<I> | undefined) => number | false },
): Read<RouteResponse<I>> =>
  useObserved<RouteResponse<I>>(() => {
    const given = input();
    const refetchMs = more?.refetchMs;
    return {
      queryKey: given === undefined ? [routeId, 'nothing'] : keyOf(routeId, given),
      queryFn: ({ signal }) => {
        if (given === undefined) throw new Error('nothing to read');
        return call(routeId, given, { signal });
      },
      enabled: given !== undefined,
      ...(refetchMs === undefined ? {} : { refetchInterval: (query) => refetchMs(query.state.data) }),
    };
  });
