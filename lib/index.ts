// What the package @parley-chat/cdk has.
export type { TableName } from '../lambdas/runtime/grants.ts';
export type { MetricName } from '../lambdas/runtime/metric-names.ts';
export { ConfigError, type StageName } from './config.ts';
export { Parley, type ParleyDomain, type ParleyProps } from './parley.ts';
export { Rate } from './rate.ts';
export type { ParleySettings } from './settings-props.ts';
