import { posix } from 'node:path';

/** What the files of a folder may import, besides each other. */
interface Layer {
  /** Folders and files of ours; a layer below, or one of its files. `chat/**` is `chat` and all layers in it. */
  ours: readonly string[];
  /** The same, types alone: they cost a bundle nothing. */
  types?: readonly string[];
  /** Packages, `node` for Node's own. Absent, any. */
  packages?: readonly string[];
}

const WIRE = 'protocol/index.ts';
const AWS = ['@aws-sdk/*', '@smithy/*'];

/**
 * All layers, lowest first: the product's know only what stands above them here. A file belongs to the layer with the
 * longest name that it is in.
 */
export const layers: Readonly<Record<string, Layer>> = {
  // Bundled into every function, so of zod the small one.
  protocol: { ours: [], packages: ['zod/mini'] },
  // Time, randomness and AWS come in as arguments (chat/ports.ts).
  chat: { ours: [WIRE], packages: [] },
  'chat/rate-limits': { ours: [WIRE, 'chat'], packages: [] },
  'chat/history': { ours: [WIRE, 'chat'], packages: [] },
  'chat/delivery': { ours: [WIRE, 'chat', 'chat/history'], packages: [] },
  'chat/sync': { ours: [WIRE, 'chat', 'chat/history', 'chat/delivery'], packages: [] },
  'chat/groups': { ours: [WIRE, 'chat', 'chat/delivery'], packages: [] },
  'chat/messages': {
    ours: [WIRE, 'chat', 'chat/history', 'chat/delivery', 'chat/groups/reserve-name.ts'],
    packages: [],
  },
  'chat/accounts': {
    ours: [WIRE, 'chat', 'chat/rate-limits', 'chat/delivery', 'chat/sync', 'chat/groups'],
    packages: [],
  },
  store: { ours: [WIRE, 'chat'], packages: ['@aws-sdk/*'] },
  lambdas: {
    ours: [WIRE, 'chat/**', 'store'],
    packages: ['node', ...AWS, '@aws-lambda-powertools/*', 'aws-jwt-verify', 'aws-lambda'],
  },
  // Makes the stack of the rows, and each one's bundle.
  lib: {
    ours: [WIRE, 'lambdas/routes.ts', 'lambdas/runtime/route.ts', 'lambdas/runtime/grants.ts'],
    types: ['lambdas/runtime/metric-names.ts'],
    packages: ['node', 'aws-cdk-lib', 'constructs', 'esbuild', ...AWS],
  },
  cli: { ours: [], packages: ['node'] },
  // Knows CloudFormation and API Gateway, and nothing of chat.
  local: { ours: ['cli/called.ts', 'cli/process-group.ts'] },
  // Its types of the protocol are generated: clients/sdk/wire.ts.
  'clients/sdk': { ours: ['protocol/chat-id.ts'], packages: ['node'] },
  // For backends: it knows Lambda's Invoke and nothing of a socket.
  'clients/server': {
    ours: ['store/aws-error.ts'],
    types: ['clients/sdk'],
    packages: ['node', '@aws-sdk/client-lambda'],
  },
  // What page and terminal show: neither knows anything of a screen.
  'clients/view': {
    ours: ['protocol/shown-text.ts', 'protocol/name-form.ts', 'clients/sdk'],
    packages: [],
  },
  // Hooks over the view; nothing of a screen either.
  'clients/react': { ours: ['clients/sdk', 'clients/view'], packages: ['react'] },
  'clients/terminal': {
    ours: ['cli', 'clients/sdk', 'clients/view'],
    types: [WIRE],
    packages: ['node', 'ink', 'react', 'string-width', 'ws'],
  },
  'clients/web': {
    ours: ['clients/sdk', 'clients/view'],
    types: [WIRE],
    packages: ['preact', '@tanstack/virtual-core', 'linkify-it', 'vite'],
  },
  // They speak through a socket, and count what the local cloud sees.
  'tools/harness': { ours: [] },
  'tools/load': { ours: ['cli', 'local', 'clients/sdk/timing.ts', 'tools/harness'] },
  'tools/cost': { ours: ['cli', 'local', 'tools/harness'] },
  // As an outsider's: of packages alone.
  'examples/app': {
    ours: [],
    packages: ['node', '@parley-chat/react', 'express', 'react', 'react-dom'],
  },
  // Each names its sources, and builds what is not a module.
  packages: { ours: ['**'] },
  'tools/pack': { ours: ['cli'] },
  examples: { ours: ['clients/sdk', 'clients/server'], packages: ['node', 'ws', 'web-push'] },
  'tools/bench': { ours: ['**'] },
  bin: { ours: ['**'] },
  'test/support': { ours: ['**'] },
  // What is tried through a socket works with any server that speaks the protocol.
  'test/e2e': { ours: ['test/support'] },
  test: { ours: ['**'] },
};

const names = Object.keys(layers).sort((one, other) => other.length - one.length);

/** The layer that a file is in. @throws Error if it is in none */
export function layerOf(path: string): string {
  const found = names.find((name) => path.startsWith(`${name}/`));
  if (found === undefined) throw new Error(`${path} is in no layer (test/architecture/layers.ts)`);
  return found;
}

interface Import {
  module: string;
  isType: boolean;
}

const STATEMENT =
  /^\s*(?:import\s+(?:(type\s)?[\w$*{},\s]+?\sfrom\s+)?|export\s+(type\s)?[\w$*{},\s]+?\sfrom\s+)['"]([^'"]+)['"]/gm;
const CALL = /\bimport\(\s*['"`]([^'"`]+)['"`]/g;

/** All that a source imports, in whatever form. */
export const importsOf = (code: string): Import[] => [
  ...[...code.matchAll(STATEMENT)].map(([, imported, exported, module = '']) => ({
    module,
    isType: (imported ?? exported) !== undefined,
  })),
  ...[...code.matchAll(CALL)].map(([, module = '']) => ({ module, isType: false })),
];

/** The imports of a file that its layer does not allow. */
export function refusedIn(path: string, code: string): string[] {
  const layer = layerOf(path);
  return importsOf(code).flatMap(({ module, isType }) =>
    isAllowed(path, layer, module, isType) ? [] : [module],
  );
}

function isAllowed(path: string, layer: string, module: string, isType: boolean): boolean {
  const { ours, types = [], packages } = layers[layer] as Layer;
  if (!module.startsWith('.')) return packages === undefined || packages.some((each) => isOf(each, module));
  const target = posix.join(posix.dirname(path), module);
  const theirs = layerOf(target);
  const known = isType ? [...ours, ...types] : ours;
  return theirs === layer || known.some((each) => isIn(each, target, theirs));
}

const isIn = (known: string, target: string, layer: string): boolean =>
  known.endsWith('**') ? target.startsWith(known.slice(0, -2)) : known === target || known === layer;

function isOf(known: string, module: string): boolean {
  if (module.startsWith('node:')) return known === 'node';
  return known.endsWith('*')
    ? module.startsWith(known.slice(0, -1))
    : module === known || module.startsWith(`${known}/`);
}
