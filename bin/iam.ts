import { context, parseOrExit, toggle } from '../cli/command.ts';
import { grantsOf } from '../local/iam.ts';
import { rightsTable } from '../local/rights.ts';
import { ensureAssembly } from '../local/synth.ts';
import { readTemplate } from '../local/template/read.ts';

const { values } = parseOrExit({
  name: 'npm run iam',
  about: 'Prints every permission of every function, as the template grants it.',
  flags: {
    context: context(),
    json: toggle('print JSON: one object for each function, action and resource'),
  },
});

const assembly = await ensureAssembly({ context: Object.fromEntries(values.context) });
const { functions } = readTemplate(assembly, 'http://localhost');
console.log(values.json ? JSON.stringify(grantsOf(functions), null, 2) : rightsTable(functions));
