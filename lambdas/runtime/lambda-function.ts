import { type Grants, union } from './grants.ts';

/** A dependency of a use case: how to create it when the function starts, and the rights that it needs. */
export interface Port<T> {
  make(): T;
  grants: Partial<Grants>;
}

/** A provider for each port of a use case. */
export type PortsFor<P> = { [K in keyof P]: Port<P[K]> };

/** A deployed function. */
export interface LambdaFunction<Handler> {
  grants: Grants;
  /** Reads the environment and creates the clients, once, while Lambda starts the function. */
  handler(): Handler;
}

/** A function with these ports. Creates nothing before its handler is created. */
export const lambdaFunction = <P, Handler>(
  ports: PortsFor<P>,
  handlerWith: (ports: P) => Handler,
): LambdaFunction<Handler> => ({
  grants: union(Object.values<Port<unknown>>(ports).map(({ grants }) => grants)),
  handler: () => handlerWith(madeOf(ports)),
});

const madeOf = <P>(ports: PortsFor<P>): P =>
  Object.fromEntries(Object.entries<Port<unknown>>(ports).map(([name, port]) => [name, port.make()])) as P;
