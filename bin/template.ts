import { join, relative } from 'node:path';
import { called } from '../cli/called.ts';
import { context, run, text, UsageError } from '../cli/command.ts';
import { stackNameOf } from '../lib/stack-name.ts';
import { ensureAssembly } from '../local/synth.ts';
import { plainOf, writePlain } from '../local/template/plain.ts';

const command = {
  name: called('template'),
  about: `Writes the service as a template of CloudFormation, with the code of its functions beside it, for
\`aws cloudformation package\` and \`deploy\`. It needs neither the CDK nor its bootstrap stack.`,
  flags: {
    out: text('DIR', 'directory to write', 'cloudformation'),
    context: context('a setting, as in cdk deploy -c'),
  },
  notes: 'Everything but the page (web=true): the CDK has functions that copy its files.',
};

/** A path from here, as a shell takes it. */
function named(path: string): string {
  const name = relative('', path);
  return name.includes(' ') ? `"${name}"` : name;
}

await run(command, async ({ out, context }) => {
  const given = Object.fromEntries(context);
  if (given.web === 'true')
    throw new UsageError(
      '-c web=true: functions of the CDK copy the files of the page, which a plain template cannot have. Deploy it with the CDK, or leave it out.',
    );
  const assembly = await ensureAssembly({ context: given });
  const file = named(writePlain(plainOf(assembly), out));
  const packaged = named(join(out, 'packaged.json'));
  console.log(`Wrote ${file}. To deploy it, with a bucket of yours in the same region:

aws cloudformation package --template-file ${file} --s3-bucket BUCKET --use-json --output-template-file ${packaged}
aws cloudformation deploy --template-file ${packaged} --s3-bucket BUCKET --stack-name ${stackNameOf(given)} --capabilities CAPABILITY_IAM
`);
});
