import { type Grants, union } from './grants.ts';

/** What a use case gets from outside: made when the function starts, and the rights that it takes. */
export interface Port<T> {
  make(): T;
  grants: Partial<Grants>;
}

/** A port for each thing that a use case needs. */
export type PortsFor<P> = { [K in keyof P]: Port<P[K]> };

/** A function as it is deployed. */
export interface LambdaFunction<Handler> {
  grants: Grants;
  /** Reads the environment and makes the clients: once, while Lambda starts the function. */
  handler(): Handler;
}

/** A function with these ports. Nothing is made until its handler is. */
export const lambdaFunction = <P, Handler>(
  ports: PortsFor<P>,
  handlerWith: (ports: P) => Handler,
): LambdaFunction<Handler> => ({
  grants: union(Object.values<Port<unknown>>(ports).map(({ grants }) => grants)),
  handler: () => handlerWith(madeOf(ports)),
});

const madeOf = <P>(ports: PortsFor<P>): P =>
  Object.fromEntries(Object.entries<Port<unknown>>(ports).map(([name, port]) => [name, port.make()])) as P;
