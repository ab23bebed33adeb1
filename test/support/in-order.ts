import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, a quarter of a minute and more on two cores: begun last, each would keep one core alone at the end. */
const LONG = [
  'test/cloud/settings',
  'test/model/model',
  'test/chaos/chaos',
  'test/clients/sdk/exactly-once',
  'test/cloud/deployed',
  'test/e2e/identity',
  'test/e2e/authorisation',
  'test/cloud/authorisation',
  'test/cloud/cost',
  'test/clients/web/unsent',
  'test/clients/web/people',
  'test/local/faults',
  'test/clients/web/tokens',
  'test/cloud/dearest',
  'test/local/error-forms',
  'test/cloud/admin',
  'test/clients/web/names',
  'test/cloud/provider-ids',
  'test/cloud/identity-provider',
];

/** For vitest: projects in the order of its configuration, as they share workers only within themselves, and in each the longest files first. */
export default class InOrder extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const { projects, config } = this.ctx;
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const place = ({ project }: TestSpecification) => projects.indexOf(project);
    const rank = ({ moduleId }: TestSpecification) => {
      const file = relative(config.root, moduleId);
      const found = LONG.findIndex((name) => file.startsWith(`${name}.`));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(specs)).toSorted(
      (one, other) => group(one) - group(other) || place(one) - place(other) || rank(one) - rank(other),
    );
  }
}
