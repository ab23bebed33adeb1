import { browserStore } from '../../sdk/browser-store.ts';

/** What the page keeps in the browser, or in memory where that keeps nothing: so there is one. */
export const store = browserStore();
