/** A function's name, by its logical id, to which the CDK appends a hash: `SendMessageFunctionB1BE0BFA` is `SendMessage`. */
export const functionName = (id: string): string => id.replace(/(Function)?[0-9A-F]{8}$/, '');
