import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

// These replace the SDK's own hashes (6 KB) in bundles, which are for platforms without native ones.
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

/** The hash that signs requests; an HMAC if given a secret. */
export class Sha256 extends NativeHash {
  constructor(secret?: string | Uint8Array) {
    super(() => (secret ? createHmac('sha256', secret) : createHash('sha256')));
  }
}

/** The checksum that SQS returns for a message. */
export class Md5 extends NativeHash {
  constructor() {
    super(() => createHash('md5'));
  }
}
