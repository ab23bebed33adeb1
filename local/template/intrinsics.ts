/** A template's value before it is resolved. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Resolves a template's references. */
export interface Scope {
  /** `Ref`: a pseudo parameter or a resource. */
  ref(name: string): Value;
  /** `Fn::GetAtt`. */
  attribute(resource: string, attribute: string): Value;
  condition(name: string): boolean;
}

type Intrinsic = (argument: Value, resolve: (value: Value) => Value, scope: Scope) => Value;

const list = (value: Value): Value[] => (Array.isArray(value) ? value : [value]);

/** The value of a property or element that `AWS::NoValue` removes. */
const NO_VALUE: Value = { Ref: 'AWS::NoValue' };

const isNoValue = (value: Value): boolean => value === NO_VALUE;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, _, scope) => (name === 'AWS::NoValue' ? NO_VALUE : scope.ref(String(name))),
  Condition: (name, _, scope) => scope.condition(String(name)),
  'Fn::GetAtt': (path, _, scope) => {
    const [resource = '', ...attribute] = Array.isArray(path) ? path.map(String) : String(path).split('.');
    return scope.attribute(resource, attribute.join('.'));
  },
  'Fn::Join': (argument, resolve) => {
    const [separator, parts] = list(argument);
    return list(resolve(parts ?? [])).join(String(separator));
  },
  'Fn::Sub': (argument, resolve, scope) => {
    const [text, variables] = list(argument);
    const own = (variables ?? {}) as Record<string, Value>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (whole, literal, name: string) => {
      if (literal) return whole.replace('!', '');
      if (name in own) return String(resolve(own[name] ?? null));
      const [resource = '', attribute] = name.split(/\.(.*)/);
      return String(attribute ? scope.attribute(resource, attribute) : scope.ref(name));
    });
  },
  'Fn::Select': (argument, resolve) => {
    const [index, from] = list(argument);
    return list(resolve(from ?? []))[Number(resolve(index ?? 0))] ?? null;
  },
  'Fn::Split': (argument, resolve) => {
    const [separator, text] = list(argument);
    return String(resolve(text ?? '')).split(String(separator));
  },
  'Fn::If': (argument, resolve, scope) => {
    const [condition, yes, no] = list(argument);
    return resolve((scope.condition(String(condition)) ? yes : no) ?? null);
  },
  'Fn::Equals': (argument, resolve) => {
    const [one, other] = list(resolve(argument));
    return JSON.stringify(one) === JSON.stringify(other);
  },
  'Fn::Not': (argument, resolve) => !list(argument).every((each) => resolve(each)),
  'Fn::And': (argument, resolve) => list(argument).every((each) => resolve(each)),
  'Fn::Or': (argument, resolve) => list(argument).some((each) => resolve(each)),
};

// `Condition` is an intrinsic function only with a string argument; in a policy it is an object.
const isIntrinsic = (key: string, argument: Value | undefined): boolean =>
  key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string');

/**
 * Resolves every intrinsic function in a value.
 * @throws Error for a function that the local cloud does not support
 */
export function resolve(value: Value, scope: Scope): Value {
  if (Array.isArray(value))
    return value.map((each) => resolve(each, scope)).filter((each) => !isNoValue(each));
  if (typeof value !== 'object' || value === null) return value;
  const [key, ...others] = Object.keys(value);
  if (key !== undefined && others.length === 0 && isIntrinsic(key, value[key])) {
    const intrinsic = intrinsics[key];
    if (intrinsic === undefined)
      throw new Error(`The local cloud does not support the intrinsic function ${key}`);
    return intrinsic(value[key] ?? null, (each) => resolve(each, scope), scope);
  }
  const entries = Object.entries(value).map(([name, each]) => [name, resolve(each, scope)] as const);
  return Object.fromEntries(entries.filter(([, each]) => !isNoValue(each)));
}
