import { browserStore } from '../../sdk/browser-store.ts';

/** What the page keeps in the browser, or in memory where that keeps nothing: so there is one. Its parts are services'. */
export const store = browserStore();
