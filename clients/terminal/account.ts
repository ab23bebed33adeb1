import { lossOf, unsentIn } from '../view/unsent.ts';
import { type Host, Refusal } from './host.ts';

/** Sets a new password, which is asked for twice. */
export async function newPassword(host: Host): Promise<void> {
  const answers = await host.askSecrets([
    'Your password now (just Enter if you have none): ',
    'The new password: ',
    'Once more: ',
  ]);
  if (!answers) throw new Refusal('Your password stays as it is.');
  const [old = '', fresh = '', again = ''] = answers;
  if (fresh === '') throw new Refusal('A password has at least one character. Yours stays as it is.');
  if (fresh !== again) throw new Refusal('These are not the same. Your password stays as it is.');
  await host.chat.request({
    type: 'change_password',
    ...(old !== '' && { old_password: old }),
    new_password: fresh,
  });
  host.tell(['Your password is changed. Your other devices are logged out.']);
}

/** Deletes the account, after its name and password were asked for, and forgets what is kept here. */
export async function deleteAccount(host: Host): Promise<void> {
  const { chat } = host;
  const answers = await host.askSecrets([
    `This deletes your account and what you wrote, for good. Your name, if you mean it: `,
    'Your password (just Enter if you have none): ',
  ]);
  const [name, password = ''] = answers ?? [];
  if (name !== chat.username) throw new Refusal('Your account stays.');
  await chat.request({ type: 'delete_account', ...(password !== '' && { password }) });
  await chat.logout();
}

/** @param isAnyway whether it may lose what is not sent yet */
export async function logOut(host: Host, isAnyway: boolean, word?: string): Promise<void> {
  const { chat, isPatient } = host;
  if (word !== undefined && word !== 'everywhere') throw new Refusal('/logout, or /logout everywhere.');
  if (word !== undefined && chat.state !== 'online' && !isPatient)
    throw new Refusal('You are offline. /logout works now, and your other devices stay logged in.');
  const unsent = isAnyway ? 0 : await unsentIn(chat);
  if (unsent > 0)
    throw new Refusal(`${lossOf(unsent)} ${['/logout!', word].join(' ').trim()} does it anyway.`);
  if (word === undefined) return chat.logout();
  await chat.request({ type: 'logout', everywhere: true });
}
