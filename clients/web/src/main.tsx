import { render } from 'preact';
import { App } from './app.tsx';
import './style.css';

/** The URL of the socket, from the server of the page. */
async function socketUrl(): Promise<string> {
  const response = await fetch('./config.json', { cache: 'no-cache' });
  const { url } = (await response.json()) as { url: string };
  return url;
}

const root = document.getElementById('app') as HTMLElement;
socketUrl().then(
  (url) => render(<App url={url} />, root),
  () => render(<p class="fatal">The service cannot be reached. Reload to try again.</p>, root),
);
