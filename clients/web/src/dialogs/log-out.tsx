import { lossOf } from '../../../view/unsent.ts';
import type { Model } from '../model.ts';
import { Confirm } from './confirm.tsx';

interface LogOutProps {
  model: Model;
  onDone(): void;
}

/** Asks whether to log out though something is not sent yet. */
export function LogOut({ model, onDone }: LogOutProps) {
  const { length } = model.chat.sendings;
  const out = () => void model.logout();
  return (
    <Confirm model={model} title="Log out?" verb="Log out" work={out} isLocal onDone={onDone} cancel="Stay">
      <p>{lossOf(length)}</p>
    </Confirm>
  );
}

/** Asks whether to end all sessions of the user. */
export function LogOutEverywhere({ model, onDone }: LogOutProps) {
  const verb = 'Log out everywhere';
  const end = () => model.chat.request({ type: 'logout', everywhere: true });
  return (
    <Confirm model={model} title={`${verb}?`} verb={verb} work={end} onDone={onDone}>
      <p>You are logged out on all your devices, here too. Messages that are not sent yet are lost here.</p>
    </Confirm>
  );
}
