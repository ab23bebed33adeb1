#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fail, UsageError } from '../../cli/command.ts';

const NAME = 'npx parley-chat';

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  start: () => import('../../bin/start.ts'),
  chat: () => import('../../bin/chat.ts'),
  admin: () => import('../../bin/admin.ts'),
  load: () => import('../../bin/load.ts'),
  template: () => import('../../bin/template.ts'),
};

const HELP = `A chat service on this machine, and what goes with it.

  ${NAME} [PROGRAM] [options]

  start     runs the service with its web page; so does no program
  chat      a client for terminals and scripts
  admin     administers users and groups
  load      sends a load of messages, and measures and checks what arrives
  template  writes the service as a template of CloudFormation

  --version  print the version
  --help     print this; after a program, its options

Data is in the folder .chat, unless you say otherwise.`;

const [first = 'start'] = process.argv.slice(2);
if (['--help', '-h', 'help'].includes(first)) console.log(HELP);
else if (['--version', '-v'].includes(first)) {
  const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
  console.log(version);
} else if (first.startsWith('-')) await programs.start?.();
else if (Object.hasOwn(programs, first)) {
  // A program finds its own arguments where Node has them.
  process.argv.splice(2, 1);
  await programs[first]?.();
} else
  fail(
    { name: NAME },
    new UsageError(`There is no program ${first}, but ${Object.keys(programs).join(', ')}.`),
  );
