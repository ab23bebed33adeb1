import { createElement, type ReactNode, useEffect, useState } from 'react';
import { connect, type EditableChat, type Options, type Store } from '../sdk/chat.ts';
import { changes } from '../sdk/editing.ts';
import { ModelContext } from './context.ts';
import { Model } from './model.ts';

/** How the provider connects. Another url, user or password connects anew; all else is used as it was at the beginning. */
export interface ConnectOptions extends Omit<Options, 'changes' | 'store'> {
  /** As of the SDK, or what makes it; `browserStore` keeps what is not sent over a reload. */
  store?: Store | (() => Store) | undefined;
}

export type ChatProviderProps = { children?: ReactNode } & (
  | ({ client?: never } & ConnectOptions)
  /** A client of the SDK, with `changes`. The app closes it. */
  | { client: EditableChat }
);

/** Connects for the hooks below it while it is mounted. */
export function ChatProvider({ children, ...props }: ChatProviderProps): ReactNode {
  const key = 'client' in props && props.client ? props.client : keyOf(props as ConnectOptions);
  const [held, setHeld] = useState(() => ({ key, ...modelOf(props) }));
  let current = held;
  if (held.key !== key || held.model.isOver) {
    // Another user: nothing of the one before is shown, not even once.
    current = { key, ...modelOf(props) };
    setHeld(current);
  }
  const { model, latest } = current;
  useEffect(() => {
    // May be another function at each render.
    latest.getToken = (props as ConnectOptions).getToken;
  });
  useEffect(() => {
    // It was hidden for a while (`Activity`).
    if (model.isOver) return setHeld((last) => ({ ...last }));
    return model.hold();
  }, [model]);
  return createElement(ModelContext.Provider, { value: model }, children);
}

const keyOf = ({ url, username, password, sessionToken, getToken }: ConnectOptions): string =>
  JSON.stringify([url, username, password, sessionToken, getToken !== undefined]);

function modelOf(props: Omit<ChatProviderProps, 'children'>): {
  model: Model;
  latest: Pick<Options, 'getToken'>;
} {
  const { client, ...options } = props as ConnectOptions & { client?: EditableChat };
  if (client) {
    const userIdOf = (name: string) => client.userIdOf(name);
    return { model: new Model({ open: () => client, isOwner: false, userIdOf }), latest: {} };
  }
  const latest = { getToken: options.getToken };
  const hasProvider = options.getToken !== undefined;
  const open = () => {
    const store = typeof options.store === 'function' ? options.store() : options.store;
    const getToken: Options['getToken'] = (refused) => latest.getToken?.(refused) ?? '';
    return connect({ ...options, store, changes, ...(hasProvider && { getToken }) });
  };
  const userIdOf = (name: string) => (hasProvider ? name : name.replace(/^#/, '').toLowerCase());
  return { model: new Model({ open, isOwner: true, userIdOf }), latest };
}
