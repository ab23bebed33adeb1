import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

// These stand in for the SDK's hashes in a bundle, which carries 6 KB of its own for machines without any.
class NativeHash {
  readonly #begin: () => Hash | Hmac;
  #hash: Hash | Hmac;

  constructor(begin: () => Hash | Hmac) {
    this.#begin = begin;
    this.#hash = begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
  }
}

/** What the SDK signs requests with: a hash, or with a secret an HMAC. */
export class Sha256 extends NativeHash {
  constructor(secret?: string | Uint8Array) {
    super(() => (secret ? createHmac('sha256', secret) : createHash('sha256')));
  }
}

/** What SQS says that it received. */
export class Md5 extends NativeHash {
  constructor() {
    super(() => createHash('md5'));
  }
}
