export { browserStore } from '../sdk/browser-store.ts';
export type { Chat, ChatRef, EditableChat, Sending, State, Store } from '../sdk/chat.ts';
export { RequestError } from '../sdk/chat.ts';
export type { Invitation } from '../view/invitations.ts';
export type { Person } from '../view/people.ts';
export * from './hooks.ts';
export { ChatProvider, type ChatProviderProps, type ConnectOptions } from './provider.ts';
export type * from './types.ts';
export { type Scroll, useScroll } from './use-scroll.ts';
