import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** Options of one function. */
export interface RouteFunctionProps {
  /** The folder with the bundle. */
  code: string;
  description: string;
  /** Megabytes, which buy CPU in proportion: one vCPU at 1,769. */
  memory: number;
  timeout: Duration;
  /** Allows recursion: otherwise Lambda stops a chain of about 16 invocations and drops the event. */
  sendsToItself?: boolean;
  /** Reserved concurrency, which is also its maximum; absent, it shares the account's. */
  reserved?: number;
  retention: RetentionDays;
  environment: Readonly<Record<string, string>>;
}

/** A Lambda with its own role and log group. It may write that log, and what is granted to it. */
export class RouteFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly #rights = new PolicyDocument();

  constructor(
    scope: Construct,
    id: string,
    {
      code,
      description,
      memory,
      timeout,
      sendsToItself,
      reserved,
      retention,
      environment,
    }: RouteFunctionProps,
  ) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', { retention, removalPolicy: RemovalPolicy.DESTROY });
    // In the role, since a policy of its own would be a resource more: CloudFormation allows 500 in a stack.
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Rights: this.#rights },
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.function = new LambdaFunction(this, 'Function', {
      description,
      code: Code.fromAsset(code),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memory,
      timeout,
      recursiveLoop: sendsToItself ? RecursiveLoop.ALLOW : undefined,
      reservedConcurrentExecutions: reserved,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment,
    });
  }

  /** Grants single actions on single resources. */
  allow(actions: string[], resources: string[]): void {
    this.#rights.addStatements(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
  }
}
