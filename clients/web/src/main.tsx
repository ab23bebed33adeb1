import { render } from 'preact';
import { App } from './app.tsx';
import { fitKeyboard } from './fit-keyboard.ts';
import type { Service } from './service.ts';
import { TokenApp } from './token-app.tsx';
import './style.css';

/** The configuration from the server of the page. */
interface Config extends Service {
  /** Where the socket is. */
  url: string;
  /** The claim of its tokens that names the user; absent, `sub`. */
  claim?: string;
  /** Origins that may show the page in a frame and hand it tokens. */
  hosts?: string[];
}

async function readConfig(): Promise<Config> {
  const response = await fetch('./config.json', { cache: 'no-cache' });
  return (await response.json()) as Config;
}

fitKeyboard(document.documentElement, window);
const root = document.getElementById('app') as HTMLElement;
readConfig().then(
  ({ url, claim = 'sub', hosts = [], ...service }) =>
    render(
      service.provider ? (
        <TokenApp url={url} claim={claim} hosts={hosts} service={service} />
      ) : (
        <App url={url} service={service} />
      ),
      root,
    ),
  () => render(<p class="fatal">The service cannot be reached. Reload to try again.</p>, root),
);
